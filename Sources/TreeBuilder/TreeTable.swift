public import Topology

/// A planned tree of a large network in columns: 24 bytes and a name for each node, where a `TreePlan` takes some 300.
///
/// It decides the same as a `TreePlan`; labels, endpoints and policies are not in it, since files of that size have none.
/// `TreeTableLines` and `TreeTableBinary` write and read it.
public struct TreeTable: Equatable, Sendable {
    /// What holds for the whole tree. The JSON keys are the property names.
    public struct Summary: Codable, Equatable, Sendable {
        /// The topology's name.
        public var plan: String
        public var epoch: Int
        public var tree: String
        /// The id of the root.
        public var root: String
        public var mode: Topology.Mode
        public var objective: Topology.Objective
        /// The most children of any node; absent = unlimited.
        public var fanOut: Int?
        public var hopDelayMs: Double
        public var radiusMs: Double
        public var meanMs: Double
        /// No tree under these parameters has a smaller radius, or mean, as the objective is.
        public var lowerBoundMs: Double
        /// Objective ÷ lower bound − 1.
        public var gap: Double
        public var seed: UInt64
        public var nodeCount: Int
        public var linkCount: Int
    }

    /// The most backups of a node.
    public static let backupCountMax = 3

    public var summary: Summary
    public var nodes: NameTable
    /// By node: the number of its parent; `none` at the root.
    public var parent: ContiguousArray<UInt32>
    /// By node: unique, 0 at the root, greater than the parent's; nodes attach to lower ranks only.
    public var rank: ContiguousArray<UInt32>
    /// By node: the predicted delay from the root, in picoseconds.
    public var delay: ContiguousArray<UInt64>
    /// `backupCountMax` for each node: whom to attach to when the parent is lost, best first, then `none`.
    public var backups: ContiguousArray<UInt32>

    public static let none = UInt32.max

    public var nodeCount: Int { parent.count }

    /// Hops from the root, by node.
    public func levels() -> ContiguousArray<UInt32> {
        var level = ContiguousArray<UInt32>(repeating: 0, count: nodeCount)
        for node in byRank() where parent[Int(node)] != Self.none {
            level[Int(node)] = level[Int(parent[Int(node)])] + 1
        }
        return level
    }

    /// The nodes in the order of their ranks: parents before children.
    public func byRank() -> ContiguousArray<UInt32> {
        var order = ContiguousArray<UInt32>(repeating: 0, count: nodeCount)
        for node in 0..<nodeCount { order[Int(rank[node])] = UInt32(node) }
        return order
    }

    /// By node.
    public func childCounts() -> ContiguousArray<UInt32> {
        var counts = ContiguousArray<UInt32>(repeating: 0, count: nodeCount)
        for above in parent where above != Self.none { counts[Int(above)] += 1 }
        return counts
    }

    public func backups(of node: Int) -> some Sequence<Int> {
        backups[(node * Self.backupCountMax)..<((node + 1) * Self.backupCountMax)].lazy
            .prefix { $0 != Self.none }.map { Int($0) }
    }
}

extension TreeTable {
    /// A tree of a plan.
    public init(_ tree: TreePlan, of plan: Plan, linkCount: Int) {
        summary = Summary(
            plan: plan.name,
            epoch: plan.epoch,
            tree: tree.name,
            root: tree.root,
            mode: tree.mode,
            objective: tree.objective,
            fanOut: tree.fanOut,
            hopDelayMs: tree.hopDelayMs,
            radiusMs: tree.radiusMs,
            meanMs: tree.meanMs,
            lowerBoundMs: tree.lowerBoundMs,
            gap: tree.gap,
            seed: tree.seed,
            nodeCount: tree.nodes.count,
            linkCount: linkCount
        )
        let nodes = NameTable(tree.nodes.map(\.id))
        func number(_ id: String?) -> UInt32 {
            id.flatMap { nodes.index(of: $0) }.map { UInt32($0) } ?? Self.none
        }
        self.nodes = nodes
        parent = []
        rank = ContiguousArray(tree.nodes.map { UInt32($0.rank) })
        delay = ContiguousArray(
            tree.nodes.map { UInt64(Picoseconds(milliseconds: $0.delayMs) ?? 0) }
        )
        backups = []
        for node in tree.nodes {
            parent.append(number(node.parent))
            for place in 0..<Self.backupCountMax {
                backups.append(
                    place < node.backups.count ? number(node.backups[place]) : Self.none
                )
            }
        }
    }
}
