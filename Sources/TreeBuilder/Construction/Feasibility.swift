import Topology

/// Says why the capacities admit no tree, and from which fan-out on they would.
struct Feasibility {
    /// What stands in the way of a tree.
    enum Obstacle: Equatable {
        /// A node must serve `needed` children, because that many parts hang on it alone, and may serve fewer.
        case cutNode(node: Int, needed: Int)
        /// Fewer child slots than nodes to serve, mesh mode.
        case tooFewSlots(slots: Int)
        /// The root may have no children.
        case closedRoot
        /// These nodes have no neighbours but a few, which may have fewer children together.
        case crowd(SlotMatching.Crowd)
        /// The search for a tree ended with this node over its capacity: `unplaced` are the children that found no other parent, at
        /// this node and others. It proves nothing.
        case overloaded(node: Int, unplaced: [Int])
        /// In link mode, the only ways to this node's fixed parent lead through the node.
        case unreachable(node: Int)
    }

    private let problem: TreeProblem
    private let maxChildren: ContiguousArray<Int?>
    private let seed: UInt64
    private let partsBehind: ContiguousArray<Int32>

    /// `maxChildren` are the limits of the nodes' own, without the tree's fan-out.
    init(_ problem: TreeProblem, maxChildren: ContiguousArray<Int?>, seed: UInt64) {
        self.problem = problem
        self.maxChildren = maxChildren
        self.seed = seed
        partsBehind = problem.graph.partsBehind(root: problem.root)
    }

    /// What is certain to be in the way, without a search; `nil` when nothing is.
    func certainObstacle(under capacity: ContiguousArray<Int32>) -> Obstacle? {
        guard problem.nodeCount > 1 else { return nil }
        if capacity[problem.root] == 0 { return .closedRoot }
        switch problem.mode {
        case .mesh:
            let slots = capacity.reduce(0) { $0 + Int($1) }
            return slots < problem.nodeCount - 1 ? .tooFewSlots(slots: slots) : nil
        case .link:
            var worst: Int?
            for node in 0..<problem.nodeCount where partsBehind[node] > capacity[node] {
                let lack = partsBehind[node] - capacity[node]
                if let current = worst, lack <= partsBehind[current] - capacity[current] {
                    continue
                }
                worst = node
            }
            if let worst { return .cutNode(node: worst, needed: Int(partsBehind[worst])) }
            guard !problem.skipsLinks else { return nil }
            return SlotMatching.crowd(of: problem, capacity: capacity).map { .crowd($0) }
        }
    }

    /// What stopped the search for a first tree.
    func obstacle() -> Obstacle {
        if let certain = certainObstacle(under: problem.capacity) { return certain }
        let capped = CappedShortestPath.tree(for: problem)
        guard capped.isSpanning(root: problem.root) else {
            let reached = Set(capped.breadthFirst(root: problem.root))
            let node = (0..<problem.nodeCount).first {
                problem.fixedParent[$0] >= 0 && !reached.contains($0)
            }
            return .unreachable(node: node ?? problem.root)
        }
        let repaired = FirstTree.relieved(capped, of: problem, seed: seed)
        let counts = repaired.childCounts()
        let node = counts.indices.first { counts[$0] > problem.capacity[$0] }
        var taken = ContiguousArray<Int32>(repeating: 0, count: problem.nodeCount)
        var unplaced: [Int] = []
        for child in repaired.parent.indices where repaired.parent[child] >= 0 {
            let parent = Int(repaired.parent[child])
            taken[parent] += 1
            if taken[parent] > problem.capacity[parent] { unplaced.append(child) }
        }
        return .overloaded(node: node ?? problem.root, unplaced: unplaced)
    }

    /// The least fan-out for which a tree was found.
    struct Cure: Equatable {
        var fanOut: Int
        /// Whether it is certain that no smaller one will do.
        var isProven: Bool
    }

    /// The least fan-out above `fanOut` for which a tree is found, all else unchanged; `nil` when the nodes'
    /// own limits, not the fan-out, are in the way.
    ///
    /// Small networks are tried with one after the other. In large ones, where a trial takes seconds, the fan-out is doubled until there
    /// is a tree, and then narrowed down.
    func cure(above fanOut: Int) -> Cure? {
        // Beyond the largest degree (link) or n − 1 (mesh) a larger fan-out changes nothing.
        let degreeMax = (0..<problem.nodeCount).map { problem.graph.arcs(of: $0).count }.max() ?? 0
        let last = problem.mode == .link ? degreeMax : problem.nodeCount - 1
        var failed = fanOut
        var step = 1
        while failed < last {
            let candidate = min(failed + step, last)
            if hasTree(fanOut: candidate) {
                let least = narrowed(failed: failed, found: candidate)
                let isProven = certainObstacle(under: capacity(fanOut: least - 1)) != nil
                return Cure(fanOut: least, isProven: isProven)
            }
            failed = candidate
            if problem.delays == nil { step *= 2 }
        }
        return nil
    }

    private func narrowed(failed: Int, found: Int) -> Int {
        var (failed, found) = (failed, found)
        while found - failed > 1 {
            let middle = failed + (found - failed) / 2
            if hasTree(fanOut: middle) { found = middle } else { failed = middle }
        }
        return found
    }

    private func hasTree(fanOut: Int) -> Bool {
        var trial = problem
        trial.capacity = capacity(fanOut: fanOut)
        return certainObstacle(under: trial.capacity) == nil
            && (problem.mode == .mesh || FirstTree.tree(for: trial, seed: seed) != nil)
    }

    private func capacity(fanOut: Int) -> ContiguousArray<Int32> {
        Self.capacity(
            nodeCount: problem.nodeCount,
            fanOut: fanOut,
            maxChildren: maxChildren
        )
    }

    /// The smaller of the tree's fan-out and each node's own limit, at most n − 1.
    static func capacity(
        nodeCount: Int,
        fanOut: Int?,
        maxChildren: ContiguousArray<Int?>
    ) -> ContiguousArray<Int32> {
        let most = min(fanOut ?? .max, max(0, nodeCount - 1))
        return ContiguousArray(maxChildren.map { Int32(min(most, $0 ?? .max)) })
    }
}
