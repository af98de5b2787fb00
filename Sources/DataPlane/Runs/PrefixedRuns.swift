import NIOCore
import Wire

/// Runs with a first frame put before each of their messages, written into storages that are filled again.
///
///     storage   ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒│p│message│p│message│░░░░░░░░░░
///               earlier runs         ^ the run              end
struct PrefixedRuns {
    private var storage: ByteBuffer?
    /// Octets before belong to those who have the earlier runs.
    private var end = 0
    private var stock = ChunkStock(byteCount: Self.capacity)

    /// What `ByteBuffer.prepending` gives.
    mutating func run(
        _ messages: ByteBuffer,
        prepending frame: [UInt8],
        messageCount: Int
    ) -> ByteBuffer {
        let byteCount = messages.readableBytes + messageCount * frame.count
        guard byteCount <= Self.capacity else {
            return messages.prepending(frame, messageCount: messageCount)
        }
        if storage == nil || byteCount > Self.capacity - end {
            storage = stock.exchange(storage.take())
            end = 0
        }
        guard var run = storage else { preconditionFailure("there is a storage by now") }
        // Behind what others have: they share the storage, and none of these octets.
        run.withVeryUnsafeBytes { octets in
            let start = UnsafeMutableRawPointer(mutating: octets.baseAddress.unsafelyUnwrapped)
            messages.write(to: start.advanced(by: end), prepending: frame)
        }
        run.moveWriterIndex(to: end + byteCount)
        run.moveReaderIndex(to: end)
        end += byteCount
        return run
    }

    /// Nothing comes for now: one storage is enough.
    mutating func trim() { stock.trim() }

    private static let capacity = 2 * SendQueue.chunkByteCountMax
}
