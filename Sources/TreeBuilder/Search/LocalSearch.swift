import Topology

/// Improves a tree by many small random moves, annealed (Banerjee et al., INFOCOM 2003, on why moves beat
/// greedy construction; Kirkpatrick et al., Science 220, 1983, on the schedule).
///
/// The cost to lower is the objective plus a little of the other figure, so that the many trees with one
/// radius still have a slope:
///
/// ```
/// radius:  radius + mean/50 + lateness/20 + fine · surplus children
/// mean:    mean + radius/1000 + fine · surplus children
/// ```
///
/// Only link mode passes through trees with surplus children; the best tree kept never has any. The fine rises
/// while there is a surplus and falls while there is none, so that the search keeps crossing the border on
/// which the good trees lie. It ends at the lower bound or after a number of moves that depends on n alone.
final class LocalSearch {
    private static let fineInterval = 50

    let problem: TreeProblem
    let tree: SearchTree
    var random: SeededGenerator
    let candidates: ParentCandidates?
    /// Scratch for moves that touch several nodes.
    var touched: ContiguousArray<Int> = []
    var otherTouched: ContiguousArray<Int> = []
    private var markOf: ContiguousArray<UInt32>
    private var mark: UInt32 = 0
    private var path: ContiguousArray<Int> = []
    private var pathTop = -1
    private let bound: Double
    private let weightSum: Double
    private var fine: Double
    private var best: Arborescence
    private var bestValue: Double
    private var bestCost: Double

    /// `start` is a tree that keeps all capacities.
    init(_ problem: TreeProblem, from start: Arborescence, bound: Double, seed: UInt64) {
        self.problem = problem
        self.bound = bound
        tree = SearchTree(start, of: problem)
        random = SeededGenerator(seed: seed)
        weightSum = problem.weightSum
        fine = 0.05 * bound
        candidates = problem.mode == .mesh ? ParentCandidates(problem) : nil
        markOf = ContiguousArray(repeating: 0, count: problem.nodeCount)
        best = start
        bestValue = .infinity
        bestCost = .infinity
        bestValue = value
        bestCost = cost
        setDeadline()
    }

    /// Nodes are late when they are farther away than the middle between the bound and the best radius: what the radius
    /// alone does not show is how many nodes stand in the way of the next one.
    private func setDeadline() {
        guard problem.mode == .mesh, problem.objective == .radius else { return }
        tree.setDeadline(Picoseconds((bound + bestValue) / 2))
        bestCost = cost
    }

    /// How many moves a tree of n nodes deserves: in a release build about 0.2 s at 200 nodes, 2 s at 726.
    static func moveCount(of problem: TreeProblem, effort: Double) -> Int {
        let count = Double(problem.nodeCount)
        let perNode: Double =
            switch (problem.mode, problem.objective) {
            case (.link, _): 9000
            case (.mesh, .radius): 6000
            // Without a limit to break off at, each move of the mean is walked to its end.
            case (.mesh, .mean): 3000
            }
        // Small trees are soon searched through; between 30 and 100 nodes there is time to spare.
        let small = min(600_000, max(20_000, 600 * count * count))
        let large = perNode / 600 * count * count
        let moves = min(6_000_000, max(min(perNode * count, 1.2e6), small, large))
        return Int(min(moves * max(0, effort), 1e12))
    }

    /// Rounds of annealing, each from where the last one ended.
    ///
    /// The radius in mesh mode hangs on which few nodes lie next to the root. To change these, the search must
    /// climb over trees far worse than the one it has, so the second round starts hot; the first serves the
    /// many networks where the bound is near. Elsewhere four plain rounds find the same tree for more seeds
    /// than one long round does.
    private var rounds: [(heat: Double, share: Double)] {
        problem.mode == .mesh && problem.objective == .radius
            ? [(1, 0.2), (4, 0.4), (2, 0.2), (1, 0.2)]
            : [(1, 0.25), (1, 0.25), (1, 0.25), (1, 0.25)]
    }

    /// - Returns: the best tree seen, never worse than the start.
    func run(moveCount: Int) -> Arborescence {
        for round in rounds {
            let perStage = Int(Double(moveCount) * round.share) / Annealing.stageCount
            var annealing = Annealing(scale: bestValue * round.heat)
            for _ in 0..<Annealing.stageCount {
                for move in 0..<perStage {
                    if isAtBound { return best }
                    if move % Self.fineInterval == 0 { adjustFine() }
                    step(annealing)
                }
                annealing.cool()
            }
        }
        return best
    }

    private func adjustFine() {
        fine = tree.excess > 0 ? min(fine * 1.2, 10 * bound) : max(fine * 0.9, 0.01 * bound)
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
        best = tree.arborescence()
        let isCloser = value < bestValue
        bestValue = value
        bestCost = cost
        if isCloser { setDeadline() }
    }

    /// The mean is a sum of rounded products; a part in 10¹² is no difference.
    private var isAtBound: Bool { bestValue <= bound * (1 + 1e-12) }

    private var value: Double {
        switch problem.objective {
        case .radius: Double(tree.radius)
        case .mean: tree.weightedSum / weightSum
        }
    }

    private var cost: Double {
        let mean = tree.weightedSum / weightSum
        let surplus = Double(tree.excess) * fine
        switch problem.objective {
        case .radius:
            return Double(tree.radius) + 0.02 * mean + 0.05 * Double(tree.lateness) + surplus
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

    /// Marks a node and all above it, and nothing else.
    func markPath(from node: Int) {
        mark &+= 1
        var current = node
        while current >= 0 {
            markOf[current] = mark
            current = Int(tree.parent[current])
        }
    }

    func isMarked(_ node: Int) -> Bool { markOf[node] == mark }

    func randomChild(of node: Int) -> Int {
        var child = Int(tree.firstChild[node])
        for _ in 0..<random.next(below: Int(tree.childCount[node])) {
            child = Int(tree.nextSibling[child])
        }
        return child
    }
}
