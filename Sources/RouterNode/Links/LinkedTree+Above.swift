import DataPlane
import Logging
import NIOCore
import Routing
import Transports
import ZMTP

/// The connections to relays above.
extension LinkedTree {
    func dial(_ id: ParentLinkID, _ node: String) {
        guard let other = settings.relays.first(where: { $0.name == node }) else {
            problem = "the plan does not say where '\(node)' is"
            // Not at once: the core is in the middle of something.
            return home.execute { self.lose(id) }
        }
        above[id] = Above(node: node)
        do {
            let feed = try dial(other.subscribersEndpoint, id, other, isFeed: true)
            above[id]?.hubs.append(feed)
            let uplink = try dial(other.publishersEndpoint, id, other, isFeed: false)
            above[id]?.hubs.append(uplink)
        } catch {
            problem = "\(error)"
            home.execute { self.lose(id) }
        }
    }

    private func dial(
        _ endpoint: String,
        _ id: ParentLinkID,
        _ other: RelayConfiguration.Parent,
        isFeed: Bool
    ) throws -> ConnectionHub {
        let claim = LinkClaim(
            node: relay.configuration.name,
            tree: seat.tree,
            rank: seat.rank,
            plan: relay.configuration.planIdentity
        )
        return try relay.sockets.dialOnce(
            endpoint,
            as: isFeed ? .xsub : .xpub,
            LinkPort(self, id, isFeed: isFeed),
            node: other.name,
            metadata: claim.metadata.appendingLink(incarnation: setup.incarnation),
            heartbeat: settings.heartbeat
        ) { [weak self] event in
            guard case .gaveUp(_, let reason) = event, let self else { return }
            home.execute { self.handleFailure(reason, of: id) }
        }
    }

    private func handleFailure(_ reason: String, of id: ParentLinkID) {
        guard let above = above[id] else { return }
        problem = "\(above.node): \(reason)"
        logger.debug("tree '\(seat.tree)': no link to \(above.node): \(reason)")
        lose(id)
    }

    // MARK: - From the connections, on the home loop

    func handleEstablished(
        _ connection: Connection,
        _ peer: RemotePeer,
        of id: ParentLinkID,
        isFeed: Bool
    ) {
        guard let node = above[id]?.node else {
            return connection.close(.closedHere)
        }
        if let other = PlanIdentity(peer), let ours = relay.configuration.planIdentity,
            other.id != ours.id
        {
            problem = "'\(node)' follows plan \(other), and this node plan \(ours)"
            logger.notice("tree '\(seat.tree)': \(problem ?? "")")
            return lose(id)
        }
        guard peer.linkVersion != nil else {
            guard node == seat.parent?.name else { return lose(id) }
            return fallBackToPlain("the parent '\(node)' does not speak the tree link")
        }
        let lane = LinkLane(connection, home: home)
        if isFeed { above[id]?.feed = lane } else { above[id]?.uplink = lane }
        relay.addLinkPeer(connection, isFeed ? .parentFeed(tree) : .parentUplink(tree), node: nil)
        guard above[id]?.feed != nil, above[id]?.uplink != nil else { return }
        core.handleOpened(id, at: .now)
        executeAndFlush()
    }

    /// One of the two connections is gone, or could not be made: so is the other.
    func lose(_ id: ParentLinkID) {
        closeAbove(id)
        core.handleLost(id, at: .now)
        executeAndFlush()
    }

    func closeAbove(_ id: ParentLinkID) {
        guard let closed = above.removeValue(forKey: id) else { return }
        // What was kept of it goes with it, unless it is about to be taken.
        for hub in closed.hubs { relay.sockets.closeLink(hub) }
        for lane in [closed.feed, closed.uplink] {
            if let lane { relay.removeLinkPeer(lane.connection) }
        }
    }

    // MARK: - News

    func handle(_ report: LinkReport) {
        switch report {
        case .gap(let numbers):
            counters.gapMessageCount += UInt64(numbers.count)
            logger.warning(
                "tree '\(seat.tree)': messages \(numbers.lowerBound) to \(numbers.upperBound) cannot be had any more"
            )
        case .childGap(let node, let numbers):
            counters.childGapMessageCount += UInt64(numbers.count)
            logger.warning(
                "tree '\(seat.tree)': child \(node) was slower than the ring is long: messages \(numbers.lowerBound) to \(numbers.upperBound) are lost to it"
            )
        case .setBack(let number):
            counters.setBackCount += 1
            logger.notice(
                "tree '\(seat.tree)': what was behind message \(number) comes again in another order"
            )
        case .void(let numbers):
            counters.voidMessageCount += UInt64(numbers.count)
            logger.warning(
                "tree '\(seat.tree)': messages \(numbers.lowerBound) to \(numbers.upperBound) died with the relay that had them"
            )
        case .attached(let node):
            problem = nil
            logger.info("tree '\(seat.tree)': attached to \(node)")
        case .lostParent(let node):
            counters.failoverCount += 1
            problem = "'\(node)' was lost"
            logger.notice("tree '\(seat.tree)': lost the parent \(node)")
        case .becameRoot(let epoch):
            problem = nil
            logger.notice("tree '\(seat.tree)': this node is the root now, in epoch \(epoch)")
        case .gaveUp(let nodes):
            logger.warning(
                "tree '\(seat.tree)': not heard of in time, and not waited for: \(nodes.joined(separator: ", "))"
            )
        case .refused(let node, let refusal):
            problem = "'\(node)' refuses: \(refusal.reason)"
            logger.info("tree '\(seat.tree)': \(problem ?? "")")
        case .fault(let fault):
            counters.faultCount += 1
            logger.warning("tree '\(seat.tree)': a peer broke the link's rules: \(fault)")
        case .originRefused(let origin):
            logger.warning(
                "tree '\(seat.tree)': messages of \(origin.node) are refused: there are too many origins"
            )
        }
    }
}
