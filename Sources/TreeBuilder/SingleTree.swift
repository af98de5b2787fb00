import Topology

/// One tree, from the wish to the plan.
struct SingleTree {
    struct Result {
        var plan: TreePlan
        var problem: TreeProblem
        var tree: Arborescence
        var islands: [Island]
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
        let start = try IslandSearch.run(
            wish,
            on: network,
            choices: choices,
            budgets: budgets,
            options: options
        )
        var problem = start.problem
        let bearable = withinLinks(start.first, of: problem)
        let first = try boundDelays(of: wish, in: &problem, first: bearable)
        let bound = LowerBound.value(of: problem)
        guard let tree = improved(first, of: problem, bound: bound) else {
            throw overloaded(first, of: problem, wish)
        }
        var plan = network.treePlan(
            wish,
            choices: choices,
            problem: problem,
            tree: tree,
            bound: bound,
            seed: options.seed
        )
        network.addIslands(start.segments, of: wish, to: &plan)
        return Result(
            plan: plan,
            problem: problem,
            tree: tree,
            islands: start.segments.compactMap(\.island)
        )
    }

    private func improved(
        _ first: Arborescence,
        of problem: TreeProblem,
        bound: Double
    ) -> Arborescence? {
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

    // MARK: The bound on the delay

    /// Sets how late each node may be, and gives the tree to start from; only in the objective `cost`.
    ///
    /// No bound may leave a tree with limits of children without a tree: by a factor, nodes may also be as late as in the first
    /// tree, which was built to be fast.
    private func boundDelays(
        of wish: Topology.Tree,
        in problem: inout TreeProblem,
        first: Arborescence
    ) throws(PlanError) -> Arborescence {
        guard problem.objective == .cost else { return first }
        var first = first
        switch wish.delayBound {
        case .stretch(let factor):
            let least = problem.leastDelays()
            let delay = TreeMeasure(first, of: problem).delay
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
