import Topology

/// `root: auto`: the vertex 1-centre (least eccentricity) for the radius and for the cost, whose delays are bounded, the weighted
/// 1-median for the mean; ties go
/// to the node that comes first in the file.
///
/// Everything that is published in a tree passes its root. So for every other tree that a node is the root of, its figure counts
/// `sharedRootShare` more: a second tree gets a root of its own, unless that were much farther off.
enum RootChoice {
    private static let sharedRootShare = 0.1

    /// Eligible are nodes that may have children and have no fixed parent. How far off the passed are does not count; `nil` = nobody
    /// is passed.
    ///
    /// - Returns: `nil` when no node is eligible.
    static func best(
        in graph: Graph,
        delays: DelayMatrix?,
        objective: Topology.Objective,
        weight: ContiguousArray<Double>,
        passed: ContiguousArray<Bool>? = nil,
        rootCounts: [Int]? = nil,
        isEligible: (Int) -> Bool
    ) -> Int? {
        let eligible = (0..<graph.nodeCount).filter(isEligible)
        guard let first = eligible.first else { return nil }
        guard let delays else {
            return approximate(
                in: graph,
                start: first,
                objective: objective,
                weight: weight,
                isEligible: isEligible
            )
        }
        var best = (node: first, figure: Double.infinity)
        for node in eligible {
            var figure: Double
            switch objective {
            case .radius, .cost:
                figure = Double(delays.eccentricity(of: node, besides: passed))
            case .mean:
                figure = (0..<graph.nodeCount).reduce(0) { sum, other in
                    passed?[other] == true
                        ? sum : sum + weight[other] * Double(delays[node, other])
                }
            }
            figure *= 1 + sharedRootShare * Double(rootCounts?[node] ?? 0)
            if figure < best.figure { best = (node, figure) }
        }
        return best.node
    }

    /// How many times Dijkstra's algorithm runs where there is no matrix.
    private static let pathCountMax = 32

    /// For graphs too large for n Dijkstras.
    private static func approximate(
        in graph: Graph,
        start: Int,
        objective: Topology.Objective,
        weight: ContiguousArray<Double>,
        isEligible: (Int) -> Bool
    ) -> Int {
        let eligible = ContiguousArray((0..<graph.nodeCount).map(isEligible))
        let centre = centre(of: graph, start: start, eligible: eligible)
        guard objective == .mean else { return centre }
        return downhill(in: graph, from: centre, weight: weight, eligible: eligible)
    }

    /// The centre by bounds on eccentricities (Takes & Kosters, Algorithms 6, 2013): with e the eccentricity of v,
    /// max(d(v, w), e − d(v, w)) bounds that of w from below. Most graphs need some ten runs until no other node can be better;
    /// what is best after `pathCountMax` is taken.
    private static func centre(of graph: Graph, start: Int, eligible: ContiguousArray<Bool>) -> Int
    {
        var least = ContiguousArray<Picoseconds>(repeating: 0, count: graph.nodeCount)
        var best = (node: start, eccentricity: Picoseconds.max)
        var next = start
        for run in 0..<pathCountMax {
            let paths = ShortestPaths(from: next, in: graph)
            let eccentricity = paths.eccentricity
            if eligible[next], eccentricity < best.eccentricity { best = (next, eccentricity) }
            // In turn the farthest node, from which bounds are high, and the node of the lowest bound.
            let isFarNext = run % 2 == 0
            var lowest = -1
            for node in 0..<graph.nodeCount {
                let delay = paths.delay[node]
                least[node] = max(least[node], delay, eccentricity - delay)
                guard eligible[node] else { continue }
                if lowest < 0 || least[node] < least[lowest] { lowest = node }
            }
            guard lowest >= 0, least[lowest] < best.eccentricity else { break }
            next = isFarNext ? Int(paths.order.last ?? UInt32(next)) : lowest
        }
        return best.node
    }

    /// From neighbour to neighbour while the weighted mean falls.
    private static func downhill(
        in graph: Graph,
        from start: Int,
        weight: ContiguousArray<Double>,
        eligible: ContiguousArray<Bool>
    ) -> Int {
        func figure(_ node: Int) -> Double {
            let paths = ShortestPaths(from: node, in: graph)
            return (0..<graph.nodeCount).reduce(0) { $0 + weight[$1] * Double(paths.delay[$1]) }
        }
        var best = (node: start, figure: figure(start))
        var runCount = 1
        var improved = true
        while improved {
            improved = false
            for arc in graph.arcs(of: best.node) where eligible[Int(graph.target[arc])] {
                guard runCount < pathCountMax else { return best.node }
                runCount += 1
                let neighbour = Int(graph.target[arc])
                let candidate = figure(neighbour)
                guard candidate < best.figure else { continue }
                best = (neighbour, candidate)
                improved = true
                break
            }
        }
        return best.node
    }
}
