import NIOCore
import Transports
import Wire

/// Messages that consumers have taken out of the queue ahead, so that the next ones cost no look at what the event loop writes to.
///
///     loop ─▶ InboundQueue ── up to 64 messages of the only peer ──▶ AheadRun ─▶ one at a time
struct AheadRun {
    private(set) var messageCount = 0
    private(set) var peer = PeerID.none
    private var run = ByteBuffer()
    /// Of the consumers, where messages come by a link.
    var pace = TakePace()

    mutating func fill(_ run: ByteBuffer, messageCount: Int, from peer: PeerID) {
        self.run = run
        self.messageCount = messageCount
        self.peer = peer
    }

    mutating func popFirst() -> ByteBuffer? {
        guard messageCount > 0 else { return nil }
        messageCount -= 1
        guard messageCount > 0 else {
            // The last of a storage takes it away, so that the storage is free when its messages are.
            defer { run = ByteBuffer() }
            return run
        }
        let byteCount = run.withUnsafeReadableBytes {
            MessageWalker.byteCount(ofFirst: 1, in: $0)
        }
        return run.readSlice(length: byteCount)
    }

    /// All that is left.
    mutating func popAll() -> (run: ByteBuffer, messageCount: Int)? {
        guard messageCount > 0 else { return nil }
        defer {
            run = ByteBuffer()
            messageCount = 0
        }
        return (run, messageCount)
    }

    /// How much longer than one message a peer that comes meanwhile waits for its turn.
    static let messageCountMax = 64
}
