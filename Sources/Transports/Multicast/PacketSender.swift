import CDatagrams
import Glibc

/// Hands datagrams to the kernel, and counts what it does not send.
struct PacketSender {
    /// What became of a send.
    enum Sent {
        case all
        /// The kernel has no room: the datagrams from that index on did not leave.
        case from(Int)
    }

    /// Negative while there is no socket.
    var descriptor: CInt = -1
    /// Whether the kernel cuts datagrams for us; it may turn out that it does not.
    private(set) var cutsSegments: Bool
    private var refusedPacketCount = 0
    private var lastRefusal = Refused.byKernel(0)

    private enum Refused {
        case byKernel(CInt)
        case withoutSocket
    }

    init(cutsSegments: Bool) {
        self.cutsSegments = cutsSegments
    }

    /// The packets that did not leave since the last call, and why the last of them did not.
    mutating func takeRefusals() -> (packetCount: Int, reason: String)? {
        guard refusedPacketCount > 0 else { return nil }
        defer { refusedPacketCount = 0 }
        switch lastRefusal {
        case .byKernel(let number): return (refusedPacketCount, String(cString: strerror(number)))
        case .withoutSocket: return (refusedPacketCount, "the socket has failed")
        }
    }

    /// Sends datagrams to one place. What the kernel refuses for another reason than want of room, and what finds no
    /// socket, is as good as lost on the way, and counted: PGM repairs it.
    mutating func send(_ datagrams: [xylem_outgoing], to target: KernelAddress) -> Sent {
        guard descriptor >= 0 else {
            for datagram in datagrams { refuse(datagram, .withoutSocket) }
            return .all
        }
        return datagrams.withUnsafeBufferPointer { all in
            var start = 0
            while start < all.count {
                let rest = UnsafeBufferPointer(rebasing: all[start...])
                let count = target.withPointer { address in
                    xylem_send(
                        descriptor,
                        address,
                        UInt32(target.byteCount),
                        rest.baseAddress,
                        UInt32(rest.count)
                    )
                }
                if count > 0 {
                    start += Int(count)
                    continue
                }
                switch -count {
                case EINTR: continue
                case EAGAIN, ENOBUFS, ENOMEM: return .from(start)
                case EINVAL where rest[0].segment_byte_count > 0,
                    EIO where rest[0].segment_byte_count > 0:
                    cutsSegments = false
                    if case .from = send(Self.segments(of: rest[0]), to: target) {
                        // Some of them may be sent twice: receivers know duplicates.
                        return .from(start)
                    }
                default: refuse(rest[0], .byKernel(-count))
                }
                start += 1
            }
            return .all
        }
    }

    /// Sends one packet to one place.
    mutating func send(_ packet: UnsafeRawBufferPointer, to target: KernelAddress) -> Sent {
        send(
            [
                xylem_outgoing(
                    bytes: packet.baseAddress,
                    byte_count: packet.count,
                    segment_byte_count: 0
                )
            ],
            to: target
        )
    }

    private mutating func refuse(_ datagram: xylem_outgoing, _ reason: Refused) {
        let segment = Int(datagram.segment_byte_count)
        refusedPacketCount += segment == 0 ? 1 : (datagram.byte_count + segment - 1) / segment
        lastRefusal = reason
    }

    /// Cuts by hand what the kernel does not cut.
    private static func segments(of datagram: xylem_outgoing) -> [xylem_outgoing] {
        guard let base = datagram.bytes else { return [] }
        let step = Int(datagram.segment_byte_count)
        return stride(from: 0, to: datagram.byte_count, by: step).map { offset in
            xylem_outgoing(
                bytes: base + offset,
                byte_count: min(step, datagram.byte_count - offset),
                segment_byte_count: 0
            )
        }
    }
}
