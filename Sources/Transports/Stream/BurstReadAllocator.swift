import NIOCore

/// The sizes of read buffers where many messages may come at once: small while there is little, since a connection keeps its buffer while it
/// is idle, and large from the first read that fills a small one on.
///
///     1 KiB ── a full read ──▶ 64 KiB ── a full read ──▶ 256 KiB
///       ▲                        │ ▲                        │
///       └── halved, when 8 reads in turn use an eighth ─────┘
///
/// It does not grow by steps: what a relay reads in small pieces it copies for each subscriber, and what it reads in large ones all of them
/// share.
struct BurstReadAllocator: RecvByteBufferAllocator {
    private(set) var byteCount: Int
    private var sparseReadCount = 0
    private let idleByteCount: Int

    init(idleByteCount: Int) {
        self.idleByteCount = idleByteCount
        byteCount = idleByteCount
    }

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        allocator.buffer(capacity: byteCount)
    }

    func nextBufferSize() -> Int? { byteCount }

    mutating func record(actualReadBytes: Int) -> Bool {
        if actualReadBytes >= byteCount {
            sparseReadCount = 0
            guard byteCount < Self.byteCountMax else { return false }
            byteCount = byteCount < Self.burstByteCount ? Self.burstByteCount : Self.byteCountMax
            return true
        }
        guard actualReadBytes <= byteCount / 8 else {
            sparseReadCount = 0
            return false
        }
        sparseReadCount += 1
        if sparseReadCount == Self.sparseReadCountMax {
            sparseReadCount = 0
            byteCount = max(idleByteCount, byteCount / 2)
        }
        return false
    }

    private static let burstByteCount = 64 << 10
    private static let byteCountMax = 256 << 10
    private static let sparseReadCountMax = 8
}
