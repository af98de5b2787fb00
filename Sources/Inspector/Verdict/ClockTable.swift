public import Dissection
import PGM

/// Times at which the same packets passed different taps: what offsets between clocks are estimated from.
///
/// Packets are recognised by what no hop changes: addresses, ports, numbers; not by checksums, which a sending host may leave
/// to its network card, nor by lengths, which it may leave to it too. Of all packets those with certain hashes are kept, the
/// same at all taps; when a tap has too many, fewer hashes are certain.
public final class ClockTable {
    struct Sample {
        var key: UInt64
        var nanoseconds: Int64
        /// Index into `routes`.
        var route: Int
    }

    /// From whom to whom a packet went.
    struct Route: Hashable {
        var source: IPAddress
        var destination: IPAddress
    }

    final class TapSamples {
        let tap: Tap
        var times: [UInt64: Sample] = [:]
        /// Keys of which so many low bits are zero are kept.
        var zeroBitCount = 0

        init(tap: Tap) { self.tap = tap }
    }

    private(set) var taps: [TapSamples] = []
    private(set) var routes: [Route] = []
    private var routeIndexes: [Route: Int] = [:]
    private var last: TapSamples?

    public init() {}

    public func handle(_ dissection: DissectedPacket) {
        switch dissection {
        case .tcp(let segment): handle(segment)
        case .udp(let datagram): handle(datagram)
        case .pgm(let pgm): handle(pgm.datagram, packet: pgm.packet.bytes)
        case .membership, .unread, .incomplete, .skipped: break
        }
    }

    public func handle(_ segment: TCPSegment) {
        // One segment at the sender may be several at the receiver: both begin with the same octet.
        let number =
            segment.payload.isEmpty ? segment.acknowledgement : segment.sequence
        let kind: UInt64 = segment.payload.isEmpty ? UInt64(segment.flags.rawValue) : 0x100
        handle(
            segment.datagram,
            UInt64(segment.sourcePort) << 48 | UInt64(segment.destinationPort) << 32
                | UInt64(number),
            kind
        )
    }

    public func handle(_ datagram: UDPDatagram) {
        let ports = UInt64(datagram.sourcePort) << 16 | UInt64(datagram.destinationPort)
        handle(datagram.datagram, Self.hash(datagram.payload), ports)
    }

    /// The key of a PGM packet, from the PGM header on, so that it is the same over UDP and over IP.
    public func handle(_ datagram: Datagram, packet: UnsafeRawBufferPointer) {
        handle(datagram, Self.hash(packet), 0x113)
    }

    private func handle(_ datagram: Datagram, _ identity: UInt64, _ kind: UInt64) {
        let source = datagram.source.low ^ datagram.source.high &* 31
        let destination = datagram.destination.low ^ datagram.destination.high &* 31
        var key = Self.mix(identity ^ kind &* Self.odd, source &+ destination &* Self.odd)
        key = Self.mix(key, Self.odd)
        let samples = samples(
            at: Tap(capture: datagram.capture, interface: datagram.interface)
        )
        guard key.trailingZeroBitCount >= samples.zeroBitCount else { return }
        // A copy, or a retransmission: the first time counts.
        guard samples.times[key] == nil else { return }
        let route = route(from: datagram.source, to: datagram.destination)
        samples.times[key] = Sample(
            key: key,
            nanoseconds: datagram.nanoseconds,
            route: route
        )
        if samples.times.count > Self.sampleCountMax { thin(samples) }
    }

    private func thin(_ samples: TapSamples) {
        samples.zeroBitCount += 1
        samples.times = samples.times.filter {
            $0.key.trailingZeroBitCount >= samples.zeroBitCount
        }
    }

    private func samples(at tap: Tap) -> TapSamples {
        if let last, last.tap == tap { return last }
        if let known = taps.first(where: { $0.tap == tap }) {
            last = known
            return known
        }
        let samples = TapSamples(tap: tap)
        taps.append(samples)
        last = samples
        return samples
    }

    private func route(from source: IPAddress, to destination: IPAddress) -> Int {
        let route = Route(source: source, destination: destination)
        if let index = routeIndexes[route] { return index }
        guard routes.count < Self.routeCountMax else { return -1 }
        routeIndexes[route] = routes.count
        routes.append(route)
        return routes.count - 1
    }

    /// A hash of the first octets and of how many there are.
    private static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash = UInt64(truncatingIfNeeded: bytes.count)
        var offset = 0
        while offset + 8 <= min(bytes.count, 64) {
            hash = mix(hash ^ bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self), odd)
            offset += 8
        }
        while offset < min(bytes.count, 64) {
            hash = mix(hash ^ UInt64(bytes[offset]), odd)
            offset += 1
        }
        return hash
    }

    private static func mix(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }

    private static let odd: UInt64 = 0x9E37_79B9_7F4A_7C15
    private static let sampleCountMax = 8192
    private static let routeCountMax = 4096
}
