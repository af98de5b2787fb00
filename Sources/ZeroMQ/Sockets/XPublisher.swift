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

    /// Called on some event loop whenever news arrives after there was none; for front ends that poll.
    public func setReadableHandler(_ handler: (@Sendable () -> Void)?) {
        core.setReadableHandler(handler)
    }
}
