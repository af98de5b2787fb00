public import Topology

/// Turns a topology into multicast trees.
///
/// ```
/// Topology ─▶ Network ─▶ TreeProblem ─▶ IslandSearch ─▶ LocalSearch ─▶ BackupParents ─▶ Plan
///             links,     root, limits,  FirstTree,      until the      ranks
///             delays     fixed parents  or refused      lower bound
/// ```
///
/// One cost model throughout: delay(v) = delay(parent) + w(parent, v) + hop, where w is the link's delay in
/// link mode and the shortest path over the links in mesh mode. A pure function: no clock, no files; effort is
/// a number of moves, randomness a seed.
public enum Planner {
    /// Plans every tree of a topology, or the one the options select. A topology without trees gets one with all
    /// defaults, named `main`.
    ///
    /// - Throws: `PlanError` when the topology or the options are invalid or admit no tree.
    public static func plan(
        _ topology: Topology,
        options: PlanOptions = PlanOptions()
    ) throws(PlanError) -> Plan {
        let network = try Network(topology)
        var trees: [TreePlan] = []
        for tree in try selectedTrees(of: topology, options: options) {
            let wish = try options.applied(to: tree, of: topology)
            trees.append(try plan(wish, on: network, options: options))
        }
        return Plan(
            name: topology.name,
            epoch: options.epoch ?? topology.epoch,
            nodes: topology.nodes.map { PlanNode($0) },
            trees: trees,
            notes: topology.notes
        )
    }

    private static func selectedTrees(
        of topology: Topology,
        options: PlanOptions
    ) throws(PlanError) -> [Topology.Tree] {
        let trees = topology.trees.isEmpty ? [Topology.Tree(name: "main")] : topology.trees
        guard let name = options.tree else { return trees }
        if let tree = trees.first(where: { $0.name == name }) { return [tree] }
        if let position = Int(name), trees.indices.contains(position - 1) {
            return [trees[position - 1]]
        }
        let names = trees.map { "'\($0.name)'" }.joined(separator: ", ")
        throw PlanError(
            code: .unknownTree,
            message: "there is no tree '\(name)'; this topology has \(names) "
                + "(a name, or a position from 1 to \(trees.count))"
        )
    }

    private static func plan(
        _ wish: Topology.Tree,
        on network: Network,
        options: PlanOptions
    ) throws(PlanError) -> TreePlan {
        let start = try IslandSearch.run(wish, on: network, options: options)
        let problem = start.problem
        let bound = LowerBound.value(of: problem)
        let tree = improved(start.first, of: problem, bound: bound, options: options)
        let measure = TreeMeasure(tree, of: problem)
        var plan = network.treePlan(
            wish,
            problem: problem,
            tree: tree,
            measure: measure,
            bound: bound,
            seed: options.seed
        )
        network.addIslands(start.segments, of: wish, to: &plan)
        return plan
    }

    private static func improved(
        _ first: Arborescence,
        of problem: TreeProblem,
        bound: Double,
        options: PlanOptions
    ) -> Arborescence {
        // Mesh moves need the delay between any two nodes; and where there are too many nodes for that, a bounded
        // number of moves changes too little to be worth the wait.
        guard problem.delays != nil, problem.nodeCount > 2 else {
            return first
        }
        let search = LocalSearch(problem, from: first, bound: bound, seed: options.seed)
        return search.run(
            moveCount: LocalSearch.moveCount(of: problem, effort: options.effort)
        )
    }
}
