import DataPlane
import NIOCore
import Transports
import ZMTP

/// What PUB and XPUB share: sending to every subscriber whose subscription matches (RFC 29).
public class PublishingSocket: Socket, @unchecked Sendable {
    let core: PublishCore

    init(type: SocketType, options: SocketOptions, news: Mailbox?) {
        let home = options.eventLoop ?? SharedEventLoops.standard
        let core = PublishCore(home: home, options: options, news: news)
        self.core = core
        super.init(
            type: type,
            home: home,
            options: options,
            expectsBulkReads: false,
            handler: core,
            settle: { core.finish() }
        )
    }

    /// Queues a message for every subscriber it matches. Never waits: a subscriber's full queue is for the overflow
    /// policy to decide, and when the socket's own queue is full the message is refused. Both are counted.
    public func send(_ message: Message) {
        _ = core.send(message, isLast: true)
    }

    /// Queues a message unless the queue is full. With the `block` policy the queue is full while any subscriber's is.
    public func trySend(_ message: Message) -> SendOutcome {
        switch core.send(message, isLast: false) {
        case .queued, .queuedFirst: .queued
        case .full: .full
        case .closed: .closed
        }
    }

    /// Queues a message, waiting for room as long as needed; a cancelled task queues nothing.
    // Inlinable, so that a message there is room for costs no async call.
    @inlinable
    public func sendWaiting(_ message: Message) async throws(ZeroMQError) {
        if case .queued = trySend(message) { return }
        try await sendLater(message)
    }

    @usableFromInline
    func sendLater(_ message: Message) async throws(ZeroMQError) {
        while true {
            switch trySend(message) {
            case .queued: return
            case .closed: throw .closed
            case .full:
                guard await core.queue.waitForRoom(message.encoded.readableBytes) else {
                    throw Task.isCancelled ? .cancelled : .closed
                }
            }
        }
    }

    /// Whether `trySend` would queue a message now.
    public var isWritable: Bool { core.queue.isWritable }

    /// Messages `send` refused because the socket's own queue was full.
    public var refusedMessageCount: Int { core.queue.refusedMessageCount }

    /// How many subscribers are connected.
    public func subscriberCount() async -> Int {
        (try? await core.subscriberCount().get()) ?? 0
    }

    /// Messages that no subscription matched, so that they went nowhere.
    public func unmatchedMessageCount() async -> Int {
        (try? await core.countUnmatchedMessages().get()) ?? 0
    }

    /// Messages that were dropped for slow subscribers, those that left included.
    public func droppedMessageCount() async -> Int {
        (try? await core.droppedMessageCount().get()) ?? 0
    }
}

/// What became of a message that was offered without waiting.
public enum SendOutcome: Sendable {
    /// It is on its way.
    case queued
    /// Nothing was queued: the queue is full.
    case full
    case closed
}
