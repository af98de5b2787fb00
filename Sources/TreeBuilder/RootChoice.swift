import Topology

/// `root: auto`: the vertex 1-centre (least eccentricity) for the radius and for the cost, whose delays are bounded, the weighted
/// 1-median for the mean; ties go
/// to the node that comes first in the file.
///
/// Everything that is published in a tree passes its root. So for every other tree that a node is the root of, its figure counts
/// `sharedRootShare` more: a second tree gets a root of its own, unless that were much farther off.
enum RootChoice {
    private static let sharedRootShare = 0.1

    /// Eligible are nodes that may have children and have no fixed parent.
    ///
    /// - Returns: `nil` when no node is eligible.
    static func best(
        in graph: Graph,
        delays: DelayMatrix?,
        objective: Topology.Objective,
        weight: ContiguousArray<Double>,
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
            case .radius, .cost: figure = Double(delays.eccentricity(of: node))
            case .mean:
                figure = (0..<graph.nodeCount).reduce(0) {
                    $0 + weight[$1] * Double(delays[node, $1])
                }
            }
            figure *= 1 + sharedRootShare * Double(rootCounts?[node] ?? 0)
            if figure < best.figure { best = (node, figure) }
        }
        return best.node
    }

    /// For graphs too large for n Dijkstras: the middle of a longest path found by a double sweep, then downhill
    /// from neighbour to neighbour.
    private static func approximate(
        in graph: Graph,
        start: Int,
        objective: Topology.Objective,
        weight: ContiguousArray<Double>,
        isEligible: (Int) -> Bool
    ) -> Int {
        let pathCountMax = 32
        func figure(_ node: Int) -> Double {
            let paths = ShortestPaths(from: node, in: graph)
            switch objective {
            case .radius, .cost: return Double(paths.eccentricity)
            case .mean:
                return (0..<graph.nodeCount).reduce(0) { $0 + weight[$1] * Double(paths.delay[$1]) }
            }
        }
        let firstSweep = ShortestPaths(from: start, in: graph)
        let oneEnd = Int(firstSweep.order.last ?? UInt32(start))
        let secondSweep = ShortestPaths(from: oneEnd, in: graph)
        let half = secondSweep.eccentricity / 2
        var middle = Int(secondSweep.order.last ?? UInt32(start))
        while secondSweep.delay[middle] > half, secondSweep.predecessor[middle] >= 0 {
            middle = Int(secondSweep.predecessor[middle])
        }
        var best = isEligible(middle) ? middle : start
        var bestFigure = figure(best)
        var pathCount = 1
        var improved = true
        while improved {
            improved = false
            for arc in graph.arcs(of: best) {
                let neighbour = Int(graph.target[arc])
                guard isEligible(neighbour) else { continue }
                guard pathCount < pathCountMax else { return best }
                pathCount += 1
                let candidate = figure(neighbour)
                guard candidate < bestFigure else { continue }
                best = neighbour
                bestFigure = candidate
                improved = true
                break
            }
        }
        return best
    }
}
