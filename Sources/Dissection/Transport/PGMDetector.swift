import Vocabulary
import PGM

/// Finds PGM packets in UDP datagrams without being told the port.
///
/// ```
///                         forced or known destination?
///   header plausible ──┬── yes ──▶ PGM, whatever its checksum says; malformed ones are counted as such
///                      └── no ───▶ checksum valid ──▶ PGM, destination known from now on
///                                  none, or cut off ──▶ PGM if its fields leave no doubt
///                                  wrong ──▶ no PGM
/// ```
///
/// A stranger's datagram passes by chance once in some 10⁹: type, flags, lengths and sixteen bits of checksum all must fit.
struct PGMDetector {
    struct Destination: Hashable {
        var address: IPAddress
        var port: UInt16
    }

    enum Outcome {
        case pgm(PacketView, ChecksumState)
        case other
    }

    private var isForced: [Bool]
    private var known: Set<Destination> = []
    private var lastKnown: Destination?

    init(_ options: DissectorOptions) {
        isForced = [Bool](repeating: false, count: 1 << 16)
        for port in options.pgmPorts { isForced[Int(port)] = true }
    }

    mutating func examine(
        _ bytes: UnsafeRawBufferPointer,
        missingByteCount: Int,
        to address: IPAddress,
        port: UInt16
    ) -> Outcome {
        let destination = Destination(address: address, port: port)
        guard isPlausible(bytes) else {
            return .other
        }
        guard let packet = try? PacketView(bytes, missingByteCount: missingByteCount) else {
            return .other
        }
        let checksum = Self.checksum(of: packet, missingByteCount: missingByteCount)
        switch checksum {
        case .valid: remember(destination)
        case .invalid:
            guard isExpected(destination) else { return .other }
        case .absent, .unknown:
            guard isExpected(destination) || Self.isDoubtless(packet) else { return .other }
            remember(destination)
        }
        return .pgm(packet, checksum)
    }

    /// A destination that was found to carry PGM by other means.
    mutating func remember(address: IPAddress, port: UInt16) {
        remember(Destination(address: address, port: port))
    }

    /// Whatever goes there should be PGM.
    func isExpected(address: IPAddress, port: UInt16) -> Bool {
        isExpected(Destination(address: address, port: port))
    }

    static func checksum(of packet: PacketView, missingByteCount: Int) -> ChecksumState {
        guard packet.checksum != 0 else { return .absent }
        guard missingByteCount == 0 else { return .unknown }
        return packet.verifyChecksum() == .valid ? .valid : .invalid
    }

    /// The cheap look at what most strangers fail: length, version and type, bits that no sender sets.
    @inline(__always)
    private func isPlausible(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count >= PacketView.headerByteCount && bytes[4] <= 0x0D && bytes[5] & 0x3C == 0
    }

    /// Without a checksum the other fields must say it: numbers in order, reserved octets zero.
    private static func isDoubtless(_ packet: PacketView) -> Bool {
        guard packet.globalSourceID != 0, packet.sourcePort != 0, packet.destinationPort != 0 else {
            return false
        }
        switch packet.body {
        case .data(let fields):
            let depth = fields.sequence.distance(from: fields.trail)
            return packet.announcedPayloadByteCount > 0 && (0..<windowCountMax).contains(depth)
        case .spm(let fields):
            let depth = fields.lead.distance(from: fields.trail)
            return (-1..<windowCountMax).contains(depth) && !fields.path.isMulticast
        case .nak(let fields):
            return fields.group.isMulticast && !fields.source.isMulticast
        case .poll, .polr, .spmr, .ack: return false
        }
    }

    @inline(__always)
    private func isExpected(_ destination: Destination) -> Bool {
        destination == lastKnown || isForced[Int(destination.port)] || known.contains(destination)
    }

    @inline(__always)
    private mutating func remember(_ destination: Destination) {
        guard destination != lastKnown else { return }
        lastKnown = destination
        guard known.count < Self.knownCountMax else { return }
        known.insert(destination)
    }

    private static let knownCountMax = 65_536
    /// Larger than any window that a sender keeps.
    private static let windowCountMax = 1 << 24
}
