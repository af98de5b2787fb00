import DataPlane
import Patterns
import Wire

/// What subscribers have asked for at an XPUB whose application decides what they get (`ZMQ_XPUB_MANUAL`). Confined to the publisher's loop.
struct SubscriptionRequests: ~Copyable {
    private var index = SubscriptionIndex()
    private let limit: SubscriptionLimit
    private var subscribers: [PeerID: SubscriberID] = [:]

    init(limit: SubscriptionLimit) {
        self.limit = limit
    }

    mutating func enter(_ peer: PeerID, as id: SubscriberID) {
        subscribers[peer] = id
    }

    /// Who that is, as long as it is connected.
    func subscriber(_ peer: PeerID) -> SubscriberID? { subscribers[peer] }

    mutating func handle(
        _ topic: UnsafeRawBufferPointer,
        isSubscribe: Bool,
        by id: SubscriberID
    ) -> InterestChange {
        index.handle(topic, isSubscribe: isSubscribe, by: id, limit: limit)
    }

    /// The subscriber is gone; `onTopic` is called with all that it had asked for.
    mutating func remove(
        _ peer: PeerID,
        _ id: SubscriberID,
        onTopic: (UnsafeRawBufferPointer) -> Void
    ) {
        subscribers[peer] = nil
        index.forEachTopic(of: id, onTopic)
        index.removeSubscriber(id) { _ in }
    }
}
