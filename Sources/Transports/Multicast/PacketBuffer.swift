import Vocabulary
import CDatagrams
import Glibc
import PGM

/// The memory that datagrams are received into, a batch at a time. All ports of an owner share one: a batch is handed over
/// before the next one is received.
final class PacketBuffer {
    private let slots: UnsafeMutableRawBufferPointer
    private let incoming: UnsafeMutableBufferPointer<xylem_incoming>

    init() {
        // Pages that no datagram reaches are never touched, and cost nothing.
        slots = .allocate(byteCount: Self.slotCount * Self.slotStride, alignment: 64)
        incoming = .allocate(capacity: Self.slotCount)
        incoming.initialize(repeating: xylem_incoming())
    }

    deinit {
        slots.deallocate()
        incoming.deallocate()
    }

    /// Receives what waits; gives how many slots are filled.
    func receive(from descriptor: CInt) -> Int {
        let count = xylem_receive(
            descriptor,
            slots.baseAddress,
            Self.slotStride,
            Self.slotByteCount,
            incoming.baseAddress,
            UInt32(Self.slotCount)
        )
        return max(0, Int(count))
    }

    struct Datagram {
        var bytes: UnsafeRawBufferPointer
        var sender: NetworkAddress
        /// The size of the datagrams that the kernel has joined; 0 = one.
        var segmentByteCount: Int
    }

    /// The datagram in a slot; `nil` if it was truncated.
    func datagram(_ index: Int) -> Datagram? {
        let byteCount = Int(incoming[index].byte_count)
        guard byteCount <= Self.slotByteCount else { return nil }
        let start = index * Self.slotStride
        let sender = withUnsafePointer(to: incoming[index].sender) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { NetworkAddress($0) }
        }
        guard let sender else { return nil }
        return Datagram(
            bytes: UnsafeRawBufferPointer(rebasing: slots[start..<start + byteCount]),
            sender: sender,
            segmentByteCount: Int(incoming[index].segment_byte_count)
        )
    }

    static let slotCount = Int(XYLEM_BATCH_COUNT_MAX)
    /// No datagram is larger, joined or not.
    static let slotByteCount = 64 << 10
    /// Slots a power of two apart would compete for the same lines of the cache.
    private static let slotStride = slotByteCount + 2_176
}
