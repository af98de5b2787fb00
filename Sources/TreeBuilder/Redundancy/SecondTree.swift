import Topology

/// What becomes of the second of two trees when the first changes.
///
/// It stays while the first does. In mode mesh it is made anew of the nodes that have no children in the first. Along links a first tree that has
/// moved need not be one of two any more, so there is no second until both are planned anew.
struct SecondTree {
    let network: Network
    let settlement: Settlement
    let before: TreePlan

    /// `nil` where there is no second tree, or none any more.
    var plan: RedundancyPlan? {
        let state = settlement.state
        guard state.wish.redundancy == 2 else { return nil }
        if let old = before.redundancy, keepsFirst, let kept = priced(old) { return kept }
        guard state.choices.mode == .mesh, let second = around(state.tree) else { return nil }
        return RedundancyPlan(
            second.tree,
            of: second.problem,
            in: network.topology,
            bound: LowerBound.value(of: settlement.problem.unshared),
            cutNodes: []
        )
    }

    private func id(_ node: Int) -> String { network.topology.nodes[node].id }

    private var keepsFirst: Bool {
        let state = settlement.state
        let present = network.topology.nodes.indices.filter { !state.absent[$0] }
        return before.nodes.map(\.id) == present.map(id)
            && zip(before.nodes, present).allSatisfy { place, node in
                place.parent
                    == (state.tree.parent[node] < 0 ? nil : id(Int(state.tree.parent[node])))
            }
    }

    /// The same tree with the delays of now; `nil` when it is not allowed any more.
    private func priced(_ old: RedundancyPlan) -> RedundancyPlan? {
        let (former, cutNodes) = old.numbered(in: network.topology)
        var tree = former
        let problem = leftByFirst
        for node in tree.parent.indices where tree.parent[node] >= 0 {
            guard let edge = problem.edgeDelay(from: Int(tree.parent[node]), to: node) else {
                return nil
            }
            tree.edge[node] = edge
        }
        guard tree.excess(over: problem.capacity) == 0 else { return nil }
        return RedundancyPlan(
            tree,
            of: problem,
            in: network.topology,
            bound: LowerBound.value(of: settlement.problem.unshared),
            cutNodes: cutNodes
        )
    }

    /// What the first tree leaves to the second.
    private var leftByFirst: TreeProblem {
        let problem = settlement.problem
        let room =
            problem.room ?? .init(capacity: problem.capacity, copyMax: problem.links?.copyMax)
        return problem.taking(
            settlement.state.tree,
            from: room,
            rootLimit: settlement.state.rootLimit(in: network.topology)
        )
    }

    private func around(_ first: Arborescence) -> (tree: Arborescence, problem: TreeProblem)? {
        let problem = leftByFirst
        guard let start = FirstTree.tree(for: problem, seed: before.seed) else { return nil }
        let tree: Arborescence
        if let present = Compaction(problem) {
            let settled = Descent.settled(present.compacted(start), of: present.problem)
            tree = present.expanded(settled)
        } else {
            tree = Descent.settled(start, of: problem)
        }
        guard LinkLedger(problem, tree).map({ $0.overload == 0 }) ?? true else { return nil }
        return (tree, problem)
    }
}

extension TreeState {
    /// How many children the root may have in two trees together; `nil` = any number.
    func rootLimit(in topology: Topology) -> Int? {
        guard topology.nodes.indices.contains(root) else { return nil }
        return choices.limit(at: topology.nodes[root], in: wish, fixedChildCount: 0)
    }
}
