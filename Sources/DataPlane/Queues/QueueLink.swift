import DequeModule
import NIOCore
import Synchronization
package import Transports

/// A way from the queue of one socket into the mailbox of another in the same process, with no event loop between.
///
///     offered ── the other end takes it ──▶ open ──┬──▶ ended, and `onEnd` is called once
///        └────── or declines it ───────────────────┘
///
///     append ─▶ SendQueue ◀── take, whoever receives ── Mailbox
///                   └── news, when it had found nothing ──▶
///
/// Offered by the sender's loop in the order of its stream, so that what went by the stream is there first. While a link is offered or open its
/// source is not taken from by anybody else. It ends at once, on any thread: what has not been taken is the source's again,
/// for the loop, after all that has been.
package final class QueueLink: StreamBypass {
    private struct Destination {
        var mailbox: Mailbox
        var peer: PeerID
    }

    let source: SendQueue
    private let rewrite: (@Sendable (SendQueue.Chunk) -> SendQueue.Chunk?)?
    private let onEnd: @Sendable (QueueLink) -> Void
    private let destination = Mutex<Destination?>(nil)
    private let isReceiverGone = Atomic(false)
    private let takenMessageCount = Atomic<Int>(0)
    private let takenByteCount = Atomic<Int>(0)

    /// `rewrite` gives what becomes of a chunk that is taken, under the lock of whose mailbox it is for; `nil`: nothing is left of it. `onEnd` is
    /// called once, on any thread, when the link has ended or was declined.
    package init(
        from source: SendQueue,
        rewrite: (@Sendable (SendQueue.Chunk) -> SendQueue.Chunk?)? = nil,
        onEnd: @escaping @Sendable (QueueLink) -> Void
    ) {
        self.source = source
        self.rewrite = rewrite
        self.onEnd = onEnd
    }

    /// What has gone by it.
    package var traffic: TrafficCount {
        TrafficCount(
            messageCount: takenMessageCount.load(ordering: .relaxed),
            byteCount: takenByteCount.load(ordering: .relaxed)
        )
    }

    /// Whether it has ended because the other socket closes, or its connection has: nothing is to be sent there any more.
    package var hasLostReceiver: Bool { isReceiverGone.load(ordering: .acquiring) }

    package func end() {
        let destination = destination.withLock { destination in
            defer { destination = nil }
            return destination
        }
        let isEnded =
            if let destination {
                destination.mailbox.detach(self, from: destination.peer)
            } else {
                source.detach(self)
            }
        if isEnded { onEnd(self) }
    }

    /// The receiver takes nothing more, from anybody.
    func endForGood() {
        isReceiverGone.store(true, ordering: .releasing)
        end()
    }

    package func advance() {
        guard let destination = destination.withLock({ $0 }) else { return }
        destination.mailbox.fill(from: self, destination.peer)
    }

    // MARK: For the mailbox, under its lock

    /// Lets the mailbox take from the source. `false`: the link has ended meanwhile.
    func open(to mailbox: Mailbox, as peer: PeerID) -> Bool {
        destination.withLock { $0 = Destination(mailbox: mailbox, peer: peer) }
        return source.open(self)
    }

    /// What the source has next. Nothing: there will be news of the next append.
    func take(into chunks: inout Deque<SendQueue.Chunk>, _ rooms: inout [SendQueue.Room]) {
        var hasMore = true
        // What was taken may all have been abandoned meanwhile.
        while chunks.isEmpty, hasMore {
            source.take(into: &chunks, &rooms)
            hasMore = !chunks.isEmpty
            guard let rewrite else { break }
            chunks = Deque(chunks.compactMap(rewrite))
        }
        for chunk in chunks {
            takenMessageCount.wrappingAdd(chunk.messageCount, ordering: .relaxed)
            takenByteCount.wrappingAdd(chunk.buffer.readableBytes, ordering: .relaxed)
        }
    }

    // MARK: For the source, outside of its lock

    /// There is something to take, after there was nothing.
    func handleNews() {
        guard let destination = destination.withLock({ $0 }) else { return }
        destination.mailbox.handleNews(of: self, from: destination.peer)
    }
}
