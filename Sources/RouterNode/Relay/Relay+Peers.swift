import DataPlane
import NIOCore
import Patterns
import Routing
import Transports
import ZMTP

/// Who comes and goes, and what they want; everything on the home loop.
extension Relay {
    func handleEstablished(_ connection: Connection, _ remote: RemotePeer, _ port: RelayPort) {
        // Whoever comes is told everything, and must not be told what is new in it a second time: counted twice it would
        // not be over with one cancellation.
        announce()
        switch port.kind {
        case .publishers: addPublisher(connection, remote)
        case .subscribers: addSubscriber(connection, remote)
        case .feed(let tree): addFeed(connection, remote, tree)
        case .uplink(let tree): addUplink(connection, tree)
        }
    }

    private func addPublisher(_ connection: Connection, _ remote: RemotePeer) {
        guard let link = readLink(remote, of: connection) else { return }
        let peer = RelayPeer(
            connection,
            role: link.tree == nil ? .publisher : .childUplink,
            tree: link.tree,
            node: link.node
        )
        addSource(peer)
        tell(connection, remote) { body in core.forEachDemand(of: link.tree, body) }
    }

    private func addSubscriber(_ connection: Connection, _ remote: RemotePeer) {
        guard let link = readLink(remote, of: connection) else { return }
        let group = link.tree.map(Self.group(of:)) ?? Self.plainGroup
        let id = fanOut.attach(connection, group: group)
        peers[connection.id] = RelayPeer(
            connection,
            role: link.tree == nil ? .subscriber : .childFeed,
            tree: link.tree,
            node: link.node,
            subscriber: id
        )
    }

    private func addFeed(_ connection: Connection, _ remote: RemotePeer, _ tree: TreeID) {
        addSource(
            RelayPeer(connection, role: .parentFeed, tree: tree, node: parentName(tree))
        )
        feeds[tree.rawValue] = connection
        tell(connection, remote) { body in core.forEachBranchTopic(of: tree, body) }
    }

    private func addSource(_ peer: RelayPeer) {
        peers[peer.connection.id] = peer
        sources[peer.connection.id] = peer
        applyGate(to: peer)
    }

    private func addUplink(_ connection: Connection, _ tree: TreeID) {
        peers[connection.id] = RelayPeer(
            connection,
            role: .parentUplink,
            tree: tree,
            node: parentName(tree)
        )
        uplinks[tree.rawValue] = connection
        core.handleParentConnected(tree)
        announce()
        updateReading()
        for feed in groupFeeds where feed.tree == tree && feed.sources.isEmpty {
            watchSilence(of: feed)
        }
        home.scheduleTask(in: Self.demandSettlingTime) {
            guard self.uplinks[tree.rawValue] === connection else { return }
            self.core.handleDemandSettled(tree)
            self.announce()
        }
    }

    private func parentName(_ tree: TreeID) -> String? {
        configuration.seats[tree.rawValue].parent?.name
    }

    /// Sends a whole set of subscriptions, outside of every queue limit.
    private func tell(
        _ connection: Connection,
        _ remote: RemotePeer,
        _ forEachTopic: ((UnsafeRawBufferPointer) -> Void) -> Void
    ) {
        var frames: [UInt8] = []
        forEachTopic { remote.subscriptionForm.append(topic: $0, isSubscribe: true, to: &frames) }
        connection.sendControl(frames)
    }

    /// Which tree a peer's connection is a link of; `nil` when it was refused and closed.
    private func readLink(
        _ remote: RemotePeer,
        of connection: Connection
    ) -> (tree: TreeID?, node: String?)? {
        guard let link = LinkProperties(remote) else { return (nil, nil) }
        guard let tree = core.tree(named: link.tree) else {
            refuse(
                connection,
                "node \(link.node) belongs to tree '\(LinkProperties.printable(link.tree))', which is not served here"
            )
            return nil
        }
        let ownRank = core.seat(tree).rank
        guard link.rank > ownRank else {
            refuse(
                connection,
                "node \(link.node) has rank \(link.rank) in tree '\(link.tree)' and cannot be a child of rank \(ownRank)"
            )
            return nil
        }
        return (tree, link.node)
    }

    private func refuse(_ connection: Connection, _ reason: String) {
        let farewell = Command.errorFrame(reason)
        let close: @Sendable () -> Void = {
            connection.close(.misbehaviour(reason), farewell: farewell)
        }
        // Now, where that is possible: what comes after the handshake is nobody's.
        if connection.loop === home { close() } else { connection.loop.execute(close) }
    }

    func handleClosed(_ connection: Connection) {
        guard let peer = peers.removeValue(forKey: connection.id) else { return }
        sources[connection.id] = nil
        if let subscriber = peer.subscriber {
            core.handleDeparture(of: subscriber)
            fanOut.detach(subscriber)
        }
        if let tree = peer.tree {
            if feeds[tree.rawValue] === connection { feeds[tree.rawValue] = nil }
            if uplinks[tree.rawValue] === connection { removeUplink(connection, tree) }
        }
        // A read that ends with the connection has no other end.
        flush()
    }

    private func removeUplink(_ connection: Connection, _ tree: TreeID) {
        uplinks[tree.rawValue] = nil
        traffic.orphanedMessageCount += connection.outbox.queuedMessageCount
        traffic.uplinkDroppedMessageCount += connection.outbox.counters.droppedMessageCount
        updateReading()
    }

    private static let demandSettlingTime = TimeAmount.seconds(2)
}

// MARK: - Interest

extension Relay {
    func handleSubscription(
        _ topic: UnsafeRawBufferPointer,
        isSubscribe: Bool,
        from connection: Connection
    ) {
        guard let peer = peers[connection.id], let subscriber = peer.subscriber else { return }
        if isSubscribe {
            core.handleSubscribe(topic, by: subscriber, in: peer.tree)
        } else {
            core.handleCancel(topic, by: subscriber, in: peer.tree)
        }
    }

    func handleUpstream(_ run: ByteBuffer, from connection: Connection) {
        guard let peer = peers[connection.id], let subscriber = peer.subscriber else { return }
        run.forEachUpstreamMessage { topic, isSubscribe in
            if isSubscribe {
                core.handleSubscribe(topic, by: subscriber, in: peer.tree)
            } else {
                core.handleCancel(topic, by: subscriber, in: peer.tree)
            }
        } onMessage: { _ in
            // An XSUB's own messages have nowhere to go in a tree.
            traffic.unroutableMessageCount += 1
        }
    }

    func handleDemand(_ topic: UnsafeRawBufferPointer, isSubscribe: Bool, in tree: TreeID) {
        core.handleDemand(topic, isSubscribe: isSubscribe, in: tree)
    }

    /// Tells parents and publishers what has changed since the last time.
    func announce() {
        guard core.hasAnnouncements else { return }
        var parents = AnnouncementRound()
        for case let feed? in feeds { parents.add(feed, of: peers[feed.id]?.tree) }
        var publishers = AnnouncementRound()
        for peer in peers.values where peer.isPublishing {
            publishers.add(peer.connection, of: peer.tree)
        }
        core.drainAnnouncements { tree, audience, topic, isSubscribe in
            switch audience {
            case .parent: parents.append(topic, isSubscribe: isSubscribe, in: tree)
            case .publishers: publishers.append(topic, isSubscribe: isSubscribe, in: tree)
            }
        }
        parents.send()
        publishers.send()
    }
}
