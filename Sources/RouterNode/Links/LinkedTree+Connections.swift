import DataPlane
import NIOCore
import Routing
import Transports
import ZMTP

/// The link's connections come and go, on the home loop.
extension LinkedTree {
    // MARK: - Above

    func dial(_ id: ParentLinkID, _ node: String) {
        parents.dial(id, node, self) { [weak self] reason in
            guard let self else { return }
            // Later: the core is in the middle of something.
            home.execute { self.lose(id, reason) }
        }
    }

    func handleEstablished(
        _ connection: Connection,
        _ peer: RemotePeer,
        of id: ParentLinkID,
        isFeed: Bool
    ) {
        switch parents.handleEstablished(connection, peer, of: id, isFeed: isFeed) {
        case .waiting: break
        case .opened:
            core.handleOpened(id, at: .now)
            executeAndFlush()
        case .lost(let reason):
            news.tell("no link to '\(parents.node(of: id) ?? "")': \(reason)")
            lose(id, reason)
        case .plain(let reason): fallBackToPlain(reason)
        }
    }

    /// One of the two connections is gone, or could not be made: so is the other.
    func lose(_ id: ParentLinkID, _ reason: String) {
        guard let node = parents.node(of: id) else { return }
        news.problem = "'\(node)': \(reason)"
        parents.close(id)
        core.handleLost(id, at: .now)
        executeAndFlush()
    }

    /// Something that no parent may say: nothing after it can be believed.
    func fail(_ id: ParentLinkID, _ problem: String) {
        news.tellFault(parents.node(of: id) ?? "the parent", problem)
        lose(id, problem)
    }

    // MARK: - Below

    func handleFeed(_ connection: Connection, node: String) {
        let lane = LinkLane(connection, home: home)
        guard isRunning else { return lane.refuse() }
        let id = ChildFeedID(connection.id)
        let child = messages.interest.makeChild()
        children.add(LinkChildren.Feed(lane: lane, node: node, child: child), as: id)
        relay.links.addPeer(connection, .childFeed(tree), node: node)
        core.handleFeedOpened(id, node: node, at: .now)
        executeAndFlush()
    }

    func handleUplink(_ connection: Connection, node: String) {
        guard isRunning else { return connection.close(.closedHere) }
        let id = ChildUplinkID(connection.id)
        let lane = LinkLane(connection, home: home)
        children.add(LinkChildren.Uplink(lane: lane, node: node), as: id)
        relay.links.addPeer(connection, .childUplink(tree), node: node)
        core.handleUplinkOpened(id, node: node, at: .now)
        executeAndFlush()
    }

    /// A child's connection has ended.
    func handleClosed(_ connection: Connection) {
        relay.links.removePeer(connection)
        let (feed, uplink) = (ChildFeedID(connection.id), ChildUplinkID(connection.id))
        if let closed = children.remove(feed) {
            messages.interest.remove(closed.child)
            core.handleFeedLost(feed, at: .now)
        } else if children.remove(uplink) != nil {
            core.handleUplinkLost(uplink, at: .now)
        }
        executeAndFlush()
    }

    /// The core has done with the child: it hears what was said last.
    func closeFeed(_ id: ChildFeedID) {
        guard let closed = children.remove(id) else { return }
        messages.interest.remove(closed.child)
        closed.lane.finish()
    }

    /// What came on a child's connection.
    func handle(_ input: Result<LinkInput, LinkFault>, on connection: Connection) {
        let (feed, uplink) = (ChildFeedID(connection.id), ChildUplinkID(connection.id))
        switch input {
        case .success(let input):
            if children.feeds[feed] != nil { handle(input, from: feed) }
            if children.uplinks[uplink] != nil { handle(input, from: uplink) }
        case .failure(let fault): fail(children.lane(of: connection.id), fault.description)
        }
    }

    func fail(_ lane: LinkLane?, _ problem: String) {
        news.tellFault("a child", problem)
        lane?.close(problem)
    }
}
