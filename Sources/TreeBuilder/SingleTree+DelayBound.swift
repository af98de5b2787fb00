import Topology

/// How late nodes may be for the sake of a cheaper tree.
extension SingleTree {
    /// Sets how late each node may be, and gives the tree to start from; only in the objective `cost`.
    ///
    /// No bound may leave a tree with limits of children without a tree: by a factor, nodes may also be as late as in the first
    /// tree, which was built to be fast.
    func boundDelays(
        of wish: Topology.Tree,
        in problem: inout TreeProblem,
        first: Arborescence,
        _ tolerated: ContiguousArray<Picoseconds>?
    ) throws(PlanError) -> Arborescence {
        guard problem.objective == .cost else { return first }
        var first = first
        switch wish.delayBound {
        case .stretch(let factor):
            let least = problem.leastDelays()
            let delay = tolerated ?? TreeMeasure(first, of: problem).delay
            problem.delayLimit = ContiguousArray(
                delay.indices.map { max(delay[$0], least[$0].stretched(by: factor)) }
            )
        case .milliseconds(let limit):
            let latest = Picoseconds(milliseconds: limit) ?? 0
            if TreeMeasure(first, of: problem).radius > latest {
                first = try fastest(first, of: problem, wish, limit: latest)
            }
            problem.delayLimit = ContiguousArray(repeating: latest, count: problem.nodeCount)
        }
        guard let light = LightTree.tree(for: problem) else { return first }
        let (mine, theirs) = (TreeMeasure(light, of: problem), TreeMeasure(first, of: problem))
        return mine.price < theirs.price ? light : first
    }

    private func fastest(
        _ first: Arborescence,
        of problem: TreeProblem,
        _ wish: Topology.Tree,
        limit: Picoseconds
    ) throws(PlanError) -> Arborescence {
        let fast = problem.with(objective: .radius)
        let bound = LowerBound.value(of: fast)
        let tree = improved(first, of: fast, bound: bound) ?? first
        let measure = TreeMeasure(tree, of: problem)
        guard measure.radius > limit else { return tree }
        let farthest = measure.delay.indices.first { measure.delay[$0] == measure.radius } ?? 0
        let node = network.topology.nodes[farthest]
        let radius = NumberText.milliseconds(measure.radius.milliseconds)
        throw PlanError(
            code: .infeasible,
            message: "tree '\(wish.name)' must reach every node within "
                + "\(NumberText.milliseconds(limit.milliseconds)), but the fastest tree found takes "
                + "\(radius) to '\(node.id)'; raise delay-bound, or choose another root",
            position: wish.position ?? node.position,
            nodeID: node.id
        )
    }
}

extension TreeProblem {
    /// The least delay each node could have, whatever the limits.
    func leastDelays() -> ContiguousArray<Picoseconds> {
        var least = ShortestPaths(from: root, in: graph, hop: mode == .link ? hop : 0).delay
        for node in least.indices where node != root {
            if mode == .mesh { least[node] = fromRoot.delay[node] + hop }
        }
        return least
    }
}

extension Picoseconds {
    /// As late as can be counted where the product is too large.
    func stretched(by factor: Double) -> Picoseconds {
        let product = (Double(self) * factor).rounded(.up)
        return product < Double(Picoseconds.bound) ? Picoseconds(product) : Picoseconds.bound
    }
}
