import DataPlane
import NIOCore
import Synchronization
import Transports
import ZMTP

/// XPUB: a PUB that also learns who subscribes to what (RFC 29).
public final class XPublisher: PublishingSocket, @unchecked Sendable {
    /// Whose news was received last.
    private let lastSubscriber = Mutex(PeerID.none)

    public init(options: SocketOptions = SocketOptions()) {
        super.init(type: .xpub, options: options)
    }

    /// The next piece of news, if there is one.
    public func tryReceive() -> SubscriptionNews? { core.tryTake().flatMap { news($0) } }

    /// The next piece of news: a subscription, a cancellation, or a message an XSUB sent upstream.
    public func receive() async throws(ZeroMQError) -> SubscriptionNews {
        let item = await core.inbox?.takeItem(wantsNotes: false).item
        guard let news = item.flatMap({ news($0) }) else {
            throw Task.isCancelled ? .cancelled : .closed
        }
        return news
    }

    /// The next piece of news; `nil` when there was none for as long as `timeout`.
    ///
    /// - Throws: `ZeroMQError`: `cancelled`, `closed`.
    public func receive(timeout: Duration) async throws(ZeroMQError) -> SubscriptionNews? {
        try await core.takeItem(within: timeout).flatMap { news($0) }
    }

    /// The next piece of news, and whose it is: who subscribed, cancelled, or sent it.
    ///
    ///     let (news, peer) = try await publisher.receiveWithPeer()
    ///     print(news, peer?.text("User-Id") ?? "somebody", peer?.text("Peer-Address") ?? "")
    ///
    /// Of subscribers to one topic the first one is told, and the last one that cancels it, unless `options.verbosity` asks for more.
    ///
    /// - Returns: `peer` is `nil` when the peer and 64 more after it have gone.
    /// - Throws: `ZeroMQError`: `cancelled`, `closed`.
    public func receiveWithPeer() async throws(ZeroMQError) -> (
        news: SubscriptionNews, peer: PeerProperties?
    ) {
        let item = await core.inbox?.takeItem(wantsNotes: false).item
        guard let item, let attributed = attributed(item) else {
            throw Task.isCancelled ? .cancelled : .closed
        }
        return attributed
    }

    /// The same, if there is news.
    public func tryReceiveWithPeer() -> (news: SubscriptionNews, peer: PeerProperties?)? {
        core.tryTake().flatMap { attributed($0) }
    }

    private func attributed(
        _ item: Mailbox.Item
    ) -> (news: SubscriptionNews, peer: PeerProperties?)? {
        guard case .message(_, let peer) = item, let news = news(item) else { return nil }
        return (news, directory.properties(of: peer))
    }

    func news(_ item: Mailbox.Item) -> SubscriptionNews? {
        guard case .message(let encoded, let peer) = item else { return nil }
        if core.behaviour.isManual { lastSubscriber.withLock { $0 = peer } }
        return SubscriptionNews(Message(encoded: encoded, from: peer))
    }

    /// All news until the socket is closed. Iterating twice means two consumers that share the news. Iterating keeps the socket open.
    ///
    ///     for await case .subscribed(let topic) in publisher.news { send(lastValue(of: topic)) }
    public var news: News { News(socket: self) }

    public struct News: AsyncSequence, Sendable {
        public typealias Failure = Never

        let socket: XPublisher

        public func makeAsyncIterator() -> Iterator { Iterator(socket: socket) }

        public struct Iterator: AsyncIteratorProtocol {
            let socket: XPublisher

            public mutating func next() async -> SubscriptionNews? { try? await socket.receive() }
        }
    }

    /// Called whenever news arrives after there was none, on some event loop, and at the close; for front ends that poll.
    public func setReadableHandler(_ handler: (@Sendable () -> Void)?) {
        core.setReadableHandler(handler)
    }
}

/// Where the application decides (`options.publish.isManual`).
///
///     while case .subscribed(let topic) = try await publisher.receive() {
///         if isPublic(topic) { try await publisher.grant(topic) }
///     }
extension XPublisher {
    /// Gives a topic to the subscriber whose news was received last: the one that it asked for, or another one.
    ///
    /// - Returns: `false` when the subscriber is gone.
    /// - Throws: `ZeroMQError`: `option` without `options.publish.isManual`; `closed`.
    @discardableResult
    public func grant(_ topic: [UInt8]) async throws(ZeroMQError) -> Bool {
        try await change(topic, isGrant: true)
    }

    /// Takes a topic back from the subscriber whose news was received last. A cancellation by itself takes nothing back.
    ///
    /// - Returns: `false` when the subscriber is gone.
    /// - Throws: `ZeroMQError`: `option` without `options.publish.isManual`; `closed`.
    @discardableResult
    public func revoke(_ topic: [UInt8]) async throws(ZeroMQError) -> Bool {
        try await change(topic, isGrant: false)
    }

    private func change(_ topic: [UInt8], isGrant: Bool) async throws(ZeroMQError) -> Bool {
        guard core.behaviour.isManual else {
            throw ZeroMQError(
                .option,
                "subscribers get what they ask for; set options.publish.isManual to decide that"
            )
        }
        let peer = lastSubscriber.withLock { $0 }
        do { return try await core.grant(topic, isGrant: isGrant, to: peer).get() } catch {
            throw ZeroMQError.wrap(error)
        }
    }
}
