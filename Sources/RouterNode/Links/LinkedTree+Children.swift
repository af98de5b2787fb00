import DataPlane
import Logging
import NIOCore
import Routing
import Transports
import Vocabulary
import ZMTP

/// The connections of children, on the home loop.
extension LinkedTree {
    func handleFeed(_ connection: Connection, node: String) {
        let lane = LinkLane(connection, home: home)
        guard isRunning else { return Self.refuse(lane) }
        let id = ChildFeedID(connection.id)
        feeds[id] = Feed(lane: lane, node: node, child: interest.makeChild())
        relay.addLinkPeer(connection, .childFeed(tree), node: node)
        core.handleFeedOpened(id, node: node, at: .now)
        executeAndFlush()
    }

    func handleUplink(_ connection: Connection, node: String) {
        guard isRunning else { return connection.close(.closedHere) }
        let id = ChildUplinkID(connection.id)
        uplinks[id] = (LinkLane(connection, home: home), node)
        if holdsUplinks { connection.setReading(false) }
        relay.addLinkPeer(connection, .childUplink(tree), node: node)
        core.handleUplinkOpened(id, node: node, at: .now)
        executeAndFlush()
    }

    /// A relay whose own parent is plain has no numbers.
    static func refuse(_ lane: LinkLane) {
        let refusal = LinkCommand.refuse(LinkRefusal(.noNumbers))
        lane.send(LinkFrames(refusal.name, refusal.body))
        lane.ship {}
        lane.connection.loop.execute { lane.connection.finish(linger: .seconds(1)) }
    }

    /// A child's connection has ended. `false`: it is none of this tree's.
    func handleClosed(_ connection: Connection) -> Bool {
        let (feed, uplink) = (ChildFeedID(connection.id), ChildUplinkID(connection.id))
        relay.removeLinkPeer(connection)
        if feeds[feed] != nil {
            forgetFeed(feed)
            core.handleFeedLost(feed, at: .now)
        } else if uplinks.removeValue(forKey: uplink) != nil {
            core.handleUplinkLost(uplink, at: .now)
        } else {
            return false
        }
        executeAndFlush()
        return true
    }

    /// The core has done with the child: it hears what was said last.
    func closeFeed(_ id: ChildFeedID) {
        guard let lane = feeds[id]?.lane else { return }
        forgetFeed(id)
        lane.ship {}
        lane.connection.loop.execute { lane.connection.finish(linger: .seconds(1)) }
    }

    /// What came on a child's connection.
    func handle(_ input: Result<LinkInput, LinkFault>, on connection: Connection) {
        let (feed, uplink) = (ChildFeedID(connection.id), ChildUplinkID(connection.id))
        switch input {
        case .success(let input):
            if feeds[feed] != nil { handle(input, from: feed) }
            if uplinks[uplink] != nil { handle(input, from: uplink) }
        case .failure(let fault):
            counters.faultCount += 1
            logger.warning("tree '\(seat.tree)': a child broke the link's rules: \(fault)")
            connection.loop.execute { connection.close(.misbehaviour("\(fault)")) }
        }
    }

    /// A child's connection has taken more; so much waits there now.
    func handleDrain(_ connection: Connection, waitingByteCount: Int) {
        let lane =
            feeds[ChildFeedID(connection.id)]?.lane ?? uplinks[ChildUplinkID(connection.id)]?.lane
        lane?.handleDrain(waitingByteCount: waitingByteCount)
        handleTaken()
    }
}
