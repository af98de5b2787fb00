import DataPlane
import NIOCore
import Patterns
import Synchronization
import Transports
import Wire
import ZMTP

/// What PUB and XPUB share: subscribers, their subscriptions, and the way from `send` to the wire.
///
/// Confined to the home loop but for the send queue, which is the application's side.
final class PublishCore: @unchecked Sendable {
    let home: any EventLoop
    let queue: SendQueue
    private let fanOut: FanOut
    private let overflow: OverflowPolicy
    private let verbosity: SubscriptionVerbosity
    /// What an XPUB's application reads; `nil` for PUB.
    private let news: Mailbox?
    private var index = SubscriptionIndex()
    /// Messages that no subscription matched.
    private var unmatchedMessageCount = 0
    /// The groups that everything is sent to, whether anybody listens or not.
    var sources: [MulticastSource] = []
    /// Messages dropped by sources that are closed.
    var droppedByGone = 0
    let queueLimit: QueueLimit
    /// Who waits for the queue to be empty, under `close`.
    private var onSettled: [EventLoopPromise<Void>] = []

    init(home: any EventLoop, options: SocketOptions, news: Mailbox?) {
        self.home = home
        self.news = news
        overflow = options.overflow
        verbosity = options.verbosity
        queueLimit = options.queueLimit
        queue = SendQueue(limit: options.queueLimit)
        fanOut = FanOut(home: home)
        fanOut.setCongestionHandler { [weak self] in self?.handleCongestion() }
    }

    /// Queues one message. `isLast` tells that nobody offers it again: a full queue then counts it.
    func send(_ message: Message, isLast: Bool) -> SendQueue.Outcome {
        let outcome = queue.append(message.encoded, countRefused: isLast)
        if case .queuedFirst = outcome { home.execute { self.drain() } }
        return outcome
    }

    /// Takes no more messages; succeeds when everything queued is handed to the subscribers' outboxes.
    func finish() -> EventLoopFuture<Void> {
        queue.close()
        news?.close()
        return home.flatSubmit {
            let promise = self.home.makePromise(of: Void.self)
            self.onSettled.append(promise)
            self.settleIfEmpty()
            return promise.futureResult
        }
    }

    /// Of the subscribers there are and those that left.
    func droppedMessageCount() -> EventLoopFuture<Int> {
        home.flatSubmit { self.fanOut.counters() }
            .hop(to: home)
            .map { counters in
                self.sources.reduce(counters.droppedMessageCount + self.droppedByGone) {
                    $0 + $1.counters.droppedMessageCount
                }
            }
    }

    func countUnmatchedMessages() -> EventLoopFuture<Int> {
        home.submit { self.unmatchedMessageCount }
    }

    func subscriberCount() -> EventLoopFuture<Int> {
        home.submit { self.fanOut.subscriberCount }
    }

    private func drain() {
        guard let chunk = queue.take() else {
            // Nothing more for now: what does not fill a packet goes, too.
            for source in sources { source.flush() }
            return settleIfEmpty()
        }
        for source in sources {
            _ = source.append(chunk.buffer, messageCount: chunk.messageCount, policy: overflow)
        }
        let unmatchedCount = fanOut.distribute(
            chunk.buffer,
            messageCount: chunk.messageCount,
            by: &index,
            policy: overflow
        )
        // A group may have listeners that nobody knows of.
        if sources.isEmpty { unmatchedMessageCount += unmatchedCount }
        fanOut.flush()
        // Later, so that a fast sender does not keep the loop from its sockets.
        home.execute { self.drain() }
    }

    private func settleIfEmpty() {
        guard queue.isEmpty else { return }
        let settled = onSettled
        onSettled = []
        for promise in settled { promise.succeed() }
    }

    func handleCongestion() {
        let isCongested = fanOut.isCongested || sources.contains(where: \.wantsPause)
        if queue.setBlocked(isCongested) { home.execute { self.drain() } }
    }
}

// MARK: - From the connections

extension PublishCore: ConnectionHandler {
    func connectionDidEstablish(_ connection: Connection, peer: RemotePeer) {
        onHome(connection) { $0.attach(connection) }
    }

    func connection(_ connection: Connection, didReceive run: ByteBuffer, messageCount: Int) {
        onHome(connection) { $0.handleMessages(run, from: connection) }
    }

    func connection(_ connection: Connection, didReceive command: PeerCommand) {
        guard let (topic, isSubscribe) = command.subscription else { return }
        onHome(connection) { core in
            topic.withUnsafeReadableBytes {
                core.handleSubscription($0, isSubscribe: isSubscribe, from: connection)
            }
        }
    }

    func connectionDidEndRead(_ connection: Connection) {}

    func connectionDidDrain(_ connection: Connection) {
        guard connection.slot >= 0 else { return }
        fanOut.handleDrain(connection, id: SubscriberID(UInt32(connection.slot)))
    }

    func connectionDidClose(_ connection: Connection, reason: DisconnectReason) {
        onHome(connection) { $0.detach(connection) }
    }

    private func onHome(
        _ connection: Connection,
        _ body: @escaping @Sendable (PublishCore) -> Void
    ) {
        if connection.loop === home { body(self) } else { home.execute { body(self) } }
    }

    private func attach(_ connection: Connection) {
        connection.slot = Int(fanOut.attach(connection).rawValue)
    }

    private func detach(_ connection: Connection) {
        guard connection.slot >= 0 else { return }
        let id = SubscriberID(UInt32(connection.slot))
        connection.slot = -1
        index.removeSubscriber(id) { topic in report(.cancelled(topic: Array(topic))) }
        fanOut.detach(id)
    }

    /// Subscriptions of peers older than ZMTP 3.1 are messages whose first octet is 1 or 0 (RFC 29).
    private func handleMessages(_ run: ByteBuffer, from connection: Connection) {
        run.forEachUpstreamMessage { topic, isSubscribe in
            handleSubscription(topic, isSubscribe: isSubscribe, from: connection)
        } onMessage: { message in
            news?.append(message, messageCount: 1)
        }
    }

    private func handleSubscription(
        _ topic: UnsafeRawBufferPointer,
        isSubscribe: Bool,
        from connection: Connection
    ) {
        guard connection.slot >= 0 else { return }
        let id = SubscriberID(UInt32(connection.slot))
        if isSubscribe {
            let outcome = index.subscribe(topic, by: id)
            if outcome == .firstForTopic || verbosity != .changes {
                report(.subscribed(topic: Array(topic)))
            }
        } else {
            let outcome = index.cancel(topic, by: id)
            guard outcome != .notHeld else { return }
            if outcome == .lastForTopic || verbosity == .everything {
                report(.cancelled(topic: Array(topic)))
            }
        }
    }

    private func report(_ note: SubscriptionNews) {
        news?.append(note.encoded, messageCount: 1)
    }
}
