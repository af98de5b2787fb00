import DataPlane
import Transports
import ZMTP

/// XPUB: a PUB that also learns who subscribes to what (RFC 29).
public final class XPublisher: PublishingSocket, @unchecked Sendable {
    public init(options: SocketOptions = SocketOptions()) {
        super.init(type: .xpub, options: options)
    }

    /// The next piece of news, if there is one.
    public func tryReceive() -> SubscriptionNews? {
        core.tryTake()?.message.map { SubscriptionNews(encoded: $0) }
    }

    /// The next piece of news: a subscription, a cancellation, or a message an XSUB sent upstream.
    public func receive() async throws(ZeroMQError) -> SubscriptionNews {
        guard let news = await core.inbox?.take() else {
            throw Task.isCancelled ? .cancelled : .closed
        }
        return SubscriptionNews(encoded: news)
    }

    /// The next piece of news; `nil` when there was none for as long as `timeout`.
    ///
    /// - Throws: `ZeroMQError`: `cancelled`, `closed`.
    public func receive(timeout: Duration) async throws(ZeroMQError) -> SubscriptionNews? {
        try await core.take(within: timeout).map { SubscriptionNews(encoded: $0) }
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

    /// Called on some event loop whenever news arrives after there was none; for front ends that poll.
    public func setReadableHandler(_ handler: (@Sendable () -> Void)?) {
        core.setReadableHandler(handler)
    }
}
