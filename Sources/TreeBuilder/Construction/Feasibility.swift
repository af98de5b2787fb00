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
        /// The search for a tree ended with this node over its capacity.
        case overloaded(node: Int)
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
            return worst.map { .cutNode(node: $0, needed: Int(partsBehind[$0])) }
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
        let repaired = DegreeRepair.repaired(capped, of: problem, seed: seed)
        let counts = repaired.childCounts()
        let node = counts.indices.first { counts[$0] > problem.capacity[$0] }
        return .overloaded(node: node ?? problem.root)
    }

    /// The least fan-out above `fanOut` for which a tree is found, all else unchanged; `nil` when the nodes'
    /// own limits, not the fan-out, are in the way.
    func smallestFanOut(above fanOut: Int) -> Int? {
        var trial = problem
        // Beyond the largest degree (link) or n − 1 (mesh) a larger fan-out changes nothing.
        let degreeMax = (0..<problem.nodeCount).map { problem.graph.arcs(of: $0).count }.max() ?? 0
        let last = problem.mode == .link ? degreeMax : problem.nodeCount - 1
        var candidate = fanOut + 1
        while candidate <= last {
            trial.capacity = Self.capacity(
                nodeCount: problem.nodeCount,
                fanOut: candidate,
                maxChildren: maxChildren
            )
            if certainObstacle(under: trial.capacity) == nil,
                problem.mode == .mesh || FirstTree.tree(for: trial, seed: seed) != nil
            {
                return candidate
            }
            candidate += 1
        }
        return nil
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
