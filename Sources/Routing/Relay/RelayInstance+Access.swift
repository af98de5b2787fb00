import Patterns
public import Vocabulary

/// Access lists: who may publish and subscribe what, and who may be a child.
extension RelayInstance {
    /// Whether there are lists, so that each message of a publisher must be looked at.
    public var hasAccessLists: Bool { access != nil }

    /// Which topics the peer may publish; `nil` = all.
    public func publishing(_ id: RelayPeer.ID) -> TopicVerdicts? {
        guard access != nil else { return nil }
        return access?.publishing(id)
    }

    /// What the lists have refused a peer; `nil` for one that they do not concern.
    public func refusals(of id: RelayPeer.ID) -> AccessRefusals? { access?.refusals(of: id) }

    /// Subscriptions that were refused so far, over all peers.
    public var refusedSubscriptionCount: Int { access?.refusedSubscriptionCount ?? 0 }

    /// Messages of a publisher are not to pass: they count as dropped.
    public mutating func handleForbidden(messageCount: Int, from id: RelayPeer.ID) {
        ledger.drop(messageCount, .notAllowed)
        access?.noteRefused(messageCount: messageCount, of: id)
    }

    /// The relay's own list has changed. Who is connected stays so; what is not allowed any more ends, and what was refused and
    /// now is allowed begins.
    public mutating func handleAccessList(_ list: AccessList) {
        guard var policy = access?.policy else { return }
        policy.node = list
        var changes: [(RelayPeer.ID, [UInt8], Bool)] = []
        access?.handlePolicy(policy) { changes.append(($0, Array($1), $2)) }
        for (id, topic, isAllowed) in changes {
            guard let subscriber = peers[id]?.subscriber, peers[id]?.isRefused == false else {
                continue
            }
            let isWithinLimit = topic.withUnsafeBytes {
                interest.handleSubscription(
                    $0,
                    isSubscribe: isAllowed,
                    by: subscriber,
                    in: peers[id]?.tree
                )
            }
            if !isWithinLimit { refuse(id, .tooManySubscriptions) }
        }
    }

    /// Whether a plain subscriber's wish is to count.
    mutating func admits(
        _ topic: UnsafeRawBufferPointer,
        isSubscribe: Bool,
        from id: RelayPeer.ID,
        as subscriber: SubscriberID
    ) -> Bool {
        let verdict = access?.handle(topic, isSubscribe: isSubscribe, from: id, as: subscriber)
        switch verdict {
        case .pass, nil: return true
        case .ignore: return false
        case .overLimit: refuse(id, .tooManySubscriptions)
        case .refuse: add(.report(.subscriptionRefused(id, topic: Array(topic.prefix(256)))))
        }
        return false
    }

    /// Whether whoever makes the claim is that node, as far as that is asked for.
    func isProven(_ claim: LinkClaim, in tree: TreeID, of peer: AccessList.Peer) -> Bool {
        if let key = setup.nodeKeys?[claim.node], key == peer.key { return true }
        if let access { return access.policy.mayBeRelay(peer, in: tree) }
        return setup.nodeKeys == nil
    }
}
