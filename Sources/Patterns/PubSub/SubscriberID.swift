/// A subscriber's slot, given by the owner of a `SubscriptionIndex`.
///
/// Slots are dense from zero and used again after `removeSubscriber`: memory grows with the largest
/// one ever used.
@frozen
public struct SubscriberID: Hashable, Sendable {
    public let rawValue: UInt32

    @inlinable
    public init(_ rawValue: UInt32) {
        self.rawValue = rawValue
    }
}

extension SubscriberID {
    /// Those of `all` who are not in `excluded`; both ascend.
    public static func difference(
        of all: [SubscriberID],
        without excluded: UnsafeBufferPointer<SubscriberID>
    ) -> [SubscriberID] {
        var rest: [SubscriberID] = []
        rest.reserveCapacity(all.count)
        var index = 0
        for id in all {
            while index < excluded.count, excluded[index].rawValue < id.rawValue { index += 1 }
            if index == excluded.count || excluded[index] != id { rest.append(id) }
        }
        return rest
    }
}

/// A topic in a `SubscriptionIndex` that at least one subscriber holds.
///
/// It keeps its id until its last subscriber goes; then the id may come to mean another topic.
@frozen
public struct TerminalID: Hashable, Sendable {
    public let rawValue: UInt32

    @inlinable
    public init(_ rawValue: UInt32) {
        self.rawValue = rawValue
    }
}

/// What a subscription changed.
public enum SubscribeOutcome: Sendable {
    /// Nobody held the topic before: announce it upstream.
    case firstForTopic
    /// Others hold the topic already; this subscriber is new to it.
    case firstForSubscriber
    /// This subscriber holds it already. Nothing changed.
    case repeated
}

/// What a cancelled subscription changed.
public enum CancelOutcome: Sendable {
    /// Nobody holds the topic any more: cancel it upstream.
    case lastForTopic
    /// This subscriber holds the topic no more; others do.
    case lastForSubscriber
    /// This subscriber does not hold the topic. Nothing changed.
    case notHeld
}
