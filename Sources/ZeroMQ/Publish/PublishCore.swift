import DataPlane
import Vocabulary
import NIOCore
import Patterns
import Transports
import Wire
import ZMTP

/// What PUB and XPUB share: subscribers, their subscriptions, and the path from `send` to the wire.
///
/// Confined to the home loop, where all its connections live; the two queues are the application's side.
final class PublishCore: SocketCore, @unchecked Sendable {
    let type: SocketType
    let home: any EventLoop
    let queue: SendQueue
    /// XPUB: subscription news and the messages that XSUBs send upstream; `nil` for PUB.
    let inbox: Mailbox?
    private let fanOut: FanOut
    private let overflow: OverflowPolicy
    /// Whether a lone subscriber that wants everything may take from the queue by itself: nobody here has to look at the messages, and none
    /// is dropped.
    private let allowsLinks: Bool
    private var link = OutletLink()
    /// Who came first of those that are here.
    private var firstSubscriber: Connection?
    private let verbosity: SubscriptionVerbosity
    let queueLimit: QueueLimit
    let behaviour: PublisherOptions
    var audience: Audience
    /// Of an XPUB whose application decides: what was asked for, and by whom.
    var requests: SubscriptionRequests
    /// Messages that no subscription matched.
    private var unmatchedMessageCount = 0
    private var limitDisconnectCount = 0
    var waits = SubscriberWaits()
    private(set) var isFinished = false
    /// The groups that everything is sent to, whether anybody listens or not.
    var sources: [MulticastSource] = []
    /// Messages dropped by sources that are closed.
    var droppedByGone = 0
    /// Promised to those who wait for the queue to be empty, under `finish`.
    private var onSettled: [EventLoopPromise<Void>] = []

    init(type: SocketType, home: any EventLoop, options: SocketOptions) {
        self.type = type
        self.home = home
        overflow = options.conflates ? .dropOldest : options.overflow
        behaviour = options.publish
        allowsLinks =
            overflow == .block && !options.invertsMatching && !options.publish.isManual
        let limit = options.peerLimits.subscriptions
        audience = Audience(limit: limit, inverts: options.invertsMatching)
        requests = SubscriptionRequests(limit: limit)
        verbosity = options.verbosity
        queueLimit = options.queueLimit
        queue = SendQueue(limit: options.queueLimit)
        // A topic's cancellation by one and its subscription by another must not change places. Where the application decides, each
        // subscriber's news is for itself.
        inbox =
            type == .xpub
            ? Mailbox(limit: options.peerLimits.upstream, keepsOrder: !behaviour.isManual) : nil
        fanOut = FanOut(home: home)
        fanOut.setCongestionHandler { [unowned self] in handleCongestion() }
    }

    var outlet: SendQueue? { queue }

    /// Subscriptions are all that comes.
    var expectsBulkReads: Bool { false }

    func finish() -> EventLoopFuture<Void> {
        queue.close()
        inbox?.close()
        return home.flatSubmit {
            self.isFinished = true
            self.endLink()
            self.waits.failAll(.closed)
            let promise = self.home.makePromise(of: Void.self)
            self.onSettled.append(promise)
            self.settleIfEmpty()
            return promise.futureResult
        }
    }

    func drainOutlet() {
        home.assertInEventLoop()
        guard !link.isOpen, !offerLink() else { return }
        // Large messages are chunks of their own; several make one write to each subscriber.
        var byteCount = 0
        for index in 0..<Self.chunkCountPerFlush where byteCount < SendQueue.chunkByteCountMax {
            guard let chunk = queue.take() else {
                if index > 0 { flush() }
                // Nothing more for now: what does not fill a packet goes, too.
                for source in sources { source.flush() }
                return settleIfEmpty()
            }
            distribute(chunk)
            byteCount += chunk.buffer.readableBytes
        }
        flush()
        // Later, so that a fast sender does not keep the loop from its sockets.
        home.execute { self.drainOutlet() }
    }

    private static let chunkCountPerFlush = 16

    func distribute(_ chunk: SendQueue.Chunk) {
        for source in sources {
            _ = source.append(chunk.buffer, messageCount: chunk.messageCount, policy: overflow)
        }
        let unmatchedCount = audience.distribute(chunk, through: fanOut, policy: overflow)
        // A group may have listeners that nobody knows of.
        if sources.isEmpty { unmatchedMessageCount += unmatchedCount }
    }

    /// Sends what was distributed.
    func flush() { fanOut.flush() }

    private func settleIfEmpty() {
        guard queue.isEmpty else { return }
        let settled = onSettled
        onSettled = []
        for promise in settled { promise.succeed() }
    }

    /// The only subscriber, when it wants everything.
    private func offerLink() -> Bool {
        guard allowsLinks, fanOut.subscriberCount == 1,
            let firstSubscriber, link.mayBeOffered(to: firstSubscriber),
            !isFinished, sources.isEmpty, audience.count(to: []) == 1
        else { return false }
        return link.offer(queue, to: firstSubscriber) { link in
            self.home.execute {
                if self.link.handleEnd(of: link) != nil { self.drainOutlet() }
            }
        }
    }

    /// Messages go by the loop again.
    func endLink() {
        if link.end() { home.execute { self.drainOutlet() } }
    }

    func handleCongestion() {
        home.assertInEventLoop()
        let isCongested = fanOut.isCongested || sources.contains(where: \.wantsPause)
        if queue.setBlocked(isCongested) { home.execute { self.drainOutlet() } }
    }
}

// MARK: - Counts

extension PublishCore {
    /// Totals over the subscribers, present and past.
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

    func countTopics() -> EventLoopFuture<Int> { home.submit { self.audience.topicCount } }

    func subscriberCount() -> EventLoopFuture<Int> {
        home.submit { self.fanOut.subscriberCount }
    }

    /// How many subscribers get a message that begins with the topic; `nil`: how many have any subscription.
    func subscriberCount(to topic: [UInt8]?) -> Int {
        home.assertInEventLoop()
        return audience.count(to: topic)
    }

    func countLimitDisconnects() -> EventLoopFuture<Int> {
        home.submit { self.limitDisconnectCount }
    }
}

// MARK: - From the connections

extension PublishCore: ConnectionHandler {
    func connectionDidEstablish(_ connection: Connection, peer: RemotePeer) {
        home.assertInEventLoop()
        endLink()
        let id = fanOut.attach(connection)
        if fanOut.subscriberCount == 1 { firstSubscriber = connection }
        connection.slot = Int(id.rawValue)
        audience.enter(id)
        if behaviour.isManual { requests.enter(PeerID(connection), as: id) }
        if let welcome = behaviour.welcomeMessage { connection.send(welcome.encoded) }
    }

    func connection(_ connection: Connection, didReceive run: ByteBuffer, messageCount: Int) {
        home.assertInEventLoop()
        run.forEachUpstreamMessage(readsEveryFrame: behaviour.readsEveryFrame) {
            topic,
            isSubscribe in
            handleSubscription(topic, isSubscribe: isSubscribe, from: connection)
        } onMessage: { message in
            offer(message, from: connection)
        }
    }

    func connection(_ connection: Connection, didReceive command: PeerCommand) {
        home.assertInEventLoop()
        guard let (topic, isSubscribe) = command.subscription else { return }
        topic.withUnsafeReadableBytes {
            handleSubscription($0, isSubscribe: isSubscribe, from: connection)
        }
    }

    func connectionDidEndRead(_ connection: Connection) {}

    func connectionDidDrain(_ connection: Connection) {
        guard connection.slot >= 0 else { return }
        fanOut.handleDrain(connection, id: SubscriberID(UInt32(connection.slot)))
    }

    func connectionDidClose(_ connection: Connection, reason: DisconnectReason) {
        home.assertInEventLoop()
        if case .limit = reason { limitDisconnectCount += 1 }
        guard connection.slot >= 0 else { return }
        endLink()
        link.handleDeparture()
        if firstSubscriber === connection { firstSubscriber = nil }
        let id = SubscriberID(UInt32(connection.slot))
        connection.slot = -1
        if behaviour.isManual { reportEnd(of: connection, id) }
        audience.remove(id) { topic in
            if !behaviour.isManual { reportCancellation(of: topic, by: connection) }
        }
        fanOut.detach(id)
    }

    private func handleSubscription(
        _ topic: UnsafeRawBufferPointer,
        isSubscribe: Bool,
        from connection: Connection
    ) {
        guard connection.slot >= 0 else { return }
        let id = SubscriberID(UInt32(connection.slot))
        guard !behaviour.isManual else {
            return handleRequest(topic, isSubscribe: isSubscribe, from: connection, id)
        }
        let change = audience.change(topic, isSubscribe: isSubscribe, by: id)
        if !isSubscribe { endLink() }
        settleWaits()
        switch change {
        case .topic: break
        case .subscriber, .repeated:
            guard verbosity == .everything || isSubscribe && verbosity == .everySubscription else {
                return
            }
        case .none: return
        case .overLimit: return connection.close(.limit(.subscriptions))
        }
        guard inbox != nil else { return }
        if isSubscribe {
            offer(SubscriptionNews.subscribed(topic: Array(topic)).encoded, from: connection)
        } else {
            reportCancellation(of: topic, by: connection)
        }
    }

    /// Whoever fills the mailbox of an application that takes nothing is sent away.
    func offer(_ message: ByteBuffer, from connection: Connection) {
        guard let inbox else { return }
        if !inbox.offer(message, messageCount: 1, from: PeerID(connection)) {
            connection.close(.limit(.upstream))
        }
    }

    /// Always taken: there are no more cancellations than there were subscriptions, and those were counted.
    private func reportCancellation(of topic: UnsafeRawBufferPointer, by connection: Connection) {
        guard let inbox else { return }
        let news = SubscriptionNews.cancelled(topic: Array(topic))
        inbox.append(news.encoded, messageCount: 1, from: PeerID(connection))
    }
}
