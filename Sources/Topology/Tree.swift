public import Vocabulary

extension Topology {
    /// A multicast tree the operator wants.
    public struct Tree: Equatable, Sendable {
        public var name: String
        /// An index into `nodes`; `nil` = `auto`, the builder chooses.
        public var root: Int?
        /// Topic prefixes this tree carries; `[""]` = everything.
        public var topics: [String]
        /// The most children any node may have in this tree.
        public var fanOut: FanOut
        public var objective: Objective
        public var mode: ModeChoice
        /// How late nodes may be for the sake of a cheaper tree; counts in the objective `cost` alone.
        public var delayBound: DelayBound
        /// What the tree carries, in bit/s: one copy of it for each child at a node's uplink, and for each crossing at a link's bandwidth; `nil` = unknown.
        public var rateBitsPerSecond: Double?
        /// What it costs to forward a message at one relay.
        public var hopDelayMilliseconds: Double
        /// What a relay does with a subscriber that cannot keep up; `nil` = the relay's default.
        public var overflow: OverflowPolicy?
        /// How long a peer may take nothing; `nil` = the relay's default.
        public var stall: StallTimeout?
        /// Who may publish and subscribe what of this tree; `nil` = everybody everything.
        public var access: AccessList?
        /// Parents the operator has fixed: child index → parent index.
        public var fixedParents: [FixedParent]
        /// Publishers from outside the tree, groups or sockets that are bound, whose messages nodes feed into it.
        public var feeds: [Feed]
        /// Subscribers from outside the tree, sockets that are bound, whom nodes serve.
        public var sinks: [Feed]
        /// How many children of the root are ready to become the root.
        public var standbyCount = 1
        /// How many trees reach every node, 1 or 2, such that no node's death costs another both.
        public var redundancy = 1
        /// By how much the tree may be worse for the sake of one copy for each region: 1 or more; `nil` = regions do not count.
        public var regionStretch: Double?
        public var position: SourcePosition?
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

    /// Somebody outside of the tree whom a node connects to: whose messages it takes in as a publisher's, or whom it serves as a subscriber.
    public struct Feed: Equatable, Sendable {
        /// An index into `nodes`.
        public var node: Int
        /// Such as `tcp://10.0.0.5:5556`, where a PUB is bound, or `epgm://eth1;239.192.9.1:7600`.
        public var endpoint: String
        public var position: SourcePosition?

        public init(node: Int, endpoint: String, position: SourcePosition? = nil) {
            self.node = node
            self.endpoint = endpoint
            self.position = position
        }
    }
}

extension Topology.Tree {
    public init(
        name: String,
        root: Int? = nil,
        topics: [String] = [""],
        fanOut: Topology.FanOut = .auto,
        objective: Topology.Objective = .radius,
        mode: Topology.ModeChoice = .auto,
        delayBound: Topology.DelayBound = .default,
        rateBitsPerSecond: Double? = nil,
        hopDelayMilliseconds: Double = 0.2,
        overflow: OverflowPolicy? = nil,
        stall: StallTimeout? = nil,
        fixedParents: [Topology.FixedParent] = [],
        feeds: [Topology.Feed] = [],
        sinks: [Topology.Feed] = [],
        position: SourcePosition? = nil
    ) {
        self.name = name
        self.root = root
        self.topics = topics
        self.fanOut = fanOut
        self.objective = objective
        self.mode = mode
        self.delayBound = delayBound
        self.rateBitsPerSecond = rateBitsPerSecond
        self.hopDelayMilliseconds = hopDelayMilliseconds
        self.overflow = overflow
        self.stall = stall
        self.fixedParents = fixedParents
        self.feeds = feeds
        self.sinks = sinks
        self.position = position
    }
}

extension Topology.Tree {
    /// The most children `node` may have in this tree as far as it is stated: the least of the tree's fan-out, the node's
    /// own limit, and the copies of this tree that its uplink can carry. `nil` = nothing is stated.
    public func childLimit(at node: Topology.Node) -> Int? {
        var limit: Int?
        if case .atMost(let count) = fanOut { limit = count }
        if let own = node.maxChildren { limit = min(limit ?? own, own) }
        if let uplink = node.uplinkBitsPerSecond, let copies = copyCount(within: uplink) {
            limit = min(limit ?? copies, copies)
        }
        return limit
    }

    /// How often `bandwidth`, in bit/s, carries this tree; `nil` = its rate is unknown.
    public func copyCount(within bandwidth: Double) -> Int? {
        guard let rate = rateBitsPerSecond, rate > 0 else { return nil }
        // A rate that divides the bandwidth fits as often as it does, whatever the last digit says.
        let copies = (bandwidth / rate * (1 + 1e-12)).rounded(.down)
        return Int(exactly: copies) ?? .max
    }
}
