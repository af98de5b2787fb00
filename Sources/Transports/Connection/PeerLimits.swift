package import Patterns

/// What one peer may make this side hold, besides the messages of its queue. The defaults are far above what any
/// honest peer needs; a peer that goes beyond is disconnected with `DisconnectReason.limit`.
public struct PeerLimits: Equatable, Sendable {
    /// Distinct topics a subscriber may hold.
    public var subscriptionCount = 10_000_000
    /// The octets of those topics together.
    public var subscriptionByteCount = 1 << 30
    /// Subscription news and messages from subscribers that an XPUB's application has not taken yet, of all subscribers
    /// together.
    public var upstream = QueueLimit(messageCount: 10_000_000, byteCount: 1 << 30)
    /// Octets of commands and subscriptions that wait for a peer which does not read.
    public var controlByteCount = 1 << 30

    public init() {}

    package var subscriptions: SubscriptionLimit {
        SubscriptionLimit(topicCount: subscriptionCount, byteCount: subscriptionByteCount)
    }
}
