/// The shortest-path tree with its surplus children pushed down: the other first tree of mesh mode, and the
/// only one that needs no delay matrix.
///
/// Real networks are sparse, so most nodes of a shortest-path tree keep the cap already. A node with
/// more children than it may have keeps the tallest subtrees and hangs the others below these, which then
/// do the same in turn:
///
/// ```
///        p                    p            cap 2
///     / / \ \                / \
///    a b   c d     ──▶      a   b          a, b: the tallest
///                           │   │
///                           c   d
/// ```
///
/// Without the matrix an edge a→c is priced by way of p, which is never too little.
struct PushDown {
    private struct Branch {
        var node: Int
        /// Delay from the node it is about to hang at, without forwarding.
        var delay: Picoseconds
    }

    private let problem: TreeProblem
    /// Delay from a node to the farthest below it in the shortest-path tree.
    private var height: ContiguousArray<Picoseconds>
    private var branches: [[Branch]]
    private var tree: Arborescence

    /// - Returns: `nil` with fixed parents, or when the nodes kept have no room for those pushed down.
    static func tree(for problem: TreeProblem) -> Arborescence? {
        guard !problem.fixedParent.contains(where: { $0 >= 0 }) else { return nil }
        var construction = PushDown(problem)
        var pending = [problem.root]
        while let node = pending.popLast() {
            guard let children = construction.settle(node) else { return nil }
            pending.append(contentsOf: children)
        }
        return construction.tree
    }

    private init(_ problem: TreeProblem) {
        self.problem = problem
        let paths = problem.fromRoot
        height = ContiguousArray(repeating: 0, count: problem.nodeCount)
        branches = Array(repeating: [], count: problem.nodeCount)
        tree = Arborescence(nodeCount: problem.nodeCount)
        for node in paths.order.reversed().map({ Int($0) }) where paths.predecessor[node] >= 0 {
            let parent = Int(paths.predecessor[node])
            let delay = paths.delay[node] - paths.delay[parent]
            height[parent] = max(height[parent], height[node] + delay)
            branches[parent].append(Branch(node: node, delay: delay))
        }
    }

    /// Attaches what `node` keeps, hands the rest on, and returns the children kept.
    private mutating func settle(_ node: Int) -> [Int]? {
        var mine = branches[node]
        branches[node] = []
        let capacity = Int(problem.capacity[node])
        if mine.count > capacity {
            guard capacity > 0 else { return nil }
            mine.sort { isTaller($0, $1) }
            guard handOn(mine[capacity...], to: Array(mine[..<capacity])) else { return nil }
            mine.removeSubrange(capacity...)
        }
        for branch in mine {
            tree.attach(branch.node, to: node, edge: branch.delay + problem.hop)
        }
        return mine.map(\.node)
    }

    private mutating func handOn(_ surplus: ArraySlice<Branch>, to kept: [Branch]) -> Bool {
        let takers = kept.filter { problem.capacity[$0.node] > 0 }
        guard !takers.isEmpty else { return false }
        // An even share each, so that one popular neighbour does not become a chain.
        let share = (surplus.count + takers.count - 1) / takers.count
        var taken = ContiguousArray<Int>(repeating: 0, count: takers.count)
        for branch in surplus {
            var best: (position: Int, total: Picoseconds, edge: Picoseconds)?
            for (position, taker) in takers.enumerated() where taken[position] < share {
                let edge =
                    problem.delays.map { $0[taker.node, branch.node] }
                    ?? (taker.delay + branch.delay)
                let total = taker.delay + edge
                if let best, best.total <= total { continue }
                best = (position, total, edge)
            }
            guard let best else { return false }
            taken[best.position] += 1
            branches[takers[best.position].node].append(
                Branch(node: branch.node, delay: best.edge)
            )
        }
        return true
    }

    /// Nodes that cannot pass anything on come last: keeping them would waste the slot.
    private func isTaller(_ a: Branch, _ b: Branch) -> Bool {
        let canForward = (problem.capacity[a.node] > 0, problem.capacity[b.node] > 0)
        if canForward.0 != canForward.1 { return canForward.0 }
        let total = (height[a.node] + a.delay, height[b.node] + b.delay)
        return total.0 != total.1 ? total.0 > total.1 : a.node < b.node
    }
}
