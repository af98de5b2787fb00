import NIOCore

/// Collects small messages until the event loop takes them or the chunk is full.
///
/// Plain memory and not a `ByteBuffer`, because an append is on the path of every send: here it is one `memcpy`.
struct OpenChunk: ~Copyable {
    /// Made at the first append: a socket that never sends has none.
    private var bytes: UnsafeMutableRawBufferPointer?
    private var byteCount = 0

    init() {}

    deinit {
        bytes?.deallocate()
    }

    /// Copies the octets. `false` when they do not fit, or when there are so many that sharing them is cheaper.
    mutating func append(_ message: ByteBuffer) -> Bool {
        message.withUnsafeReadableBytes { source in
            guard source.count <= Self.copiedByteCountMax,
                source.count <= Self.capacity - byteCount
            else { return false }
            let target = bytes ?? .allocate(byteCount: Self.capacity, alignment: 16)
            bytes = target
            UnsafeMutableRawBufferPointer(rebasing: target[byteCount...]).copyMemory(from: source)
            byteCount += source.count
            return true
        }
    }

    /// Everything that was appended since the last time.
    mutating func take() -> ByteBuffer {
        defer { byteCount = 0 }
        guard let bytes else { return ByteBuffer() }
        return ByteBuffer(bytes: UnsafeRawBufferPointer(rebasing: bytes[..<byteCount]))
    }

    /// Larger messages are handed over as they are.
    private static let copiedByteCountMax = 16 << 10
    /// Large enough for one good write, small enough to stay in the cache between the two threads.
    private static let capacity = 64 << 10
}
