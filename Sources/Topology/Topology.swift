public import Vocabulary

/// A network as its operator describes it: nodes, links, multicast segments, and the trees wanted on it.
///
/// A topology says what exists and what is wanted; it decides nothing. Decisions are in the plan
/// (`TreeBuilder`). Every importer produces this type, so nothing downstream knows the file format.
/// Nodes are numbered by their position in `nodes`; links and trees refer to them by that index.
public struct Topology: Equatable, Sendable {
    public var name: String
    /// The operator's count of this topology's versions: of two plans, the one with the higher epoch is the newer.
    public var epoch: Int
    /// Where connections must be CURVE's.
    public var security = SecurityProfile.none
    public var nodes: [Node]
    public var links: [Link]
    public var segments: [Segment]
    public var trees: [Tree]
    /// What an importer changed on the way in, one sentence each; empty for our own format.
    public var notes: [String]
    /// What the file says beyond all this.
    public var attributes = TopologyAttributes()

    public init(
        name: String,
        epoch: Int = 1,
        nodes: [Node] = [],
        links: [Link] = [],
        segments: [Segment] = [],
        trees: [Tree] = [],
        notes: [String] = []
    ) {
        self.name = name
        self.epoch = epoch
        self.nodes = nodes
        self.links = links
        self.segments = segments
        self.trees = trees
        self.notes = notes
    }
}

extension Topology {
    /// One site that can run a relay.
    public struct Node: Equatable, Sendable {
        /// The id of the source file, unchanged; unique within the topology.
        public var id: String
        /// What a person calls it; labels may repeat.
        public var label: String
        /// Where the relay takes messages from publishers, such as `tcp://10.0.0.1:6001`; `nil` = chosen at start.
        public var publishersEndpoint: String?
        /// Where the relay serves subscribers; `nil` = chosen at start.
        public var subscribersEndpoint: String?
        /// Where the relay answers status requests, as `host:port`; `nil` = chosen at start.
        public var controlEndpoint: String?
        /// Where the relay binds, for endpoints that are other places to itself than to others.
        public var bind: BindEndpoints
        /// The most children this node may have in one tree; `nil` = only the tree's fan-out limits it.
        public var maxChildren: Int?
        /// What the node can send, in bit/s; with a tree's rate it bounds the children; `nil` = no bound.
        public var uplinkBitsPerSecond: Double?
        public var region: String?
        public var coordinates: Coordinates?
        /// Expected subscribers, the weight of this node in the `mean` objective.
        public var weight: Double
        /// What this node does with a subscriber that cannot keep up; `nil` = the tree's policy.
        public var overflow: OverflowPolicy?
        /// How long a peer may take nothing; `nil` = as the tree says.
        public var stall: StallTimeout?
        /// Where subscribers may also come by WebSocket, such as `ws://10.0.0.1:6080/tree`; `nil` = nowhere.
        public var websocket: String?
        /// Which clients' keys the node lets in; `nil` = as its command says.
        public var allow: AllowedKeys?
        /// Who may publish and subscribe what at this node; `nil` = everybody everything.
        public var access: AccessList?
        /// Whether nobody publishes or subscribes here: trees use the node as a forwarder where that serves them, and leave it out else.
        public var isPassThrough = false
        /// Where the node is defined in its file, for errors; `nil` when the file has no lines to show.
        public var position: SourcePosition?
    }

    /// A place on Earth, in degrees.
    public struct Coordinates: Equatable, Sendable {
        public var latitude: Double
        public var longitude: Double

        public init(latitude: Double, longitude: Double) {
            self.latitude = latitude
            self.longitude = longitude
        }
    }

    /// An undirected connection between two nodes.
    public struct Link: Equatable, Sendable {
        /// The delay of a link when the file states none and has no coordinates to compute it from, ms.
        public static let delayMillisecondsDefault = 1.0

        /// Indices into `nodes`.
        public var a: Int
        public var b: Int
        /// One-way propagation delay.
        public var delayMilliseconds: Double
        /// Capacity in bit/s; `nil` = unknown, not a constraint.
        public var bandwidthBitsPerSecond: Double?
        public var cost: Double
        public var position: SourcePosition?

        public init(
            a: Int,
            b: Int,
            delayMilliseconds: Double,
            bandwidthBitsPerSecond: Double? = nil,
            cost: Double = 1,
            position: SourcePosition? = nil
        ) {
            self.a = a
            self.b = b
            self.delayMilliseconds = delayMilliseconds
            self.bandwidthBitsPerSecond = bandwidthBitsPerSecond
            self.cost = cost
            self.position = position
        }
    }
}

extension Topology.Node {
    public init(
        id: String,
        label: String? = nil,
        publishersEndpoint: String? = nil,
        subscribersEndpoint: String? = nil,
        controlEndpoint: String? = nil,
        bind: Topology.BindEndpoints = Topology.BindEndpoints(),
        maxChildren: Int? = nil,
        uplinkBitsPerSecond: Double? = nil,
        region: String? = nil,
        coordinates: Topology.Coordinates? = nil,
        weight: Double = 1,
        overflow: OverflowPolicy? = nil,
        stall: StallTimeout? = nil,
        position: SourcePosition? = nil
    ) {
        self.id = id
        self.label = label ?? id
        self.publishersEndpoint = publishersEndpoint
        self.subscribersEndpoint = subscribersEndpoint
        self.controlEndpoint = controlEndpoint
        self.bind = bind
        self.maxChildren = maxChildren
        self.uplinkBitsPerSecond = uplinkBitsPerSecond
        self.region = region
        self.coordinates = coordinates
        self.weight = weight
        self.overflow = overflow
        self.stall = stall
        self.position = position
    }
}
