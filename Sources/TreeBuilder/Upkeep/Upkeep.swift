public import Topology

/// Keeps the trees of a plan good while nodes die, join, drain and change, with the fewest moves.
///
/// ```
///  plan + topology ──▶ Upkeep ─── repair(without:)  children of the dead move, nobody else
///                                 join(_:)          one node comes in
///                                 drain(_:)         a node's children move away while it lives; then it leaves
///                                 improve(atMost:)  a few moves that win most
///                                 ▼
///                                 PlanChange: the new plan, and the moves in an order that can be carried out
/// ```
///
/// A node of the topology that is not in the plan is one that does not run; in mesh mode messages still find their way past it, as it is
/// the relay that is gone and not the site. `Plan.replan(for:)` is for topologies that have changed.
///
/// The figures of trees with multicast segments hold as before: a dead head is followed by the member under whom the tree is best.
public struct Upkeep: Sendable {
    /// The plan as it is after all changes so far.
    public private(set) var plan: Plan
    let network: Network
    var states: [TreeState]
    let index: [String: Int]
    let seed: UInt64

    /// `plan` is one that was made for this topology, of all its nodes or some. Its settings stay, whatever the file says of them.
    ///
    /// - Throws: `PlanError` when the topology is invalid, or the plan has nodes, edges or children that it does not allow.
    public init(
        _ plan: Plan,
        of topology: Topology,
        measured: Measurements? = nil
    ) throws(PlanError) {
        let network = try MeasuredNetwork.make(topology, measured)
        try self.init(plan, network: network)
        for (position, state) in states.enumerated() {
            try check(state, try problem(at: position))
        }
    }

    /// Without looking whether the plan fits.
    init(_ plan: Plan, network: Network) throws(PlanError) {
        self.plan = plan
        self.network = network
        var index: [String: Int] = [:]
        for (position, node) in network.topology.nodes.enumerated() { index[node.id] = position }
        self.index = index
        let reader = PlanReader(network: network, index: index)
        states = []
        seed = plan.trees.first?.seed ?? 1
        for tree in plan.trees {
            states.append(try reader.state(of: tree, wish: reader.wish(of: tree)))
        }
        for position in states.indices {
            states[position].tree = priced(
                states[position],
                try problem(at: position)
            )
        }
    }

    // MARK: Limits

    /// What the other trees leave to this one.
    func budgets(for position: Int) throws(PlanError) -> Budgets {
        var budgets = Budgets(network.topology)
        guard Budgets.matter(to: network.topology) else { return budgets }
        for (other, state) in states.enumerated() where other != position {
            let free = Budgets(network.topology)
            let problem = try network.problem(for: state, budgets: free)
            budgets.spend(
                state.tree,
                of: problem,
                islands: state.islands,
                rate: state.wish.rateBitsPerSecond
            )
            guard let second = state.plan.redundancy else { continue }
            budgets.spend(
                second.numbered(in: network.topology).tree,
                of: problem,
                islands: [],
                rate: state.wish.rateBitsPerSecond
            )
        }
        return budgets
    }

    func problem(at position: Int) throws(PlanError) -> TreeProblem {
        try network.problem(for: states[position], budgets: try budgets(for: position))
    }

    private func priced(_ state: TreeState, _ problem: TreeProblem) -> Arborescence {
        var tree = state.tree
        for node in tree.parent.indices where tree.parent[node] >= 0 {
            let parent = Int(tree.parent[node])
            if let edge = problem.edgeDelay(from: parent, to: node) { tree.edge[node] = edge }
        }
        return tree
    }

    private func check(_ state: TreeState, _ problem: TreeProblem) throws(PlanError) {
        func id(_ node: Int) -> String { network.topology.nodes[node].id }
        func invalid(_ reason: String, _ node: Int) -> PlanError {
            PlanError(
                code: .invalidValue,
                message:
                    "the plan does not fit the topology: in tree '\(state.plan.name)' \(reason); "
                    + "plan it again for this topology",
                position: network.topology.nodes[node].position,
                nodeID: id(node)
            )
        }
        if let gone = state.plan.nodes.first(where: { index[$0.id] == nil }) {
            throw PlanError(
                code: .unknownNode,
                message: "the plan has a node '\(gone.id)' that the topology does not have; "
                    + "plan it again for this topology",
                nodeID: gone.id
            )
        }
        let counts = state.tree.childCounts()
        for node in counts.indices where counts[node] > problem.capacity[node] {
            throw invalid(
                "'\(id(node))' has \(counts[node]) children, and may have \(problem.capacity[node])",
                node
            )
        }
        for node in counts.indices where state.tree.parent[node] >= 0 && problem.mode == .link {
            let parent = Int(state.tree.parent[node])
            guard problem.edgeDelay(from: parent, to: node) == nil else { continue }
            throw invalid("no link joins '\(id(node))' to its parent '\(id(parent))'", node)
        }
    }

    // MARK: Events

    /// Some nodes have died: their children move, each once, tallest subtrees first to where they are heard soonest, and nobody
    /// else, as long as limits and links leave a way. A dead root is followed by its first living standby.
    ///
    /// Nodes that no way leads to any more are left out, and named. In mode `link` a subtree whose only way leads from below is
    /// turned around, which moves the nodes on the way.
    ///
    /// - Parameter ids: nodes of the plan.
    /// - Returns: the new plan, and the moves on the way there.
    /// - Throws: `PlanError` when a node is unknown, or nothing is left that limits allow.
    @discardableResult
    public mutating func repair(without ids: [String]) throws(PlanError) -> PlanChange {
        let dead = try nodes(ids)
        return try changed { upkeep, position throws(PlanError) in
            try upkeep.repaired(position, without: dead)
        }
    }

    /// A node of the topology that was not in the plan gets a place in every tree: one more edge, and nobody moves while
    /// anybody has a slot; else it goes between two nodes.
    ///
    /// - Throws: `PlanError` when the topology has no such node, it is in the plan already, or no place is left.
    @discardableResult
    public mutating func join(_ id: String) throws(PlanError) -> PlanChange {
        guard let node = index[id] else { throw unknown(id) }
        guard !plan.nodes.contains(where: { $0.id == id }) else {
            throw PlanError(
                code: .invalidValue,
                message: "node '\(id)' is in the plan already",
                nodeID: id
            )
        }
        return try changed { upkeep, position throws(PlanError) in
            try upkeep.joined(position, node)
        }
    }

    /// A node is to leave: its children move away while it still feeds them, then it goes. A root first hands over to its standby, whose
    /// child it is for the while.
    ///
    /// - Throws: `PlanError` when the node is not in the plan, or nothing is left that limits allow.
    @discardableResult
    public mutating func drain(_ id: String) throws(PlanError) -> PlanChange {
        let leaving = try nodes([id])
        return try changed { upkeep, position throws(PlanError) in
            try upkeep.drained(position, leaving[0])
        }
    }

    /// Makes every tree better, by its objective, by moving at most so many of its nodes.
    ///
    /// - Throws: `PlanError` when the topology contradicts itself.
    @discardableResult
    public mutating func improve(atMost moveCountMax: Int) throws(PlanError) -> PlanChange {
        try improve(atMost: moveCountMax, threshold: Improvement.Threshold())
    }

    mutating func improve(
        atMost moveCountMax: Int,
        threshold: Improvement.Threshold
    ) throws(PlanError) -> PlanChange {
        try changed { upkeep, position throws(PlanError) in
            let problem = try upkeep.problem(at: position)
            var state = upkeep.states[position]
            state.tree = Improvement.run(
                state.tree,
                of: problem,
                atMost: moveCountMax,
                threshold: threshold
            )
            return Settlement(state: state, problem: problem)
        }
    }

    /// Applies a change to every tree and makes the plan of it. Nothing has changed when it throws.
    private mutating func changed(
        _ body: (inout Upkeep, Int) throws(PlanError) -> Settlement
    ) throws(PlanError) -> PlanChange {
        var next = self
        var changes: [TreeChange] = []
        for position in states.indices {
            let before = next.states[position]
            var after = try body(&next, position)
            let change = ChangeWriter(network: network).change(from: before, to: &after)
            next.states[position] = after.state
            changes.append(change)
        }
        next.plan.trees = next.states.map(\.plan)
        var known: [String: PlanNode] = [:]
        for node in plan.nodes { known[node.id] = node }
        next.plan.nodes = network.topology.nodes.indices.filter { node in
            next.states.contains { !$0.absent[node] }
        }.map { node in
            let new = network.topology.nodes[node]
            return known[new.id] ?? PlanNode(new)
        }
        if next.plan.trees != plan.trees || next.plan.nodes != plan.nodes { next.plan.epoch += 1 }
        self = next
        PlanCheck.verify(plan, of: network.topology)
        return PlanChange(plan: plan, trees: changes)
    }

    // MARK: Names

    private func unknown(_ id: String) -> PlanError {
        PlanError(
            code: .unknownNode,
            message: "the topology has no node '\(id)'; give the id of one of its nodes",
            nodeID: id
        )
    }

    private func nodes(_ ids: [String]) throws(PlanError) -> [Int] {
        var nodes: [Int] = []
        for id in ids {
            guard let node = index[id] else { throw unknown(id) }
            guard plan.nodes.contains(where: { $0.id == id }) else {
                throw PlanError(
                    code: .unknownNode,
                    message: "node '\(id)' is not in the plan",
                    nodeID: id
                )
            }
            if !nodes.contains(node) { nodes.append(node) }
        }
        return nodes
    }
}

extension TreeProblem {
    /// What is known of the delay between two nodes that no edge may join.
    func knownDelay(_ parent: Int, _ child: Int) -> Picoseconds {
        if let delays { return delays[parent, child] + hop }
        return ShortestPaths(from: parent, in: graph).delay[child] + hop
    }
}

extension Plan {
    /// This plan after the death of nodes; see `Upkeep.repair`.
    public func repair(without ids: [String], of topology: Topology) throws(PlanError) -> PlanChange
    {
        var upkeep = try Upkeep(self, of: topology)
        return try upkeep.repair(without: ids)
    }

    /// This plan with one more node of its topology; see `Upkeep.join`.
    public func join(_ id: String, of topology: Topology) throws(PlanError) -> PlanChange {
        var upkeep = try Upkeep(self, of: topology)
        return try upkeep.join(id)
    }

    /// This plan without a node that leaves in order; see `Upkeep.drain`.
    public func drain(_ id: String, of topology: Topology) throws(PlanError) -> PlanChange {
        var upkeep = try Upkeep(self, of: topology)
        return try upkeep.drain(id)
    }

    /// This plan made better by a few moves; see `Upkeep.improve`.
    public func improve(
        atMost moveCountMax: Int,
        of topology: Topology
    ) throws(PlanError)
        -> PlanChange
    {
        var upkeep = try Upkeep(self, of: topology)
        return try upkeep.improve(atMost: moveCountMax)
    }
}
