import NIOCore

/// Collects small messages until the event loop takes them or the chunk is full.
///
/// Written to by its address and not by the calls of `ByteBuffer`, because an append is on the path of every send: here it is one
/// `memcpy`.
struct OpenChunk: ~Copyable {
    /// Nobody else has it before it is taken. Made at the first append: a socket that never sends has none.
    private var storage = ByteBuffer()
    /// Where `storage` has its octets: they stay where they are, since it neither grows nor is shared.
    private var bytes: UnsafeMutableRawPointer?
    private var byteCount = 0

    /// Copies the octets. `false` when they do not fit, or when there are so many that sharing them is cheaper.
    mutating func append(_ message: ByteBuffer) -> Bool {
        message.withUnsafeReadableBytes { source in
            guard source.count <= Self.copiedByteCountMax,
                source.count <= Self.capacity - byteCount
            else { return false }
            guard let start = source.baseAddress else { return true }
            (bytes ?? open()).advanced(by: byteCount)
                .copyMemory(from: start, byteCount: source.count)
            byteCount += source.count
            return true
        }
    }

    /// Everything that was appended since the last time.
    mutating func take() -> ByteBuffer {
        guard let bytes, byteCount > 0 else { return ByteBuffer() }
        defer { byteCount = 0 }
        // Few octets are not to keep a whole chunk.
        guard byteCount > Self.capacity / 2 else {
            return ByteBuffer(bytes: UnsafeRawBufferPointer(start: bytes, count: byteCount))
        }
        var taken = ByteBuffer()
        swap(&taken, &storage)
        self.bytes = nil
        taken.moveWriterIndex(forwardBy: byteCount)
        return taken
    }

    private mutating func open() -> UnsafeMutableRawPointer {
        storage = ByteBufferAllocator().buffer(capacity: Self.capacity)
        guard let start = storage.withUnsafeMutableWritableBytes({ $0.baseAddress }) else {
            preconditionFailure("a buffer with a capacity has memory")
        }
        bytes = start
        return start
    }

    /// Larger messages are handed over as they are: two copies and the memory for them cost more than a chunk of its own.
    private static let copiedByteCountMax = 4 << 10
    private static let capacity = SendQueue.chunkByteCountMax
}
