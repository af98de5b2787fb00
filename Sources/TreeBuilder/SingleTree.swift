import Topology

/// One tree, from the wish to the plan.
struct SingleTree {
    struct Result {
        var plan: TreePlan
        var problem: TreeProblem
        var tree: Arborescence
        var islands: [Island]
        /// Of two trees the second, and what it keeps to.
        var second: (tree: Arborescence, problem: TreeProblem)?
    }

    /// A tree before it is a plan.
    struct Found {
        var problem: TreeProblem
        var tree: Arborescence
        var segments: [IslandSearch.Segment]
        /// No tree of the wish is worth less.
        var bound: Double
    }

    let network: Network
    let options: PlanOptions
    let budgets: Budgets

    func build(_ wish: Topology.Tree) throws(PlanError) -> Result {
        var result = try built(wish)
        guard options.comparesObjectives else { return result }
        let count = Double(network.graph.nodeCount)
        // Figures to compare with: above 200 nodes a part of the effort shows them well enough.
        var options = options
        options.effort *= min(1, 200 / count)
        let others = SingleTree(network: network, options: options, budgets: budgets)
        for objective in Topology.Objective.allCases where objective != wish.objective {
            var other = wish
            other.objective = objective
            guard TreeRules(network.topology, other).kindReasons.isEmpty else { continue }
            guard let plan = try? others.built(other).plan else { continue }
            result.plan.alternatives.append(TreePlan.Alternative(plan))
        }
        return result
    }

    private func built(_ wish: Topology.Tree) throws(PlanError) -> Result {
        var choices = TreeChoices(wish, of: network.topology, graph: network.graph)
        while true {
            do throws(PlanError) {
                return try built(wish, choices)
            } catch {
                // A limit that nobody asked for must not be what stands in the way.
                let most = max(1, network.graph.nodeCount - 1)
                guard error.code == .infeasible, wish.fanOut == .auto,
                    let fanOut = choices.fanOut, fanOut < most
                else { throw error }
                choices.raiseFanOut(to: error.smallestFanOut ?? most)
            }
        }
    }

    private func built(
        _ wish: Topology.Tree,
        _ choices: TreeChoices
    ) throws(PlanError) -> Result {
        let whole = try network.problem(for: wish, choices: choices, budgets: budgets)
        guard wish.redundancy == 1 else {
            return try TwoTrees(builder: self, wish: wish, choices: choices, whole: whole).result()
        }
        var found =
            whole.forwarders == nil
            ? try found(wish, choices, of: whole)
            : try SparseTree(builder: self, wish: wish, choices: choices, whole: whole).found()
        var regions: RegionPlan?
        if let stretch = wish.regionStretch {
            let outcome = try RegionTree(builder: self, stretch: stretch).outcome(of: found)
            found = outcome.found
            regions = outcome.plan
        }
        var plan = network.treePlan(
            wish,
            choices: choices,
            problem: found.problem,
            tree: found.tree,
            bound: found.bound,
            seed: options.seed
        )
        plan.regions = regions
        if whole.forwarders != nil, wish.objective == .cost {
            // The delay's bound, too, is one over all choices of forwarders.
            let least = LowerBound.value(of: whole.with(objective: .radius)).rounded(.down)
            plan.lowerBoundMs = min(plan.lowerBoundMs, least / Picoseconds.perMillisecond)
        }
        network.addIslands(found.segments, of: wish, to: &plan)
        return Result(
            plan: plan,
            problem: found.problem,
            tree: found.tree,
            islands: found.segments.compactMap(\.island)
        )
    }

    /// A tree of the nodes that are present in a problem. `tolerated` is how late nodes may be in any case in the
    /// objective `cost`; `nil` = as late as in the first tree.
    func found(
        _ wish: Topology.Tree,
        _ choices: TreeChoices,
        of base: TreeProblem,
        tolerated: ContiguousArray<Picoseconds>? = nil
    ) throws(PlanError) -> Found {
        let start = try IslandSearch.run(
            wish,
            on: network,
            choices: choices,
            budgets: budgets,
            base: base,
            options: options
        )
        var problem = start.problem
        let bearable = withinLinks(start.first, of: problem)
        let first = try boundDelays(of: wish, in: &problem, first: bearable, tolerated)
        let bound = LowerBound.value(of: problem)
        guard let tree = improved(first, of: problem, bound: bound) else {
            throw overloaded(first, of: problem, wish)
        }
        return Found(problem: problem, tree: tree, segments: start.segments, bound: bound)
    }

    func improved(
        _ first: Arborescence,
        of problem: TreeProblem,
        bound: Double
    ) -> Arborescence? {
        if let present = Compaction(problem) {
            let tree = improved(present.compacted(first), of: present.problem, bound: bound)
            return tree.map(present.expanded)
        }
        let tree: Arborescence?
        let isContinued = options.effort > 0 && DeadlineSearch.isApplicable(to: problem)
        switch problem.mode {
        case .link where problem.delays == nil:
            guard options.effort > 0, WorstPathSearch.isApplicable(to: problem) else {
                return first
            }
            return WorstPathSearch.improved(
                first,
                of: problem,
                bound: bound,
                effort: options.effort
            )
        case .link:
            let search = LinkSearch(problem, from: first, bound: bound, seed: options.seed)
            tree = search.run(
                moveCount: LinkSearch.moveCount(of: problem, effort: options.effort)
            )
        case .mesh:
            tree = MeshSearch.improved(
                first,
                of: problem,
                bound: bound,
                // Annealing a large network takes long; where another search follows, a start will do.
                effort: isContinued
                    ? options.effort * min(1, 200 / Double(problem.nodeCount)) : options.effort,
                seed: options.seed
            )
        }
        guard let tree, options.effort > 0 else { return tree }
        guard isContinued else { return Descent.settled(tree, of: problem) }
        let faster = DeadlineSearch.improved(
            tree,
            of: problem,
            bound: bound,
            effort: options.effort,
            seed: options.seed
        )
        return Descent.settled(faster, of: problem)
    }

    // MARK: What links carry

    /// The tree to start from when links do not carry the first one: one along the links that carry anything, where each bears a
    /// copy at most. It is the better start if it asks for less than the first.
    private func withinLinks(_ first: Arborescence, of problem: TreeProblem) -> Arborescence {
        guard problem.mode == .mesh, let links = problem.links, let copyMax = links.copyMax,
            let overload = LinkLedger(problem, first)?.overload, overload > 0
        else { return first }
        let usable = problem.graph.filtered { copyMax[links.link(ofArc: $0)] > 0 }
        let along = problem.along(usable)
        guard var tree = FirstTree.tree(for: along, seed: options.seed) else { return first }
        for node in tree.parent.indices where tree.parent[node] >= 0 {
            let parent = Int(tree.parent[node])
            guard let edge = problem.edgeDelay(from: parent, to: node) else { return first }
            tree.edge[node] = edge
        }
        let rest = LinkLedger(problem, tree)?.overload ?? overload
        return rest < overload ? tree : first
    }

    private func overloaded(
        _ first: Arborescence,
        of problem: TreeProblem,
        _ wish: Topology.Tree
    ) -> PlanError {
        var copies = [Int](repeating: 0, count: network.topology.links.count)
        for node in first.parent.indices where first.parent[node] >= 0 {
            problem.forEachLink(from: Int(first.parent[node]), to: node) { copies[$0] += 1 }
        }
        return Refusal(network: network, wish: wish, budgets: budgets)
            .overloadedLinks(copies, problem.links?.copyMax ?? [])
    }
}
