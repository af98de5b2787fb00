import Topology

/// Makes a tree send one copy to each region, as far as that does not make it worse than it may be.
///
/// ```
///  the free tree ──▶ fewest edges between regions, while every node is in time ──▶ in less and less time, with no more of them
/// ```
///
/// A region that is entered once has a head, and the tree of its nodes hangs below that: the search finds the heads, the tree of the heads and
/// those in the regions together, since what one of them takes of the time and of the slots is not there for the others. It is the search of
/// the objective `cost`, to which an edge from one region to another costs 1 and all else nothing.
struct RegionTree {
    let builder: SingleTree
    let stretch: Double

    /// How often the time is shortened.
    private static let tighteningCount = 4

    struct Outcome {
        var found: SingleTree.Found
        var plan: RegionPlan
    }

    func outcome(of free: SingleTree.Found) throws(PlanError) -> Outcome {
        guard free.problem.delays != nil else {
            throw PlanError(
                code: .invalidValue,
                message:
                    "region-stretch counts up to \(DelayMatrix.nodeCountMax) nodes; this topology has \(free.problem.nodeCount)"
            )
        }
        let count = CopyCount(free.problem, of: builder.network.topology)
        let measure = TreeMeasure(free.tree, of: free.problem)
        var found = free
        if let tree = fewestCopies(free, count, measure) { found.tree = tree }
        return Outcome(
            found: found,
            plan: RegionPlan(
                found.tree,
                of: found.problem,
                in: builder.network.topology,
                stretch: stretch,
                freeCopies: count.copies(of: free.tree),
                freeMs: free.problem.objective == .mean
                    ? measure.mean.rounded() / Picoseconds.perMillisecond
                    : measure.radius.milliseconds
            )
        )
    }

    /// - Returns: `nil` when none was found that is better than the free one.
    private func fewestCopies(
        _ free: SingleTree.Found,
        _ count: CopyCount,
        _ measure: TreeMeasure
    ) -> Arborescence? {
        guard builder.options.effort > 0, let links = free.problem.links,
            count.copies(of: free.tree) > count.least
        else { return nil }
        let problem = free.problem.with(regions: count.regions, links: links.betweenRegions)
        return free.problem.objective == .mean
            ? withinMean(free, problem, count, measure)
            : withinRadius(free, problem, count, measure)
    }

    private func withinRadius(
        _ free: SingleTree.Found,
        _ problem: TreeProblem,
        _ count: CopyCount,
        _ measure: TreeMeasure
    ) -> Arborescence? {
        func tree(within limit: Picoseconds) -> Arborescence? {
            let limits = ContiguousArray(repeating: limit, count: problem.nodeCount)
            return search(free.tree, problem, limits, count)
        }
        guard var best = tree(within: measure.radius.stretched(by: stretch)) else { return nil }
        let copies = count.copies(of: best)
        var slow = TreeMeasure(best, of: free.problem).radius
        var fast = measure.radius
        for _ in 0..<Self.tighteningCount where slow > fast {
            let middle = fast + (slow - fast) / 2
            if let other = tree(within: middle), count.copies(of: other) <= copies {
                best = other
                slow = TreeMeasure(other, of: free.problem).radius
            } else {
                fast = middle + 1
            }
        }
        return best
    }

    /// By how much more than the mean a single node may be later: where few nodes are, the mean hardly suffers.
    private static let shares = [4.0, 2, 1.4, 1]

    private func withinMean(
        _ free: SingleTree.Found,
        _ problem: TreeProblem,
        _ count: CopyCount,
        _ measure: TreeMeasure
    ) -> Arborescence? {
        var best: (tree: Arborescence, copies: Int, mean: Double)?
        for share in Self.shares {
            let limits = ContiguousArray(measure.delay.map { $0.stretched(by: stretch * share) })
            guard let tree = search(free.tree, problem, limits, count) else { continue }
            let mean = TreeMeasure(tree, of: free.problem).mean
            let copies = count.copies(of: tree)
            guard mean <= stretch * measure.mean else { continue }
            if let best, (best.copies, best.mean) <= (copies, mean) { continue }
            best = (tree, copies, mean)
        }
        return best?.tree
    }

    /// From the free tree, or from one that Prim's algorithm makes of the copies.
    private func search(
        _ free: Arborescence,
        _ problem: TreeProblem,
        _ limits: ContiguousArray<Picoseconds>,
        _ count: CopyCount
    ) -> Arborescence? {
        var problem = problem
        problem.delayLimit = limits
        var start = free
        if let light = LightTree.tree(for: problem), light.excess(over: problem.capacity) == 0,
            count.copies(of: light) < count.copies(of: free), isWithinLinks(light, problem)
        {
            start = light
        }
        let tree = builder.improved(start, of: problem, bound: Double(count.least))
        guard let tree, isWithinLinks(tree, problem) else { return nil }
        return tree
    }

    private func isWithinLinks(_ tree: Arborescence, _ problem: TreeProblem) -> Bool {
        LinkLedger(problem, tree).map { $0.overload == 0 } ?? true
    }
}

/// How many edges of a tree join nodes of different regions.
struct CopyCount {
    /// By node; nodes without a region are regions of their own.
    let regions: ContiguousArray<Int32>
    /// No tree of the nodes that are present has fewer.
    let least: Int
    private let problem: TreeProblem

    init(_ problem: TreeProblem, of topology: Topology) {
        self.problem = problem
        var numbers: [String: Int32] = [:]
        var regions: ContiguousArray<Int32> = []
        for (index, node) in topology.nodes.enumerated() {
            guard let region = node.region else {
                regions.append(Int32(index))
                continue
            }
            let number = numbers[region] ?? Int32(index)
            numbers[region] = number
            regions.append(number)
        }
        self.regions = regions
        least = Self.least(problem, regions)
    }

    /// What can be joined without a copy between regions are parts. Every tree joins those that hold a node that needs a place, with one
    /// copy less than they are.
    private static func least(_ problem: TreeProblem, _ regions: ContiguousArray<Int32>) -> Int {
        var sets = DisjointSets(count: problem.nodeCount)
        for node in 0..<problem.nodeCount {
            if problem.mode == .mesh { _ = sets.join(node, Int(regions[node])) }
            for arc in problem.graph.arcs(of: node) {
                let other = Int(problem.graph.target[arc])
                if regions[other] == regions[node] { _ = sets.join(node, other) }
            }
            if problem.isBySegment(node) { _ = sets.join(node, Int(problem.fixedParent[node])) }
        }
        let required = (0..<problem.nodeCount).filter { problem.isRequired($0) }
        return max(0, Set(required.map { sets.top(of: $0) }).count - 1)
    }

    func copies(of tree: Arborescence) -> Int {
        tree.parent.indices.count { node in
            let parent = Int(tree.parent[node])
            return parent >= 0 && regions[parent] != regions[node] && !problem.isBySegment(node)
        }
    }
}

extension RegionPlan {
    /// What a tree does for regions, in the words of the topology.
    init(
        _ tree: Arborescence,
        of problem: TreeProblem,
        in topology: Topology,
        stretch: Double,
        freeCopies: Int,
        freeMs: Double
    ) {
        let count = CopyCount(problem, of: topology)
        var names: [String] = []
        var entries: [[String]] = []
        for (index, node) in topology.nodes.enumerated() where !problem.isAbsent(index) {
            guard let region = node.region else { continue }
            let parent = Int(tree.parent[index])
            guard parent < 0 || count.regions[parent] != count.regions[index] else { continue }
            if let place = names.firstIndex(of: region) {
                entries[place].append(node.id)
            } else {
                names.append(region)
                entries.append([node.id])
            }
        }
        self.init(
            stretch: stretch,
            copies: count.copies(of: tree),
            leastCopies: count.least,
            freeCopies: freeCopies,
            freeMs: freeMs,
            heads: zip(names, entries).map { Head(region: $0, nodes: $1) }
        )
    }
}
