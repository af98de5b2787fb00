import Topology

/// A figure no tree can beat, valid in both modes.
///
/// *Levels.* Let M(j) be the most nodes that can lie on levels 1 … j. Every one of them is a child of a
/// node on one of the levels 0 … j − 1, so M(j) ≤ cap(root) + the M(j−1) largest capacities of the
/// others: with a uniform fan-out k that is k, k + k², …. Hence at least n − 1 − M(j) nodes lie deeper than j.
///
/// *Radius.* A node v on level j has a delay of at least d(v) + j·hop, because propagation along any tree
/// path is at least the shortest path d(v). Given the counts, the assignment that minimises the largest
/// such sum gives the far nodes the low levels: exchanging a pair that is the other way round never
/// raises the maximum.
///
/// *Mean.* Σ w(v)·delay(v) ≥ Σ w(v)·d(v) + hop·Σ w(v)·level(v). The first sum does not depend on the
/// tree; the second is least when heavy nodes get low levels (rearrangement inequality).
///
/// *Cost.* The links that a tree's messages cross join all nodes, so they cost at least what a minimum spanning tree of the links
/// does; nodes that a multicast segment joins count as joined.
///
/// *Link mode* has one more bound: a tree path is a path in the graph whose every link costs its delay
/// plus one hop, so delay(v) is at least the shortest path under those weights. It does not hold where a multicast
/// segment joins nodes that no link joins: that is one hop over several links.
enum LowerBound {
    /// - Returns: the bound on the objective's figure, in picoseconds, or a price.
    static func value(of problem: TreeProblem) -> Double {
        let levels = Self.levels(of: problem)
        switch problem.objective {
        case .radius: return Double(radius(of: problem, levels: levels))
        case .mean: return mean(of: problem, levels: levels)
        case .cost: return LightTree.leastPrice(of: problem)
        }
    }

    /// The least levels n − 1 nodes can have under the capacities, ascending.
    static func levels(of problem: TreeProblem) -> ContiguousArray<Int> {
        // Forwarders need no level, and lend their slots all the same.
        let count = (0..<problem.nodeCount).count { problem.isRequired($0) }
        let othersDescending = problem.capacity.indices.lazy
            .filter { $0 != problem.root && !problem.isAbsent($0) }
            .map { Int(problem.capacity[$0]) }.sorted(by: >)
        var levels = ContiguousArray<Int>()
        levels.reserveCapacity(count)
        var open = Int(problem.capacity[problem.root])
        var level = 1
        var used = 0
        while levels.count < count - 1, open > 0 {
            let count = min(open, count - 1 - levels.count)
            levels.append(contentsOf: repeatElement(level, count: count))
            open = othersDescending[used..<(used + count)].reduce(0, +)
            used += count
            level += 1
        }
        return levels
    }

    private static func radius(of problem: TreeProblem, levels: ContiguousArray<Int>) -> Picoseconds
    {
        // Settled order is nearest first; the root comes first and has no level.
        let farFirst = problem.fromRoot.order.dropFirst().reversed().lazy
            .filter { problem.isRequired(Int($0)) }
        var bound: Picoseconds = 0
        for (node, level) in zip(farFirst, levels) {
            bound = max(bound, problem.fromRoot.delay[Int(node)] + Picoseconds(level) * problem.hop)
        }
        if problem.mode == .link, problem.hop > 0, !problem.skipsLinks {
            let paths = ShortestPaths(from: problem.root, in: problem.graph, hop: problem.hop)
            for node in 0..<problem.nodeCount where problem.isRequired(node) {
                bound = max(bound, paths.delay[node])
            }
        }
        return bound
    }

    private static func mean(of problem: TreeProblem, levels: ContiguousArray<Int>) -> Double {
        var propagation = 0.0
        for node in 0..<problem.nodeCount {
            propagation += problem.weight[node] * Double(problem.fromRoot.delay[node])
        }
        var forwarding = 0.0
        for (weight, level) in zip(problem.weight.sorted(by: >), levels) {
            forwarding += weight * Double(level) * Double(problem.hop)
        }
        var bound = propagation + forwarding
        if problem.mode == .link, problem.hop > 0, !problem.skipsLinks {
            let paths = ShortestPaths(from: problem.root, in: problem.graph, hop: problem.hop)
            var sum = 0.0
            for node in 0..<problem.nodeCount {
                sum += problem.weight[node] * Double(paths.delay[node])
            }
            bound = max(bound, sum)
        }
        return bound / problem.weightSum
    }
}
