import DataPlane
import NIOCore
import Routing
import Transports
import Vocabulary
import ZMTP

/// The connections of one tree's link to relays above: two for each attempt, which live and die together.
///
/// Home loop only.
final class LinkParents: @unchecked Sendable {
    private struct Parent {
        var node: String
        var hubs: [ConnectionHub] = []
        var feed: LinkLane?
        var uplink: LinkLane?
    }

    /// What follows from a connection that stands.
    enum Establishment {
        case waiting
        /// Both are there.
        case opened
        case lost(String)
        /// The plan's parent speaks no link.
        case plain(String)
    }

    private unowned let relay: Relay
    private let seat: RelayConfiguration.Seat
    private let settings: TreeLinkSettings
    private let claim: Metadata
    private var parents: [ParentLinkID: Parent] = [:]

    init(
        _ relay: Relay,
        _ seat: RelayConfiguration.Seat,
        _ settings: TreeLinkSettings,
        incarnation: UInt64
    ) {
        self.relay = relay
        self.seat = seat
        self.settings = settings
        claim = LinkClaim(
            node: relay.configuration.name,
            tree: seat.tree,
            rank: seat.rank,
            plan: relay.configuration.planIdentity
        ).metadata.appendingLink(incarnation: incarnation)
    }

    func node(of id: ParentLinkID) -> String? { parents[id]?.node }

    func feed(of id: ParentLinkID) -> LinkLane? { parents[id]?.feed }

    func uplink(of id: ParentLinkID) -> LinkLane? { parents[id]?.uplink }

    /// The newest last.
    var ids: [ParentLinkID] { parents.keys.sorted { $0.rawValue < $1.rawValue } }

    var lanes: [LinkLane] {
        ids.flatMap { [parents[$0]?.feed, parents[$0]?.uplink].compactMap(\.self) }
    }

    /// Whether a way up takes no more.
    var isFull: Bool { parents.values.contains { $0.uplink?.isFull ?? false } }

    /// Dials both connections. `onFailure` says why there are none, and may be called more than once.
    func dial(
        _ id: ParentLinkID,
        _ node: String,
        _ tree: LinkedTree,
        onFailure: @escaping @Sendable (String) -> Void
    ) {
        parents[id] = Parent(node: node)
        guard let other = settings.relays.first(where: { $0.name == node }) else {
            return onFailure("the plan does not say where it is")
        }
        do {
            for isFeed in [true, false] {
                let hub = try relay.sockets.dialOnce(
                    isFeed ? other.subscribersEndpoint : other.publishersEndpoint,
                    as: isFeed ? .xsub : .xpub,
                    LinkPort(tree, id, isFeed: isFeed),
                    node: node,
                    metadata: claim,
                    heartbeat: settings.heartbeat
                ) { event in
                    if case .gaveUp(_, let reason) = event { onFailure(reason) }
                }
                parents[id]?.hubs.append(hub)
            }
        } catch {
            onFailure("\(error)")
        }
    }

    func handleEstablished(
        _ connection: Connection,
        _ peer: RemotePeer,
        of id: ParentLinkID,
        isFeed: Bool
    ) -> Establishment {
        guard let node = parents[id]?.node else {
            connection.close(.closedHere)
            return .waiting
        }
        if let theirs = PlanIdentity(peer), let ours = relay.configuration.planIdentity,
            theirs.id != ours.id
        {
            return .lost("it follows plan \(theirs), and this node plan \(ours)")
        }
        guard peer.linkVersion != nil else {
            let reason = "the parent '\(node)' does not speak the tree link"
            return node == seat.parent?.name ? .plain(reason) : .lost(reason)
        }
        let lane = LinkLane(connection, home: relay.home)
        if isFeed { parents[id]?.feed = lane } else { parents[id]?.uplink = lane }
        let tree = TreeID(relay.configuration.seats.firstIndex { $0.tree == seat.tree } ?? 0)
        let role: RelayPeer.Role = isFeed ? .parentFeed(tree) : .parentUplink(tree)
        relay.links.addPeer(connection, role, node: nil)
        return parents[id]?.feed != nil && parents[id]?.uplink != nil ? .opened : .waiting
    }

    func close(_ id: ParentLinkID) {
        guard let closed = parents.removeValue(forKey: id) else { return }
        for hub in closed.hubs { relay.sockets.closeLink(hub) }
        for lane in [closed.feed, closed.uplink].compactMap(\.self) {
            relay.links.removePeer(lane.connection)
        }
    }
}
