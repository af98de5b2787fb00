/// What one subscription or cancellation changed, in the terms that a publisher's side acts on (RFC 29, RFC 37).
public enum InterestChange: Equatable, Sendable {
    /// The topic got its first subscription or lost its last: whoever is upstream must hear of it.
    case topic
    /// Somebody holds the topic as before, and only this subscriber's share in it has changed.
    case subscriber
    /// A subscription to what the subscriber holds already: nothing has changed.
    case repeated
    /// A cancellation of what the subscriber does not hold: nothing has changed.
    case none
    /// The subscriber now holds more than the limit allows; it is to be disconnected.
    case overLimit
}

/// How much one subscriber may hold in a `SubscriptionIndex`.
public struct SubscriptionLimit: Equatable, Sendable {
    /// Distinct topics.
    public var topicCount: Int
    /// The octets of those topics together.
    public var byteCount: Int

    public init(topicCount: Int = .max, byteCount: Int = .max) {
        self.topicCount = topicCount
        self.byteCount = byteCount
    }
}

extension SubscriptionIndex {
    /// Does what a subscriber asks for: the one rule of every publisher's side, be it a socket's or a relay's.
    public mutating func handle(
        _ topic: UnsafeRawBufferPointer,
        isSubscribe: Bool,
        by subscriber: SubscriberID,
        limit: SubscriptionLimit = SubscriptionLimit()
    ) -> InterestChange {
        guard isSubscribe else {
            switch cancel(topic, by: subscriber) {
            case .lastForTopic: return .topic
            case .lastForSubscriber: return .subscriber
            case .notHeld: return .none
            }
        }
        let outcome = subscribe(topic, by: subscriber)
        guard subscriptionCount(of: subscriber) <= limit.topicCount,
            topicByteCount(of: subscriber) <= limit.byteCount
        else { return .overLimit }
        return switch outcome {
        case .firstForTopic: .topic
        case .firstForSubscriber: .subscriber
        case .repeated: .repeated
        }
    }
}
