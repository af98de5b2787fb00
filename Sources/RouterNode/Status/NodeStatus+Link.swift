import DataPlane
import Routing
import Transports

extension NodeStatus {
    /// A relay's part in the numbered link of a tree (tree-link.md).
    public struct Link: Codable, Equatable, Sendable {
        /// `root`, or what the relay does without being it: `attached`, `seeking`.
        public var state: String
        /// The newest root that is known here, and its reign.
        public var root: String
        public var epoch: UInt64
        /// Of a root: who may follow it, and holds all that is acknowledged.
        public var standbys: [String]
        /// Through which everything is here that is wanted here.
        public var number: UInt64
        /// Messages and octets that are kept for relays that come back.
        public var ringMessages: UInt64
        public var ringBytes: Int
        /// Octets of own publishers' messages that could still be lost with other relays.
        public var unacknowledgedBytes: Int
        /// How often the parent was lost.
        public var failovers: Int
        /// Messages that could not be had any more: here, and at children that were slower than the ring is long.
        public var gapMessages: UInt64
        public var childGapMessages: UInt64
        /// Messages that died with the relay whose publishers had sent them.
        public var voidMessages: UInt64
        /// Messages of own publishers that found no room.
        public var refusedMessages: Int
        /// How often messages had to come again in another order.
        public var setBacks: Int
        /// Peers that broke the link's rules.
        public var faults: Int
    }
}

extension NodeStatus.Link {
    init(_ link: LinkedTree) {
        let (core, counters) = (link.core, link.news.counters)
        self.init(
            state: core.isRoot ? "root" : core.isAttached ? "attached" : "seeking",
            root: core.root.node,
            epoch: core.position.epoch,
            standbys: core.standbys,
            number: core.position.number,
            ringMessages: core.ringNumbers.map { $0.upperBound - $0.lowerBound + 1 } ?? 0,
            ringBytes: link.messages.ring.byteCount,
            unacknowledgedBytes: link.messages.own.byteCount,
            failovers: counters.failoverCount,
            gapMessages: counters.gapMessageCount,
            childGapMessages: counters.childGapMessageCount,
            voidMessages: counters.voidMessageCount,
            refusedMessages: counters.refusedMessageCount,
            setBacks: counters.setBackCount,
            faults: counters.faultCount
        )
    }
}

/// A connection of a tree link, and what it is there.
struct StatusLane: Sendable {
    var connection: Connection
    var role: String
    var node: String
    var tree: String

    static func all(of link: LinkedTree) -> [StatusLane] {
        func lane(_ lane: LinkLane?, _ role: String, _ node: String) -> StatusLane? {
            lane.map {
                StatusLane(
                    connection: $0.connection,
                    role: role,
                    node: node,
                    tree: link.seat.tree
                )
            }
        }
        let parents = link.parents.ids.flatMap { id in
            let node = link.parents.node(of: id) ?? ""
            return [
                lane(link.parents.feed(of: id), "parent-feed", node),
                lane(link.parents.uplink(of: id), "parent-uplink", node),
            ]
        }
        let children =
            link.children.feeds.values.map { lane($0.lane, "child-feed", $0.node) }
            + link.children.uplinks.values.map { lane($0.lane, "child-uplink", $0.node) }
        return (parents + children).compactMap(\.self)
    }
}

extension NodeStatus.Peer {
    init(_ lane: StatusLane) {
        self.init(
            id: lane.connection.id,
            role: lane.role,
            address: lane.connection.peerDescription,
            node: lane.node,
            tree: lane.tree,
            receivedMessages: 0,
            receivedBytes: 0,
            sentMessages: 0,
            sentBytes: 0,
            droppedMessages: 0,
            queuedMessages: 0,
            queuedBytes: 0,
            subscriptions: 0
        )
    }
}
