import Topology

/// Improves a tree by many small random moves, annealed (facts: Banerjee et al., INFOCOM 2003, for why moves
/// beat greedy construction; Kirkpatrick et al., 1983, for the schedule).
///
/// The cost to lower is the objective plus a little of the other figure, so that the many trees with one
/// radius still have a slope:
///
/// ```
/// radius:  radius + mean/50 + surplus children · 5 % of the bound
/// mean:    mean + radius/1000 + surplus children · 5 % of the bound
/// ```
///
/// Only link mode may pass through trees with surplus children; the best tree kept never has any. The search ends
/// at the lower bound or after a number of moves that depends on n alone.
final class LocalSearch {
    let problem: TreeProblem
    let tree: SearchTree
    var random: SeededGenerator
    let candidates: ParentCandidates?
    /// Scratch for moves that touch several nodes.
    var touched: ContiguousArray<Int> = []
    var otherTouched: ContiguousArray<Int> = []
    private var path: ContiguousArray<Int> = []
    private var pathTop = -1
    private let bound: Double
    private let weightSum: Double
    private let surplusCost: Double
    private var best: Arborescence
    private var bestValue: Double
    private var bestCost: Double

    /// - Parameter start: a tree that keeps all capacities.
    init(_ problem: TreeProblem, from start: Arborescence, bound: Double, seed: UInt64) {
        self.problem = problem
        self.bound = bound
        tree = SearchTree(start, of: problem)
        random = SeededGenerator(seed: seed)
        weightSum = problem.weightSum
        surplusCost = 0.05 * bound
        candidates = problem.mode == .mesh ? ParentCandidates(problem) : nil
        best = start
        bestValue = .infinity
        bestCost = .infinity
        bestValue = value
        bestCost = cost
    }

    /// How many moves a tree of n nodes deserves: about 0.2 s at 200 nodes, 2.5 s at 726.
    static func moveCount(nodeCount: Int, effort: Double) -> Int {
        let square = Double(nodeCount) * Double(nodeCount)
        let count = min(max(20_000, 12 * square), 6_000_000) * max(0, effort)
        return Int(min(count, 1e12))
    }

    /// - Returns: the best tree seen, never worse than the start.
    func run(moveCount: Int) -> Arborescence {
        var annealing = Annealing(scale: bound)
        let perStage = moveCount / Annealing.stageCount
        guard perStage > 0, !isAtBound else { return best }
        for _ in 0..<Annealing.stageCount {
            for _ in 0..<perStage {
                step(annealing)
                if bestValue <= bound { return best }
            }
            annealing.cool()
        }
        return best
    }

    private func step(_ annealing: Annealing) {
        let allowed = cost + annealing.tolerance(&random)
        let limit =
            problem.objective == .radius && allowed < 0x1p61 ? Picoseconds(allowed) : .max
        let isPossible =
            problem.mode == .mesh ? proposeMeshMove(limit: limit) : proposeLinkMove(limit: limit)
        guard isPossible else {
            tree.undo()
            return
        }
        tree.updateWorst()
        guard cost <= allowed else {
            tree.undo()
            return
        }
        tree.keep()
        pathTop = -1
        rememberIfBest()
    }

    private func rememberIfBest() {
        guard tree.excess == 0 else { return }
        let value = value
        guard value < bestValue || (value == bestValue && cost < bestCost) else { return }
        bestValue = value
        bestCost = cost
        best = tree.arborescence()
    }

    private var isAtBound: Bool { bestValue <= bound }

    private var value: Double {
        switch problem.objective {
        case .radius: Double(tree.radius)
        case .mean: tree.weightedSum / weightSum
        }
    }

    private var cost: Double {
        let mean = tree.weightedSum / weightSum
        let surplus = Double(tree.excess) * surplusCost
        switch problem.objective {
        case .radius: return Double(tree.radius) + 0.02 * mean + surplus
        case .mean: return mean + 0.001 * Double(tree.radius) + surplus
        }
    }

    /// Half of the picks come from the path to the worst node: only there can the radius shrink.
    func pickNode() -> Int {
        let word = random.next()
        guard word & 1 == 0 else { return random.next(below: problem.nodeCount) }
        if pathTop != tree.worst {
            path.removeAll(keepingCapacity: true)
            var node = tree.worst
            while node >= 0 {
                path.append(node)
                node = Int(tree.parent[node])
            }
            pathTop = tree.worst
        }
        return path[random.next(below: path.count)]
    }

    func randomChild(of node: Int) -> Int {
        var child = Int(tree.firstChild[node])
        for _ in 0..<random.next(below: Int(tree.childCount[node])) {
            child = Int(tree.nextSibling[child])
        }
        return child
    }
}
