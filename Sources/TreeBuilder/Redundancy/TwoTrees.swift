import Topology

/// Two trees from one root, such that no other node's death costs anybody both feeds, as far as the links allow that.
struct TwoTrees {
    let builder: SingleTree
    let wish: Topology.Tree
    let choices: TreeChoices
    let whole: TreeProblem

    private var network: Network { builder.network }

    private struct Pair {
        var problems: [TreeProblem]
        var trees: [Arborescence]
        var cutNodes: [Int] = []
    }

    func result() throws(PlanError) -> SingleTree.Result {
        guard whole.delays != nil else {
            throw PlanError(
                code: .invalidValue,
                message:
                    "tree '\(wish.name)' is for \(whole.nodeCount) nodes; redundant: 2 counts up to \(DelayMatrix.nodeCountMax)",
                position: wish.position
            )
        }
        var pair = try pair()
        leaveOut(&pair)
        let bound = LowerBound.value(of: whole)
        var plan = network.treePlan(
            wish,
            choices: choices,
            problem: pair.problems[0],
            tree: pair.trees[0],
            bound: bound,
            seed: builder.options.seed
        )
        plan.redundancy = RedundancyPlan(
            pair.trees[1],
            of: pair.problems[1],
            in: network.topology,
            bound: bound,
            cutNodes: pair.cutNodes
        )
        network.addIslands(overTCP, of: wish, to: &plan)
        return SingleTree.Result(
            plan: plan,
            problem: pair.problems[0],
            tree: pair.trees[0],
            islands: [],
            second: (pair.trees[1], pair.problems[1])
        )
    }

    private var overTCP: [IslandSearch.Segment] {
        network.topology.segments.indices.map { index in
            IslandSearch.Segment(
                index: index,
                decision: .init(isMulticast: false, reason: "two trees go over TCP"),
                island: nil
            )
        }
    }

    private func pair() throws(PlanError) -> Pair {
        switch whole.mode {
        case .mesh:
            let trees = ColouredTrees(builder: builder, problem: whole, rootLimit: rootLimit)
            guard let found = trees.found() else { throw noSecond(at: whole.root) }
            return pair(of: found.trees, cutNodes: [])
        case .link: return try alongLinks()
        }
    }

    /// As far as a limit is stated, or was chosen.
    private var rootLimit: Int? {
        let nodes = builder.budgets.remaining(of: network.topology).nodes
        return choices.limit(at: nodes[whole.root], in: wish, fixedChildCount: 0)
    }

    // MARK: Along links

    private static let orderCountMax = 64

    /// The best of several orders: where the search goes first decides what stands next to what.
    private func alongLinks() throws(PlanError) -> Pair {
        var best: (pair: Pair, value: ColouredTrees.Value)?
        var unseated = whole.root
        var random = SeededGenerator(seed: builder.options.seed)
        let share = min(1, 100 / Double(whole.nodeCount)) * min(1, builder.options.effort)
        for number in 0..<max(2, Int(Double(Self.orderCountMax) * share)) {
            let order = BlockOrder(root: whole.root, of: whole.graph) { node in
                neighbours(of: node, number, &random)
            }
            let trees = OrderedTrees(whole, order)
            if let node = trees.unseated {
                unseated = node
                continue
            }
            let pair = pair(
                of: [trees.tree(isSecond: false), trees.tree(isSecond: true)],
                cutNodes: order.cutNodes
            )
            guard isWithinLinks(pair) else { continue }
            let values = zip(pair.trees, pair.problems).map {
                TreeMeasure($0, of: $1).value(for: whole.objective)
            }
            let value = ColouredTrees.Value(worse: values.max() ?? 0, better: values.min() ?? 0)
            if let best, best.value <= value { continue }
            best = (pair, value)
        }
        guard let best else { throw noSecond(at: unseated) }
        return best.pair
    }

    /// The nearest first, then the farthest, then by lot.
    private func neighbours(
        of node: Int,
        _ number: Int,
        _ random: inout SeededGenerator
    ) -> [Int] {
        var arcs = whole.graph.arcs(of: node).sorted {
            (whole.graph.delay[$0], $0) < (whole.graph.delay[$1], $1)
        }
        if number == 1 { arcs.reverse() }
        if number > 1 {
            for index in arcs.indices.dropFirst().reversed() {
                arcs.swapAt(index, random.next(below: index + 1))
            }
        }
        return arcs.map { Int(whole.graph.target[$0]) }
    }

    /// The better tree first, as it is the one that relays follow.
    private func pair(of found: [Arborescence], cutNodes: [Int]) -> Pair {
        let values = found.map { TreeMeasure($0, of: whole).value(for: whole.objective) }
        let trees = values[1] < values[0] ? [found[1], found[0]] : found
        let problems = [
            whole.leaving(trees[1], rootLimit: rootLimit),
            whole.leaving(trees[0], rootLimit: rootLimit),
        ]
        return Pair(problems: problems, trees: trees, cutNodes: cutNodes)
    }

    private func isWithinLinks(_ pair: Pair) -> Bool {
        guard let copyMax = whole.links?.copyMax else { return true }
        var copies = ContiguousArray<Int32>(repeating: 0, count: copyMax.count)
        for tree in pair.trees {
            for node in tree.parent.indices where tree.parent[node] >= 0 {
                whole.forEachLink(from: Int(tree.parent[node]), to: node) { copies[$0] += 1 }
            }
        }
        return zip(copies, copyMax).allSatisfy { $0 <= $1 }
    }

    // MARK: Who is not needed

    /// Pass-through nodes that forward in neither tree.
    private func leaveOut(_ pair: inout Pair) {
        guard whole.forwarders != nil else { return }
        var absent = ContiguousArray(repeating: false, count: whole.nodeCount)
        var isChanged = true
        while isChanged {
            isChanged = false
            let counts = pair.trees.map { $0.childCounts() }
            for node in absent.indices
            where whole.isForwarder(node) && !absent[node] && counts.allSatisfy({ $0[node] == 0 }) {
                for index in pair.trees.indices {
                    pair.trees[index].parent[node] = -1
                    pair.trees[index].edge[node] = 0
                }
                absent[node] = true
                isChanged = true
            }
        }
        for index in pair.problems.indices {
            pair.problems[index] = pair.problems[index].without(absent)
        }
        // Who is left out may have been all that was behind one.
        let isOnBoth = onBothWays(pair.trees)
        pair.cutNodes.removeAll { !isOnBoth[$0] }
    }

    /// By node, whether it is on both ways to another.
    private func onBothWays(_ trees: [Arborescence]) -> ContiguousArray<Bool> {
        var isOnBoth = ContiguousArray(repeating: false, count: whole.nodeCount)
        for start in isOnBoth.indices where trees[0].parent[start] >= 0 {
            var first = Set<Int32>()
            var node = trees[0].parent[start]
            while node >= 0 {
                first.insert(node)
                node = trees[0].parent[Int(node)]
            }
            node = trees[1].parent[start]
            while node >= 0 {
                if first.contains(node) { isOnBoth[Int(node)] = true }
                node = trees[1].parent[Int(node)]
            }
        }
        return isOnBoth
    }

    private func noSecond(at node: Int) -> PlanError {
        let id = network.topology.nodes[node].id
        let clause =
            node == whole.root
            ? "the root '\(id)' needs room for a child in each, and the other nodes for half of all nodes each time"
            : "'\(id)' found no place in one of them"
        return PlanError(
            code: .infeasible,
            message:
                "no two trees '\(wish.name)' were found in \(choices.mode.rawValue) mode that keep the limits of children and links together: "
                + "\(clause); raise fan-out, max-children or bandwidth, or take out redundant: 2",
            position: network.topology.nodes[node].position ?? wish.position,
            nodeID: id
        )
    }
}
