import DequeModule
import NIOCore

/// The storages of chunks that were filled before, to be filled again once nobody has them any more.
///
///     full ──▶ past, oldest first ──▶ free by now? ─ yes ─▶ the next one
///                                                  └ no ──▶ a new one, and one more is remembered from now on
///
/// What one thread frees and another allocates goes back to the kernel and comes anew, page by page, which costs more than filling it.
/// Only a storage that nobody else refers to is filled again: whoever keeps a message keeps its octets.
struct ChunkStock {
    private var past = Deque<ByteBuffer>()
    /// How many storages are likely to be in use at once.
    private var pastCountMax = 1
    private let byteCount: Int

    /// Of storages of that many octets.
    init(byteCount: Int) {
        self.byteCount = byteCount
    }

    /// An empty storage, for one that is full; `nil`: there was none yet.
    mutating func exchange(_ full: ByteBuffer?) -> ByteBuffer {
        if let full { past.append(full) }
        guard past.count > pastCountMax, var oldest = past.popFirst() else {
            return ByteBufferAllocator().buffer(capacity: byteCount)
        }
        let before = Self.address(of: oldest)
        // One that is still referred to is left to those who do, for another.
        oldest.clear()
        if Self.address(of: oldest) != before {
            pastCountMax = min(pastCountMax + 1, Self.countMax)
        }
        return oldest
    }

    /// There is nothing to do for now: one is enough.
    mutating func trim() {
        pastCountMax = 1
        while past.count > 1 { past.removeFirst() }
    }

    private static func address(of storage: ByteBuffer) -> UnsafeRawPointer? {
        storage.withVeryUnsafeBytes { $0.baseAddress }
    }

    private static let countMax = 16
}
