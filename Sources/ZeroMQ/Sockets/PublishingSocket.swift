import DataPlane
import NIOCore
import Transports
import ZMTP

/// What PUB and XPUB share: sending to every subscriber whose subscription matches (RFC 29).
public class PublishingSocket: Socket, @unchecked Sendable {
    let core: PublishCore

    init(type: SocketType, options: SocketOptions) {
        let home = options.eventLoop ?? SharedEventLoops.standard
        core = PublishCore(type: type, home: home, options: options)
        super.init(core: core, options: options)
    }

    /// Queues a message for every subscriber it matches. Never waits: a subscriber's full queue is for the overflow
    /// policy to decide, and when the socket's own queue is full the message is refused. Both are counted.
    public func send(_ message: Message) {
        _ = core.tryAppend(message.encoded, isLast: true)
    }

    /// Queues a message unless the queue is full. With the `block` policy the queue is full while any subscriber's is.
    public func trySend(_ message: Message) -> SendOutcome {
        SendOutcome(core.tryAppend(message.encoded))
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
        try await core.append(message.encoded)
    }

    /// Whether `trySend` would queue a message now.
    public var isWritable: Bool { core.queue.isWritable }

    /// Messages `send` refused because the socket's own queue was full.
    public var refusedMessageCount: Int { core.queue.refusedMessageCount }

    /// Returns when messages that begin with `topic` reach at least `count` subscribers. What is published before a subscriber is there
    /// does not reach it, and connecting takes a while.
    ///
    ///     try await publisher.waitForSubscribers(3, to: "weather.")
    ///
    /// A relay or proxy is one subscriber, whoever is behind it.
    ///
    /// - Parameters:
    ///   - count: each subscriber counts once, however many topics it asks for.
    ///   - topic: what will be published; `nil` counts every subscriber that has any subscription.
    ///   - timeout: `nil` is without end.
    /// - Throws: `ZeroMQError`: `timedOut`, which says how many were there; `cancelled`; `closed`.
    public func waitForSubscribers(
        _ count: Int = 1,
        to topic: String? = nil,
        timeout: Duration? = nil
    ) async throws(ZeroMQError) {
        try await core.waitForSubscribers(
            count,
            topic: topic.map { Array($0.utf8) },
            timeout: timeout
        )
    }

    /// How many subscribers are connected.
    public func subscriberCount() async -> Int {
        (try? await core.subscriberCount().get()) ?? 0
    }

    /// Distinct topics that subscribers hold (`ZMQ_TOPICS_COUNT`).
    public func topicCount() async -> Int { (try? await core.countTopics().get()) ?? 0 }

    /// Messages that no subscription matched, so that they went nowhere.
    public func unmatchedMessageCount() async -> Int {
        (try? await core.countUnmatchedMessages().get()) ?? 0
    }

    /// Messages that were dropped for slow subscribers, including those that have left.
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
    /// Nothing was queued: the message has several frames, and those of this pattern have one (RFC 37 "thread-safe sockets").
    case multipart

    init(_ outcome: AppendOutcome) {
        switch outcome {
        case .queued: self = .queued
        case .full: self = .full
        case .closed: self = .closed
        case .multipart: self = .multipart
        case .unsupported: preconditionFailure("a socket type that sends has an outlet")
        }
    }
}
