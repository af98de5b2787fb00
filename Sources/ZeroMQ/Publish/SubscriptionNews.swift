/// What an XPUB learns of its subscribers.
public enum SubscriptionNews: Equatable, Sendable {
    case subscribed(topic: [UInt8])
    case cancelled(topic: [UInt8])
    /// An XSUB sent a message upstream.
    case message(Message)
}
