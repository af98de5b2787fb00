public import Topology

/// What a caller may override without editing the topology file. `nil` keeps what the file says.
public struct PlanOptions: Equatable, Sendable {
    /// Plan one tree only: its name, or its position counted from 1; `nil` = all trees.
    public var tree: String?
    /// The id of the root; `auto` lets the builder choose even if the file names one.
    public var root: String?
    public var mode: Topology.ModeChoice?
    /// The most children of any node.
    public var fanOut: Topology.FanOut?
    public var objective: Topology.Objective?
    /// How late nodes may be for the sake of a cheaper tree, in the objective `cost`.
    public var delayBound: Topology.DelayBound?
    /// Forwarding cost of one relay.
    public var hopDelayMilliseconds: Double?
    /// How all segments are carried, whatever the file says of each.
    public var multicast: Topology.MulticastUse?
    /// How many children of the root are ready to become the root.
    public var standbyCount: Int?
    /// How many trees reach every node: 1 or 2.
    public var redundancy: Int?
    /// By how much a tree may be worse for the sake of one copy for each region: 1 or more.
    public var regionStretch: Double?
    /// The operator's count of plans.
    public var epoch: Int?
    /// Same topology, same options, same seed: the same plan.
    public var seed: UInt64
    /// Scales the number of local-search moves; 1 is about 0.2 s at 200 nodes, and 1 s where the radius in mesh mode
    /// stays above its bound; 0 keeps the constructed tree.
    public var effort: Double
    /// Whether to find out, too, what the other objectives would give; it costs a search for each.
    public var comparesObjectives: Bool

    public init(
        tree: String? = nil,
        root: String? = nil,
        mode: Topology.ModeChoice? = nil,
        fanOut: Topology.FanOut? = nil,
        objective: Topology.Objective? = nil,
        delayBound: Topology.DelayBound? = nil,
        hopDelayMilliseconds: Double? = nil,
        multicast: Topology.MulticastUse? = nil,
        epoch: Int? = nil,
        seed: UInt64 = 1,
        effort: Double = 1,
        comparesObjectives: Bool = false
    ) {
        self.tree = tree
        self.root = root
        self.mode = mode
        self.fanOut = fanOut
        self.objective = objective
        self.delayBound = delayBound
        self.hopDelayMilliseconds = hopDelayMilliseconds
        self.multicast = multicast
        self.epoch = epoch
        self.seed = seed
        self.effort = effort
        self.comparesObjectives = comparesObjectives
    }

    /// A tree of the file with these overrides applied.
    ///
    /// - Throws: `PlanError` when the root is unknown, or the tree is of kinds that exclude each other.
    func applied(to tree: Topology.Tree, of topology: Topology) throws(PlanError) -> Topology.Tree {
        var tree = tree
        tree.mode = mode ?? tree.mode
        tree.fanOut = fanOut ?? tree.fanOut
        tree.objective = objective ?? tree.objective
        tree.delayBound = delayBound ?? tree.delayBound
        tree.standbyCount = standbyCount ?? tree.standbyCount
        tree.redundancy = redundancy ?? tree.redundancy
        tree.regionStretch = regionStretch ?? tree.regionStretch
        tree.hopDelayMilliseconds = hopDelayMilliseconds ?? tree.hopDelayMilliseconds
        if let root {
            let index = topology.nodes.firstIndex { $0.id == root }
            guard index != nil || root == "auto" else {
                throw PlanError(
                    code: .unknownNode,
                    message: "root '\(root)' is not a node of this topology; "
                        + "give the id of a node, or 'auto'",
                    nodeID: root
                )
            }
            tree.root = index
        }
        if let reason = TreeRules(topology, tree).kindReasons.first {
            throw PlanError(code: .invalidValue, message: reason, position: tree.position)
        }
        return tree
    }
}
