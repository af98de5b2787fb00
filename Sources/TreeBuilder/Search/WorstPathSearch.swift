import Topology

/// Improves the radius of a tree of links in a large network, and brings it under its limits of children.
///
/// Annealing would need moves in proportion to the nodes. Here only what makes the radius is looked at: of the nodes on the path to the
/// farthest node, the one that wins most by another parent goes there, if need be into a slot that `SlotExchange` frees for it. Nobody
/// becomes as late as the radius was, so each step leaves fewer nodes at it; the search ends where no node on the path can win.
struct WorstPathSearch {
    private let problem: TreeProblem
    private let tree: HeightTree
    private let exchange: SlotExchange
    private let bound: Picoseconds

    /// How many full nodes one exchange looks at while the radius is improved.
    private static let reachMax = 400
    /// Bounds the whole effort: steps, and nodes whose delays change, per node of the network.
    private static let shiftMaxPerNode = 40
    /// Arcs looked at while surplus children are placed.
    private static let relieveLookMaxPerNode = 1000
    private static let deadlineCount = 16
    private static let passCountMax = 4

    /// - Returns: whether this search knows all that the problem asks for.
    static func isApplicable(to problem: TreeProblem) -> Bool {
        problem.mode == .link && !problem.skipsLinks && problem.objective != .cost
            && !problem.fixedParent.contains { $0 >= 0 }
    }

    /// - Returns: the tree brought under its capacities, or what is left of its surplus.
    static func relieved(_ tree: Arborescence, of problem: TreeProblem) -> Arborescence {
        guard tree.excess(over: problem.capacity) > 0 else { return tree }
        let search = WorstPathSearch(
            tree,
            of: problem,
            bound: LowerBound.value(of: problem.with(objective: .radius))
        )
        search.relieve()
        return search.tree.arborescence()
    }

    /// - Returns: a tree of no greater radius and no greater delays on average.
    static func improved(
        _ tree: Arborescence,
        of problem: TreeProblem,
        bound: Double,
        effort: Double
    ) -> Arborescence {
        let search = WorstPathSearch(tree, of: problem, bound: bound)
        search.settle()
        if problem.objective == .radius {
            search.improve(effort: effort)
            search.settle()
        }
        return search.tree.arborescence()
    }

    private init(_ start: Arborescence, of problem: TreeProblem, bound: Double) {
        self.problem = problem
        tree = HeightTree(start, of: problem)
        exchange = SlotExchange(problem, tree)
        self.bound = Picoseconds(bound)
    }

    /// Takes the surplus children from overfull nodes, as little late as can be: for each deadline first by chains of moves, then by
    /// turns.
    ///
    private func relieve() {
        var overfull = (0..<problem.nodeCount).filter { tree.isOverfull($0) }
        let lookMax = Self.relieveLookMaxPerNode * problem.nodeCount
        var deadline = max(bound + bound / 4, 1)
        for round in 0..<Self.deadlineCount where !overfull.isEmpty && exchange.lookCount < lookMax
        {
            // Late rounds look for ways out of large parts, too.
            exchange.partNodeCountMax = round < Self.deadlineCount / 2 ? 64 : 4096
            for turns in [false, true] {
                exchange.startSearch()
                overfull = overfull.filter { node in
                    exchange.lookCount >= lookMax
                        || !relieve(node, deadline: deadline, turns: turns)
                }
            }
            deadline += deadline / 5
        }
    }

    private func relieve(_ node: Int, deadline: Picoseconds, turns: Bool) -> Bool {
        while tree.isOverfull(node) {
            guard exchange.free(node, deadline: deadline, turns: turns) else { return false }
            // A turn opens what was closed.
            if turns { exchange.startSearch() }
        }
        return true
    }

    /// While anybody would be earlier below another neighbour that has room, it goes there.
    private func settle() {
        for _ in 0..<Self.passCountMax {
            var isChanged = false
            for node in 0..<problem.nodeCount where node != tree.root {
                guard let step = bestStep(of: node) else { continue }
                tree.move(node, to: step.parent, edge: step.edge)
                isChanged = true
            }
            if !isChanged { break }
        }
    }

    /// Improves until no step is found, or the effort is spent.
    private func improve(effort: Double) {
        let shiftMax =
            tree.shiftCount + Int(Double(Self.shiftMaxPerNode * problem.nodeCount) * effort)
        let lookMax =
            exchange.lookCount + Int(Double(Self.shiftMaxPerNode * problem.nodeCount) * effort)
        while tree.radius > bound, tree.shiftCount < shiftMax, exchange.lookCount < lookMax,
            improveWorst()
        {}
    }

    private struct Step {
        var node: Int
        var parent: Int
        var edge: Picoseconds
        var gain: Picoseconds
    }

    /// Makes the farthest node less far.
    private func improveWorst() -> Bool {
        var steps: ContiguousArray<Step> = []
        var node = tree.farthest(below: tree.root)
        while node != tree.root {
            addSteps(of: node, to: &steps)
            node = Int(tree.parent[node])
        }
        steps.sort { $0.gain != $1.gain ? $0.gain > $1.gain : $0.node < $1.node }
        let deadline = tree.radius - 1
        for step in steps {
            if !tree.hasRoom(step.parent) {
                exchange.startSearch()
                guard exchange.free(step.parent, deadline: deadline, reachMax: Self.reachMax) else {
                    continue
                }
                // The exchange may have brought others into the way.
                guard tree.parent[step.node] != step.parent,
                    !tree.isInSubtree(step.parent, of: step.node),
                    tree.delay[step.parent] + step.edge < tree.delay[step.node]
                else { return true }
            }
            tree.move(step.node, to: step.parent, edge: step.edge)
            return true
        }
        return false
    }

    private func addSteps(of node: Int, to steps: inout ContiguousArray<Step>) {
        for arc in problem.graph.arcs(of: node) {
            if let step = step(of: node, along: arc) { steps.append(step) }
        }
    }

    private func bestStep(of node: Int) -> Step? {
        var best: Step?
        for arc in problem.graph.arcs(of: node) where tree.hasRoom(Int(problem.graph.target[arc])) {
            if let step = step(of: node, along: arc), step.gain > best?.gain ?? 0 { best = step }
        }
        return best
    }

    /// `nil` when a node would not be earlier there.
    private func step(of node: Int, along arc: Int) -> Step? {
        let other = Int(problem.graph.target[arc])
        let edge = problem.graph.delay[arc] + problem.hop
        let gain = tree.delay[node] - tree.delay[other] - edge
        guard gain > 0, other != tree.parent[node], tree.capacity[other] > 0,
            !tree.isInSubtree(other, of: node)
        else { return nil }
        return Step(node: node, parent: other, edge: edge, gain: gain)
    }
}
