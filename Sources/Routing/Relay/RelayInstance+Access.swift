import Patterns
public import Vocabulary

/// Access lists: who may subscribe to what. What may be published is for the shell to ask of `access`, which has the messages.
extension RelayInstance {
    /// The relay's own list has changed. Who is connected stays so; what is not allowed any more ends, and what was refused and
    /// now is allowed begins.
    public mutating func handleAccessList(_ list: AccessList) {
        for wish in access?.handleList(list) ?? [] where peers[wish.peer]?.isRefused == false {
            wish.topic.withUnsafeBytes {
                hold($0, isSubscribe: wish.isAllowed, by: wish.subscriber, of: wish.peer)
            }
        }
    }

    /// Whether a subscriber's wish is to count.
    mutating func admits(
        _ topic: UnsafeRawBufferPointer,
        isSubscribe: Bool,
        from id: RelayPeer.ID,
        as subscriber: SubscriberID
    ) -> Bool {
        switch access?.handle(topic, isSubscribe: isSubscribe, from: id, as: subscriber) {
        case .pass, nil: return true
        case .ignore: break
        case .overLimit: refuse(id, .tooManySubscriptions)
        case .refuse: add(.report(.subscriptionRefused(id, topic: Array(topic.prefix(256)))))
        }
        return false
    }

    /// Changes what a subscriber or child holds; one that then holds too much is refused.
    mutating func hold(
        _ topic: UnsafeRawBufferPointer,
        isSubscribe: Bool,
        by subscriber: SubscriberID,
        of id: RelayPeer.ID
    ) {
        let isWithinLimit = interest.handleSubscription(
            topic,
            isSubscribe: isSubscribe,
            by: subscriber,
            in: peers[id]?.tree
        )
        if !isWithinLimit { refuse(id, .tooManySubscriptions) }
    }
}
