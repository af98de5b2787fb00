import NIOCore

/// Collects small messages until they are taken or the chunk is full.
///
///     storage   ▒▒▒▒▒▒▒▒▒▒▒▒████████░░░░░░░░░░
///               taken by    start   end      capacity
///               a link
///
/// Written to by its address and not by the calls of `ByteBuffer`, because an append is on the path of every send: here it is one
/// `memcpy`. The event loop takes the storage with its octets, or a copy of few octets. A link takes slices (`takeSlice`), and what is
/// appended later goes behind them into the same storage.
struct OpenChunk: ~Copyable {
    /// Made at the first append: a socket that never sends has none.
    private var storage = ByteBuffer()
    /// Where `storage` has its octets: they stay where they are, since it does not grow.
    private var bytes: UnsafeMutableRawPointer?
    /// Octets before belong to those who took them.
    private var start = 0
    private var end = 0
    private var stock = ChunkStock(byteCount: Self.capacity)

    /// Whether a message of that many octets is copied, if there is room for it.
    static func copies(_ byteCount: Int) -> Bool { byteCount <= copiedByteCountMax }

    /// Copies the octets. `false` when they do not fit, or when there are so many that sharing them is cheaper.
    mutating func append(_ message: ByteBuffer) -> Bool {
        message.withUnsafeReadableBytes { source in
            guard Self.copies(source.count) else { return false }
            guard let octets = source.baseAddress else { return true }
            if source.count > Self.capacity - end {
                guard start == end else { return false }
                refill()
            }
            (bytes ?? open()).advanced(by: end)
                .copyMemory(from: octets, byteCount: source.count)
            end += source.count
            return true
        }
    }

    /// Everything that was appended since the last time.
    mutating func take() -> ByteBuffer {
        guard let bytes, end > start else { return ByteBuffer() }
        // Few octets are not to keep a whole chunk.
        guard end - start > Self.capacity / 2 else {
            defer { end = start }
            return ByteBuffer(
                bytes: UnsafeRawBufferPointer(start: bytes.advanced(by: start), count: end - start)
            )
        }
        var taken = ByteBuffer()
        swap(&taken, &storage)
        self.bytes = nil
        taken.moveWriterIndex(to: end)
        taken.moveReaderIndex(to: start)
        start = 0
        end = 0
        return taken
    }

    /// The same for a link: nothing is copied, however little it is, and the storage is filled again once nobody has any of it.
    mutating func takeSlice() -> ByteBuffer {
        guard end > start else { return ByteBuffer() }
        var taken = storage
        taken.moveWriterIndex(to: end)
        taken.moveReaderIndex(to: start)
        start = end
        return taken
    }

    /// No link takes anything for now: one storage is enough.
    mutating func trim() { stock.trim() }

    private mutating func open() -> UnsafeMutableRawPointer {
        reset(ByteBufferAllocator().buffer(capacity: Self.capacity))
    }

    /// The storage is full, and all of it was taken in slices.
    private mutating func refill() {
        var full = ByteBuffer()
        swap(&full, &storage)
        _ = reset(stock.exchange(full))
    }

    private mutating func reset(_ empty: ByteBuffer) -> UnsafeMutableRawPointer {
        storage = empty
        guard let octets = storage.withUnsafeMutableWritableBytes({ $0.baseAddress }) else {
            preconditionFailure("a buffer with a capacity has memory")
        }
        bytes = octets
        start = 0
        end = 0
        return octets
    }

    /// Larger messages are handed over as they are: two copies and the memory for them cost more than a chunk of its own.
    private static let copiedByteCountMax = 4 << 10
    private static let capacity = SendQueue.chunkByteCountMax
}
