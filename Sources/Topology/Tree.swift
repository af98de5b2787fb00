public import Vocabulary

extension Topology {
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
        /// What the tree carries, in bit/s; limits how many children a node's uplink can serve; `nil` = unknown.
        public var rateBitsPerSecond: Double?
        /// What it costs to forward a message at one relay.
        public var hopDelayMilliseconds: Double
        /// What a relay does with a subscriber that cannot keep up; `nil` = the relay's default.
        public var overflow: OverflowPolicy?
        /// Parents the operator has fixed: child index → parent index.
        public var fixedParents: [FixedParent]
        /// Publishers from outside the tree, groups or sockets that are bound, whose messages nodes feed into it.
        public var feeds: [Feed]
        /// Subscribers from outside the tree, sockets that are bound, whom nodes serve.
        public var sinks: [Feed]
        public var position: SourcePosition?

        public init(
            name: String,
            root: Int? = nil,
            topics: [String] = [""],
            fanOut: Int? = nil,
            objective: Objective = .radius,
            mode: Mode = .mesh,
            rateBitsPerSecond: Double? = nil,
            hopDelayMilliseconds: Double = 0.2,
            overflow: OverflowPolicy? = nil,
            fixedParents: [FixedParent] = [],
            feeds: [Feed] = [],
            sinks: [Feed] = [],
            position: SourcePosition? = nil
        ) {
            self.name = name
            self.root = root
            self.topics = topics
            self.fanOut = fanOut
            self.objective = objective
            self.mode = mode
            self.rateBitsPerSecond = rateBitsPerSecond
            self.hopDelayMilliseconds = hopDelayMilliseconds
            self.overflow = overflow
            self.fixedParents = fixedParents
            self.feeds = feeds
            self.sinks = sinks
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

    /// Somebody outside of the tree whom a node connects to: whose messages it takes in as a publisher's, or whom it serves as
    /// a subscriber.
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

extension Topology.Tree {
    /// The most children `node` may have in this tree: the least of the tree's fan-out, the node's
    /// own limit, and the copies of this tree that its uplink can carry. `nil` = unlimited.
    public func childLimit(at node: Topology.Node) -> Int? {
        var limit = fanOut
        if let own = node.maxChildren { limit = min(limit ?? own, own) }
        if let uplink = node.uplinkBitsPerSecond, let rate = rateBitsPerSecond, rate > 0 {
            let copies = Int(exactly: (uplink / rate).rounded(.down)) ?? .max
            limit = min(limit ?? copies, copies)
        }
        return limit
    }
}
