public import Topology

/// How one segment takes part in one tree: what was decided, and why.
public struct IslandPlan: Codable, Equatable, Sendable {
    public enum Carriage: String, Codable, Sendable {
        /// The head sends once for all.
        case multicast
        /// Every relay has its own connection, as if there were no segment.
        case tcp
    }

    /// The segment's name.
    public var segment: String
    public var carriage: Carriage
    /// Why, for a person.
    public var reason: String
    /// The id of the node that sends to the group; `nil` on TCP. So are the next ones, or empty.
    public var head: String?
    /// Ids of the nodes that take their feed from the group; each is a child of the head.
    public var members: [String]
    /// Expected subscribers that join the group themselves.
    public var subscribers: Int
    public var transport: Topology.MulticastTransport?
    /// Such as `239.192.1.1:7500`; of this tree alone.
    public var group: String?
    /// What may be sent to the group, bit/s; `nil` = the transport's default.
    public var rateBps: Double?
    /// Of the head and the members; nodes that are not listed leave the choice to their system.
    public var interfaces: [Interface]

    public struct Interface: Codable, Equatable, Sendable {
        /// A node's id.
        public var node: String
        /// A name such as `eth1`, or an address.
        public var interface: String

        public init(node: String, interface: String) {
            self.node = node
            self.interface = interface
        }
    }

    public init(
        segment: String,
        carriage: Carriage,
        reason: String,
        head: String? = nil,
        members: [String] = [],
        subscribers: Int = 0,
        transport: Topology.MulticastTransport? = nil,
        group: String? = nil,
        rateBps: Double? = nil,
        interfaces: [Interface] = []
    ) {
        self.segment = segment
        self.carriage = carriage
        self.reason = reason
        self.head = head
        self.members = members
        self.subscribers = subscribers
        self.transport = transport
        self.group = group
        self.rateBps = rateBps
        self.interfaces = interfaces
    }

    /// What a node opens to send to the group or to hear it: `epgm://eth1;239.192.1.1:7500`; `nil` on TCP.
    public func endpoint(at node: String) -> String? {
        guard let transport, let group else { return nil }
        let interface = interfaces.first { $0.node == node }.map { "\($0.interface);" } ?? ""
        return "\(transport.rawValue)://\(interface)\(group)"
    }
}

/// Somebody outside of a tree whom a node connects to.
public struct FeedPlan: Codable, Equatable, Sendable {
    /// A node's id.
    public var node: String
    /// Such as `tcp://10.0.0.5:5556` or `epgm://eth1;239.192.9.1:7600`.
    public var endpoint: String

    public init(node: String, endpoint: String) {
        self.node = node
        self.endpoint = endpoint
    }
}

extension Network {
    /// Writes into a tree's plan what became of the segments.
    func addIslands(
        _ segments: [IslandSearch.Segment],
        of wish: Topology.Tree,
        to plan: inout TreePlan
    ) {
        plan.islands = segments.map { islandPlan($0, of: wish) }
        for case let island? in segments.map(\.island) {
            let members = Set(island.members.map { topology.nodes[$0].id })
            for position in plan.nodes.indices where members.contains(plan.nodes[position].id) {
                plan.nodes[position].segment = topology.segments[island.segment].name
            }
        }
    }

    /// What was decided, in the words of the topology.
    private func islandPlan(_ outcome: IslandSearch.Segment, of wish: Topology.Tree) -> IslandPlan {
        let segment = topology.segments[outcome.index]
        guard let island = outcome.island else {
            return IslandPlan(
                segment: segment.name,
                carriage: .tcp,
                reason: outcome.decision.reason,
                subscribers: segment.subscriberCount
            )
        }
        return islandPlan(island, of: wish, reason: outcome.decision.reason)
    }

    /// An island in the words of the topology.
    func islandPlan(_ island: Island, of wish: Topology.Tree, reason: String) -> IslandPlan {
        let segment = topology.segments[island.segment]
        var plan = IslandPlan(
            segment: segment.name,
            carriage: .multicast,
            reason: reason,
            subscribers: segment.subscriberCount
        )
        let number = topology.trees.firstIndex { $0.name == wish.name } ?? 0
        plan.head = topology.nodes[island.head].id
        plan.members = island.members.map { topology.nodes[$0].id }
        plan.transport = segment.transport
        plan.group = segment.group(ofTree: number, named: wish.name)
        plan.rateBps = segment.rateBitsPerSecond
        plan.interfaces = ([island.head] + island.members).compactMap { node in
            segment.interface(of: node).map {
                IslandPlan.Interface(node: topology.nodes[node].id, interface: $0)
            }
        }
        return plan
    }
}
