public import Patterns
public import Vocabulary
public import Wire

/// Who comes and goes, and what they want.
extension RelayInstance {
    /// A connection has been established; `peer` is who was accepted, as far as that is known.
    public mutating func handleConnected(
        _ id: RelayPeer.ID,
        _ arrival: Arrival,
        of peer: AccessList.Peer = AccessList.Peer(),
        at now: Instant
    ) {
        // Whoever comes is sent all there is, and need not be sent what is new in it a second time.
        announceChanges()
        switch arrival {
        case .publisher(let claim): addPublisher(id, claim, peer)
        case .subscriber(let claim): addSubscriber(id, claim, peer, at: now)
        case .treePublisher(let tree):
            add(RelayPeer(.treePublisher(tree)), as: id)
            add(.sendInterest(.demand(tree), id))
        case .treeSubscriber(let tree):
            add(RelayPeer(.treeSubscriber(tree)), as: id)
            add(.attach(id, .children(tree)))
        case .parent(let connection, let plan):
            if let (theirs, ours) = setup.otherPlan(plan) {
                let refusal = Refusal.parentOfOtherPlan(theirs: theirs, ours: ours)
                return add(.disconnect(id, refusal))
            }
            switch connection {
            case .feed(let tree):
                add(RelayPeer(.parentFeed(tree)), as: id)
                add(.sendInterest(.branch(tree), id))
            case .uplink(let tree): addUplink(id, tree, at: now)
            }
        }
    }

    private mutating func addPublisher(
        _ id: RelayPeer.ID,
        _ claim: LinkClaim?,
        _ peer: AccessList.Peer
    ) {
        guard let claim else {
            access?.add(id, peer)
            add(RelayPeer(.publisher), as: id)
            return add(.sendInterest(.demand(nil), id))
        }
        guard let tree = admit(claim, of: id, peer) else { return }
        add(RelayPeer(.childUplink(tree), node: claim.node), as: id)
        add(.sendInterest(.demand(tree), id))
    }

    private mutating func addSubscriber(
        _ id: RelayPeer.ID,
        _ claim: LinkClaim?,
        _ peer: AccessList.Peer,
        at now: Instant
    ) {
        guard let claim else {
            access?.add(id, peer)
            add(RelayPeer(.subscriber), as: id)
            return add(.attach(id, .subscribers))
        }
        guard let tree = admit(claim, of: id, peer) else { return }
        if let subscriber = resume(claim.node, in: tree, as: id, at: now) {
            var peer = RelayPeer(.childFeed(tree), node: claim.node)
            peer.subscriber = subscriber
            add(peer, as: id)
            return add(.resume(id, subscriber))
        }
        add(RelayPeer(.childFeed(tree), node: claim.node), as: id)
        add(.attach(id, .children(tree)))
    }

    /// The subscriber as which a child goes on: one that was away, or that has lost a connection which nobody has noticed yet.
    private mutating func resume(
        _ node: String,
        in tree: TreeID,
        as id: RelayPeer.ID,
        at now: Instant
    ) -> SubscriberID? {
        guard setup.seats[tree.rawValue].isBlocking else { return nil }
        if let old = peers.childFeed(of: node, in: tree) {
            handleDisconnected(old, at: now)
            add(.disconnect(old, .superseded(node: node)))
        }
        let settlesAt = now + setup.demandSettlingTime
        return absences.resume(node, in: tree, as: id, &interest, settlesAt: settlesAt)
    }

    private mutating func addUplink(_ id: RelayPeer.ID, _ tree: TreeID, at now: Instant) {
        add(RelayPeer(.parentUplink(tree)), as: id)
        interest.handleParentConnected(tree)
        demandSettlesAt[tree.rawValue] = now + setup.demandSettlingTime
        for number in groups.indices where groups[number].tree == tree {
            groups[number].awaitSource(until: now + setup.silenceMax)
        }
    }

    private mutating func add(_ peer: RelayPeer, as id: RelayPeer.ID) {
        peers.add(peer, as: id)
        updateGate(of: id)
    }

    /// The tree of a child's link; `nil` when it is refused.
    private mutating func admit(
        _ claim: LinkClaim,
        of id: RelayPeer.ID,
        _ peer: AccessList.Peer
    ) -> TreeID? {
        do throws(Refusal) {
            return try LinkGate(setup, access).tree(of: claim, from: peer)
        } catch {
            add(.disconnect(id, error))
            return nil
        }
    }

    /// The peer has its place in the fan-out.
    public mutating func handleAttached(_ id: RelayPeer.ID, as subscriber: SubscriberID) {
        peers.setSubscriber(subscriber, of: id)
    }

    /// The source of an island is open. It wants all of its tree, since a transmission to a group cannot be narrowed for one of
    /// those who hear it; `subscriber` is an id whose deliveries go nowhere.
    public mutating func handleIslandOpened(_ island: IslandID, as subscriber: SubscriberID) {
        interest.holdAll(of: setup.islands[island.rawValue], by: subscriber)
    }

    /// A connection is gone. One that was refused, or never known, is ignored.
    public mutating func handleDisconnected(_ id: RelayPeer.ID, at now: Instant) {
        guard let peer = peers.remove(id) else { return }
        absences.forget(id)
        access?.remove(id)
        if let news = absences.keepWaiting(for: peer, setup.seats, at: now) {
            add(.report(news))
        } else if let subscriber = peer.subscriber {
            interest.handleDeparture(of: subscriber)
            add(.detach(subscriber))
        }
        if case .parentUplink(let tree) = peer.role, peers[tree].uplink == nil {
            removeUplink(of: tree)
        }
    }

    /// The old demand stays until a new connection has said what is wanted now, so that publishers need not stop and start.
    private mutating func removeUplink(of tree: TreeID) {
        demandSettlesAt[tree.rawValue] = nil
        for number in groups.indices where groups[number].tree == tree {
            groups[number].stopAwaitingSource()
        }
    }

    /// A subscriber, a child or a parent subscribes to `topic`, or takes one subscription back. Nothing is announced before
    /// `nextDirective`.
    public mutating func handleSubscription(
        _ topic: UnsafeRawBufferPointer,
        isSubscribe: Bool,
        from id: RelayPeer.ID
    ) {
        guard let peer = peers[id], !peer.isRefused else { return }
        switch peer.role {
        case .subscriber, .treeSubscriber, .childFeed:
            guard let subscriber = peer.subscriber else { return }
            guard admits(topic, isSubscribe: isSubscribe, from: id, as: subscriber),
                !absences.isConfirmation(topic, isSubscribe: isSubscribe, from: id)
            else { return }
            hold(topic, isSubscribe: isSubscribe, by: subscriber, of: id)
        case .parentUplink(let tree):
            guard peers[tree].uplink == id else { return }
            interest.handleDemand(topic, isSubscribe: isSubscribe, in: tree)
        case .publisher, .treePublisher, .childUplink, .parentFeed:
            refuse(id, .subscriptionFromPublisher)
        }
    }

    /// What it wanted counts no more, though its end may take a while.
    mutating func refuse(_ id: RelayPeer.ID, _ refusal: Refusal) {
        access?.remove(id)
        if let subscriber = peers[id]?.subscriber { interest.handleDeparture(of: subscriber) }
        peers.refuse(id)
        add(.disconnect(id, refusal))
    }
}
