import Topology

/// Which of the nodes that need no place take part in a tree, as several choices worth a try.
///
/// ```
///                   link mode                                     mesh mode
///  radius, mean     those on the shortest ways;                   none; all
///                   those on the ways of a tree that keeps limits
///  cost             those of a Steiner tree, and on the           forks of a Steiner tree; all of its nodes; none
///                   shortest ways to who would be late
/// ```
struct ForwarderChoice {
    private let problem: TreeProblem
    private let delayBound: Topology.DelayBound

    init(_ problem: TreeProblem, delayBound: Topology.DelayBound) {
        self.problem = problem
        self.delayBound = delayBound
    }

    /// Masks of the nodes that are left out, by node, each once; the last has nobody in it.
    func masks(seed: UInt64) -> [ContiguousArray<Bool>] {
        var chosen: [ContiguousArray<Bool>] = []
        switch (problem.mode, problem.objective) {
        case (.link, .cost): chosen = [steinerNodes, shortestWays].compactMap(\.self)
        case (.link, _):
            chosen = [shortestWays, limitedWays(seed: seed)].compactMap(\.self)
        case (.mesh, .cost):
            chosen = [steinerForks, steinerNodes].compactMap(\.self) + [required]
        case (.mesh, _): chosen = [required]
        }
        chosen.append(ContiguousArray(repeating: true, count: problem.nodeCount))
        var masks: [ContiguousArray<Bool>] = []
        for isIn in chosen {
            let mask = ContiguousArray(isIn.indices.map { !isIn[$0] && problem.isForwarder($0) })
            if !masks.contains(mask) { masks.append(mask) }
        }
        return masks
    }

    private var required: ContiguousArray<Bool> {
        ContiguousArray((0..<problem.nodeCount).map { problem.isRequired($0) })
    }

    /// The required nodes and what lies on the shortest ways from the root to them.
    private var shortestWays: ContiguousArray<Bool>? {
        let paths = ShortestPaths(from: problem.root, in: problem.graph, hop: problem.hop)
        return nodes(onWaysOf: paths.predecessor)
    }

    /// The same in a first tree of all nodes, which keeps limits.
    private func limitedWays(seed: UInt64) -> ContiguousArray<Bool>? {
        FirstTree.tree(for: problem, seed: seed).flatMap { nodes(onWaysOf: $0.parent) }
    }

    private func nodes(onWaysOf parent: ContiguousArray<Int32>) -> ContiguousArray<Bool>? {
        var isIn = ContiguousArray(repeating: false, count: problem.nodeCount)
        isIn[problem.root] = true
        for start in 0..<problem.nodeCount where problem.isRequired(start) {
            var node = start
            while node >= 0, !isIn[node] {
                isIn[node] = true
                node = Int(parent[node])
            }
        }
        return isIn
    }

    // MARK: Steiner trees

    private func steinerTree() -> SteinerTree? {
        guard let network = PricedNetwork(problem) else { return nil }
        let terminals = (0..<problem.nodeCount).filter { problem.isRequired($0) }
        return SteinerTree.joining(terminals, in: network.graph)
    }

    /// With the shortest ways to those who would be later than they may, as in the trees of Khuller, Raghavachari and Young.
    private var steinerNodes: ContiguousArray<Bool>? {
        guard let tree = steinerTree() else { return nil }
        var isIn = tree.nodes(nodeCount: problem.nodeCount)
        guard problem.mode == .link else { return isIn }
        let paths = ShortestPaths(from: problem.root, in: problem.graph, hop: problem.hop)
        let delay = delays(in: tree)
        for start in 0..<problem.nodeCount
        where problem.isRequired(start) && delay[start] > latest(for: paths.delay[start]) {
            var node = start
            while node >= 0 {
                isIn[node] = true
                node = Int(paths.predecessor[node])
            }
        }
        return isIn
    }

    private func latest(for least: Picoseconds) -> Picoseconds {
        switch delayBound {
        case .stretch(let factor): least.stretched(by: factor)
        case .milliseconds(let limit): Picoseconds(milliseconds: limit) ?? .max
        }
    }

    /// By node, from the root along the tree.
    private func delays(in tree: SteinerTree) -> ContiguousArray<Picoseconds> {
        var neighbours = [[Int]](repeating: [], count: problem.nodeCount)
        for edge in tree.edges {
            neighbours[edge.a].append(edge.b)
            neighbours[edge.b].append(edge.a)
        }
        var delay = ContiguousArray<Picoseconds>(repeating: -1, count: problem.nodeCount)
        delay[problem.root] = 0
        var pending = [problem.root]
        while let node = pending.popLast() {
            for other in neighbours[node] where delay[other] < 0 {
                delay[other] =
                    delay[node] + (problem.graph.linkDelay(node, other) ?? 0) + problem.hop
                pending.append(other)
            }
        }
        return delay
    }

    /// Where the ways part: who lies between two of these is passed by, not stopped at.
    private var steinerForks: ContiguousArray<Bool>? {
        guard let tree = steinerTree() else { return nil }
        var isIn = required
        for (node, degree) in tree.degrees(nodeCount: problem.nodeCount).enumerated()
        where degree > 2 { isIn[node] = true }
        return isIn
    }
}

extension Arborescence {
    /// Takes out forwarders that reach nobody.
    ///
    /// - Returns: who is left out then, by node.
    mutating func dropLooseForwarders(
        of problem: TreeProblem,
        absent: ContiguousArray<Bool>
    ) -> ContiguousArray<Bool> {
        var absent = absent
        var counts = childCounts()
        for start in parent.indices {
            var node = start
            while problem.isForwarder(node), !absent[node], problem.fixedParent[node] < 0,
                counts[node] == 0
            {
                let above = Int(parent[node])
                parent[node] = -1
                edge[node] = 0
                absent[node] = true
                guard above >= 0 else { break }
                counts[above] -= 1
                node = above
            }
        }
        return absent
    }

    /// Takes out forwarders that reach nobody, and in mesh mode those that a single child can do without.
    ///
    /// - Returns: who is left out then, by node.
    mutating func dropForwarders(
        of problem: TreeProblem,
        absent: ContiguousArray<Bool>
    ) -> ContiguousArray<Bool> {
        let absent = dropLooseForwarders(of: problem, absent: absent)
        guard problem.mode == .mesh else { return absent }
        let counts = childCounts()
        for node in parent.indices
        where problem.isForwarder(node) && !absent[node] && problem.fixedParent[node] < 0
            && counts[node] == 1
        {
            if let child = parent.firstIndex(of: Int32(node)) { bypass(node, to: child, problem) }
        }
        return dropLooseForwarders(of: problem, absent: absent)
    }

    /// Hangs the only child of a forwarder at its parent, where that makes nothing dearer or later.
    private mutating func bypass(_ node: Int, to child: Int, _ problem: TreeProblem) {
        let above = Int(parent[node])
        guard problem.mode == .mesh, problem.fixedParent[child] < 0,
            let direct = problem.edgeDelay(from: above, to: child),
            direct <= edge[node] + edge[child],
            problem.price(from: above, to: child)
                <= (problem.price(from: above, to: node) + problem.price(from: node, to: child))
                * (1 + 1e-9)
        else { return }
        attach(child, to: above, edge: direct)
    }
}
