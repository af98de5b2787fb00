public import Vocabulary
public import Topology

/// The decisions for a topology: who relays to whom in every tree.
///
/// Deterministic: the same topology, options and seed give the same plan, and `PlanJSON` the same bytes.
public struct Plan: Codable, Equatable, Sendable {
    /// The topology's name.
    public var name: String
    /// The operator's count of plans for this topology: the higher, the newer.
    public var epoch: Int
    /// All nodes in file order, with what a relay needs to start.
    public var nodes: [PlanNode]
    public var trees: [TreePlan]
    /// Where connections must be CURVE's.
    public var security = SecurityProfile.none
    /// What an importer took from the topology's file and changed on the way in, one sentence each.
    public var notes: [String]

    public init(
        name: String,
        epoch: Int = 1,
        nodes: [PlanNode],
        trees: [TreePlan],
        notes: [String] = []
    ) {
        self.name = name
        self.epoch = epoch
        self.nodes = nodes
        self.trees = trees
        self.notes = notes
    }
}

/// One relay: its endpoints and policy, the same for all trees.
public struct PlanNode: Codable, Equatable, Sendable {
    public var id: String
    public var label: String
    /// Where others connect, such as `tcp://10.0.0.1:6001`; `nil` = chosen at start. So are the next two.
    public var publishersEndpoint: String?
    public var subscribersEndpoint: String?
    /// `host:port`.
    public var controlEndpoint: String?
    /// Where the node itself binds, when that is not what others connect to.
    public var bind: Topology.BindEndpoints
    /// What to do with a slow subscriber; `nil` = the tree's policy.
    public var overflow: OverflowPolicy?
    /// How long a peer may take nothing; `nil` = as the tree says.
    public var stall: StallTimeout?
    public var region: String?
    /// Where subscribers may also come by WebSocket; `nil` = nowhere.
    public var websocket: String?
    /// The node's public key, as Z85; `nil` = it has none.
    public var key: String?
    /// Which clients' keys it lets in; `nil` = as its command says.
    public var allow: AllowedKeys?
    /// Who may publish and subscribe what at this node; `nil` = everybody everything.
    public var access: AccessList?

    public init(
        id: String,
        label: String,
        publishersEndpoint: String? = nil,
        subscribersEndpoint: String? = nil,
        controlEndpoint: String? = nil,
        bind: Topology.BindEndpoints = Topology.BindEndpoints(),
        overflow: OverflowPolicy? = nil,
        stall: StallTimeout? = nil,
        region: String? = nil
    ) {
        self.id = id
        self.label = label
        self.publishersEndpoint = publishersEndpoint
        self.subscribersEndpoint = subscribersEndpoint
        self.controlEndpoint = controlEndpoint
        self.bind = bind
        self.overflow = overflow
        self.stall = stall
        self.region = region
    }

    /// Where the node binds; `nil` = chosen at start. So are the next two.
    public var publishersBind: String? { bind.publishers ?? publishersEndpoint }
    public var subscribersBind: String? { bind.subscribers ?? subscribersEndpoint }
    /// `host:port`.
    public var controlBind: String? { bind.control ?? controlEndpoint }

    init(_ node: Topology.Node) {
        self.init(
            id: node.id,
            label: node.label,
            publishersEndpoint: node.publishersEndpoint,
            subscribersEndpoint: node.subscribersEndpoint,
            controlEndpoint: node.controlEndpoint,
            bind: node.bind,
            overflow: node.overflow,
            stall: node.stall,
            region: node.region
        )
        access = node.access
        allow = node.allow
        websocket = node.websocket
    }
}

/// One multicast tree: its parameters, what it achieves, and every node's place in it.
public struct TreePlan: Codable, Equatable, Sendable {
    public var name: String
    /// Topic prefixes this tree carries; `[""]` = everything.
    public var topics: [String]
    /// What to do with slow subscribers; `nil` = the relay's default.
    public var overflow: OverflowPolicy?
    /// How long a peer may take nothing; `nil` = the relay's default.
    public var stall: StallTimeout?
    /// Who may publish and subscribe what of this tree; `nil` = everybody everything.
    public var access: AccessList?
    /// The id of the root.
    public var root: String
    public var mode: Topology.Mode
    public var objective: Topology.Objective
    /// The most children of any node; `nil` = unlimited.
    public var fanOut: Int?
    /// Forwarding cost of one relay, charged for every tree edge.
    public var hopDelayMs: Double
    /// The delay of the farthest node.
    public var radiusMs: Double
    /// The mean delay over all nodes but the root, weighted by expected subscribers.
    public var meanMs: Double
    /// No tree under these parameters has a smaller radius (objectives radius and cost) or mean (objective mean).
    public var lowerBoundMs: Double
    /// Objective ÷ lower bound − 1; 0 = certainly optimal.
    public var gap: Double
    public var seed: UInt64
    /// All nodes in file order.
    public var nodes: [TreeNode]
    /// What was decided for each multicast segment, in file order.
    public var islands: [IslandPlan]
    /// Publishers outside of the tree, groups and bound sockets, whose messages nodes take in.
    public var feeds: [FeedPlan]
    /// Subscribers outside of the tree, bound sockets, whom nodes serve.
    public var sinks: [FeedPlan]
    /// Why the mode was chosen, a clause; `nil` = it was told. So is the next one.
    public var modeReason: String?
    public var fanOutReason: String?
    /// What the links cost that a message crosses on its way to every node; `nil` for networks too large to say.
    public var cost: Double?
    /// `cost`, the links' own, or `km` for links whose costs are all the same.
    public var costUnit: String?
    /// Objective cost: no tree of these links costs less.
    public var lowerBoundCost: Double?
    /// Objective cost: how late nodes may be, `2` times the least delay or `80ms`.
    public var delayBound: String?
    /// What the other objectives would give; empty when nobody asked.
    public var alternatives: [Alternative] = []
    /// Ids of children of the root, in the order in which they become the root when it dies; ranks from 1 on.
    public var standbys: [String] = []
    /// Nodes for which no place is kept for the day their parent dies, by rank. Every other node finds one at once by its
    /// `backups`, within all limits, whoever else comes there; only the first standby has none, and becomes the root.
    public var unprotected: [Unprotected] = []

    /// Ids of pass-through nodes that the tree does not need, in file order. They have no place in it.
    public var leftOut: [String] = []

    /// The second of two trees; `nil` = there is one tree.
    public var redundancy: RedundancyPlan?
    /// What was done for regions; `nil` = nothing was asked.
    public var regions: RegionPlan?

    /// A node without a place of its own when its parent dies.
    public struct Unprotected: Codable, Equatable, Sendable {
        public var node: String
        public var parent: String
        public var reason: Reason

        public enum Reason: String, Codable, Sendable {
            /// Nobody follows its parent, the root.
            case noStandby = "no-standby"
            /// Mode link: all its links lead to its parent and to nodes below itself.
            case noOtherLink = "no-other-link"
            /// Mode link: no link leads to a node of lower rank that its parent does not feed.
            case noEarlierNeighbour = "no-earlier-neighbour"
            /// No node of lower rank that it may connect to has room for one more child.
            case noRoom = "no-room"
        }

        public init(node: String, parent: String, reason: Reason) {
            self.node = node
            self.parent = parent
            self.reason = reason
        }
    }

    /// The figures of a tree for another objective.
    public struct Alternative: Codable, Equatable, Sendable {
        public var objective: Topology.Objective
        public var radiusMs: Double
        public var meanMs: Double
        public var cost: Double?

        public init(_ plan: TreePlan) {
            objective = plan.objective
            radiusMs = plan.radiusMs
            meanMs = plan.meanMs
            cost = plan.cost
        }
    }

    /// A node's place in the tree.
    public struct TreeNode: Codable, Equatable, Sendable {
        public var id: String
        public var label: String
        /// `nil` at the root.
        public var parent: String?
        /// Ids to attach to when the parent is lost, in the order in which they are tried; each has a lower rank than this node.
        /// The first one's slot is kept for this node, unless the node is `unprotected`.
        public var backups: [String]
        /// Unique; 0 at the root, then its standbys. Nodes attach to lower ranks only, so no repair can close a loop.
        public var rank: Int
        /// Hops from the root.
        public var level: Int
        /// Predicted delay from the root, forwarding included.
        public var delayMs: Double
        /// Ids by ascending rank.
        public var children: [String]
        /// The multicast segment by which the parent's feed comes; `nil` = over TCP.
        public var segment: String?

        public init(
            id: String,
            label: String,
            parent: String?,
            backups: [String],
            rank: Int,
            level: Int,
            delayMs: Double,
            children: [String],
            segment: String? = nil
        ) {
            self.id = id
            self.label = label
            self.parent = parent
            self.backups = backups
            self.rank = rank
            self.level = level
            self.delayMs = delayMs
            self.children = children
            self.segment = segment
        }
    }

    public init(
        name: String,
        topics: [String],
        overflow: OverflowPolicy?,
        stall: StallTimeout? = nil,
        root: String,
        mode: Topology.Mode,
        objective: Topology.Objective,
        fanOut: Int?,
        hopDelayMs: Double,
        radiusMs: Double,
        meanMs: Double,
        lowerBoundMs: Double,
        gap: Double,
        seed: UInt64,
        nodes: [TreeNode],
        islands: [IslandPlan] = [],
        feeds: [FeedPlan] = [],
        sinks: [FeedPlan] = []
    ) {
        self.name = name
        self.topics = topics
        self.overflow = overflow
        self.stall = stall
        self.root = root
        self.mode = mode
        self.objective = objective
        self.fanOut = fanOut
        self.hopDelayMs = hopDelayMs
        self.radiusMs = radiusMs
        self.meanMs = meanMs
        self.lowerBoundMs = lowerBoundMs
        self.gap = gap
        self.seed = seed
        self.nodes = nodes
        self.islands = islands
        self.feeds = feeds
        self.sinks = sinks
    }
}
