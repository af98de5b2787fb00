/// A network as its operator describes it: nodes, links, multicast segments, and the trees wanted on it.
///
/// A topology says what exists and what is wished; it holds no decision. Decisions are the plan's
/// (`TreeBuilder`). Every importer produces this type, so nothing downstream knows the file format.
/// Nodes are numbered by their position in `nodes`; links and trees refer to them by that index.
public struct Topology: Equatable, Sendable {
    public var name: String
    public var nodes: [Node]
    public var links: [Link]
    public var segments: [Segment]
    public var trees: [Tree]

    public init(
        name: String,
        nodes: [Node] = [],
        links: [Link] = [],
        segments: [Segment] = [],
        trees: [Tree] = []
    ) {
        self.name = name
        self.nodes = nodes
        self.links = links
        self.segments = segments
        self.trees = trees
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
        /// The most children this node may have in one tree; `nil` = only the tree's fan-out limits it.
        public var maxChildren: Int?
        public var region: String?
        public var coordinates: Coordinates?
        /// Expected subscribers, the weight of this node in the `mean` objective.
        public var weight: Double
        /// What this node does with a subscriber that cannot keep up; `nil` = the tree's policy.
        public var overflow: String?
        /// Where the node is defined in its file, for errors; `nil` when the file has no lines to show.
        public var position: SourcePosition?

        public init(
            id: String,
            label: String? = nil,
            publishersEndpoint: String? = nil,
            subscribersEndpoint: String? = nil,
            controlEndpoint: String? = nil,
            maxChildren: Int? = nil,
            region: String? = nil,
            coordinates: Coordinates? = nil,
            weight: Double = 1,
            overflow: String? = nil,
            position: SourcePosition? = nil
        ) {
            self.id = id
            self.label = label ?? id
            self.publishersEndpoint = publishersEndpoint
            self.subscribersEndpoint = subscribersEndpoint
            self.controlEndpoint = controlEndpoint
            self.maxChildren = maxChildren
            self.region = region
            self.coordinates = coordinates
            self.weight = weight
            self.overflow = overflow
            self.position = position
        }
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

    /// A broadcast domain whose members can be served by one multicast transmission.
    public struct Segment: Equatable, Sendable {
        public var name: String
        /// A multicast group, such as `239.192.1.1:7500`.
        public var group: String
        public var interface: String?
        /// Indices into `nodes`.
        public var members: [Int]
        public var position: SourcePosition?

        public init(
            name: String,
            group: String,
            interface: String? = nil,
            members: [Int],
            position: SourcePosition? = nil
        ) {
            self.name = name
            self.group = group
            self.interface = interface
            self.members = members
            self.position = position
        }
    }

    /// A multicast tree the operator wants.
    public struct Tree: Equatable, Sendable {
        public var name: String
        /// An index into `nodes`; `nil` = `auto`, the builder chooses.
        public var root: Int?
        /// Topic prefixes this tree carries; `[""]` = everything.
        public var topics: [String]
        /// The most children any node may have in this tree; `nil` = unlimited.
        public var fanOut: Int?
        public var objective: Objective
        public var mode: Mode
        /// What it costs to forward a message at one relay.
        public var hopDelayMilliseconds: Double
        /// What a relay does with a subscriber that cannot keep up: `drop-newest`, `drop-oldest`,
        /// `disconnect` or `block`; `nil` = the relay's default.
        public var overflow: String?
        /// Parents the operator has fixed: child index → parent index.
        public var fixedParents: [FixedParent]
        public var position: SourcePosition?

        public init(
            name: String,
            root: Int? = nil,
            topics: [String] = [""],
            fanOut: Int? = nil,
            objective: Objective = .radius,
            mode: Mode = .mesh,
            hopDelayMilliseconds: Double = 0.2,
            overflow: String? = nil,
            fixedParents: [FixedParent] = [],
            position: SourcePosition? = nil
        ) {
            self.name = name
            self.root = root
            self.topics = topics
            self.fanOut = fanOut
            self.objective = objective
            self.mode = mode
            self.hopDelayMilliseconds = hopDelayMilliseconds
            self.overflow = overflow
            self.fixedParents = fixedParents
            self.position = position
        }
    }

    public struct FixedParent: Equatable, Sendable {
        public var child: Int
        public var parent: Int
        public var position: SourcePosition?

        public init(child: Int, parent: Int, position: SourcePosition? = nil) {
            self.child = child
            self.parent = parent
            self.position = position
        }
    }

    public enum Objective: String, Sendable, CaseIterable {
        /// The delay of the farthest node.
        case radius
        /// The weighted mean delay.
        case mean
    }

    public enum Mode: String, Sendable, CaseIterable {
        /// Tree edges must be links of the file.
        case link
        /// Any two nodes may connect; the delay is the shortest path over the links.
        case mesh
    }
}

/// A place in a source file; lines and columns count from 1.
public struct SourcePosition: Equatable, Sendable {
    public var line: Int
    public var column: Int

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}

/// Why a topology was refused: `file:line:column: message`, and the message says what to do.
public struct TopologyError: Error, Equatable, Sendable, CustomStringConvertible {
    public var file: String
    public var position: SourcePosition?
    public var message: String

    public init(file: String, position: SourcePosition? = nil, message: String) {
        self.file = file
        self.position = position
        self.message = message
    }

    public var description: String {
        guard let position else { return "\(file): \(message)" }
        return "\(file):\(position.line):\(position.column): \(message)"
    }
}
