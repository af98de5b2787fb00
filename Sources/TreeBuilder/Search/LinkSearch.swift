import Topology

/// Improves a tree of link mode by many small random moves, annealed like those of `MeshSearch`.
///
/// ```
/// radius:  radius + mean/50 + fine · surplus children
/// mean:    mean + radius/1000 + fine · surplus children
/// cost:    cost + mean/1000 + fine · surplus children, in units that make cost and mean of one size
/// ```
///
/// The search passes through trees with surplus children; the best tree kept never has any. The fine rises
/// while there is a surplus and falls while there is none, so that the search keeps crossing the border on
/// which the good trees lie. It ends at the lower bound or after a number of moves that depends on n alone.
final class LinkSearch {
    private static let fineInterval = 50

    let problem: TreeProblem
    let tree: SearchTree
    var random: SeededGenerator
    /// Scratch for moves that touch several nodes.
    var touched: ContiguousArray<Int> = []
    private var markOf: ContiguousArray<UInt32>
    private var mark: UInt32 = 0
    private var path: ContiguousArray<Int> = []
    private var pathTop = -1
    private let bound: Double
    private let weightSum: Double
    /// By arc of the graph; empty when costs do not count.
    let prices: ContiguousArray<Double>
    /// The cost of the tree's links, to be kept by the moves.
    var price = 0.0
    private var keptPrice = 0.0
    private var priceScale: Double
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
        prices = problem.objective == .cost ? problem.arcPrices() : []
        fine = 0
        priceScale = 0
        markOf = ContiguousArray(repeating: 0, count: problem.nodeCount)
        best = start
        bestValue = .infinity
        bestCost = .infinity
        if !prices.isEmpty {
            price = TreeMeasure(start, of: problem).price
            keptPrice = price
            priceScale = max(tree.weightedSum / weightSum, 1) / max(price, .leastNormalMagnitude)
        }
        bestValue = value
        bestCost = cost
        fine = 0.05 * bestCost
    }

    /// How many moves a tree of n nodes deserves: in a release build about 0.2 s at 200 nodes, 0.6 s at 726.
    static func moveCount(of problem: TreeProblem, effort: Double) -> Int {
        let count = Double(problem.nodeCount)
        // Small trees are soon searched through; between 30 and 100 nodes there is time to spare.
        let small = min(600_000, max(20_000, 600 * count * count))
        let moves = min(3_000_000, max(min(9000 * count, 1.2e6), small))
        return Int(min(moves * max(0, effort), 1e12))
    }

    /// Rounds of annealing, each from where the last one ended: they find the same tree for more seeds than one long round does.
    private static let roundCount = 4

    /// - Returns: the best tree seen, never worse than the start.
    func run(moveCount: Int) -> Arborescence {
        // A bounded number of moves changes too little of a very large tree to be worth the wait.
        guard problem.delays != nil, problem.nodeCount > 2 else { return best }
        for _ in 0..<Self.roundCount {
            let perStage = moveCount / Self.roundCount / Annealing.stageCount
            var annealing = Annealing(scale: bestCost)
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
        fine = tree.excess > 0 ? min(fine * 1.2, 10 * bestCost) : max(fine * 0.9, 0.01 * bestCost)
    }

    private func step(_ annealing: Annealing) {
        let allowed = cost + annealing.tolerance(&random)
        let limit =
            problem.objective == .radius && allowed < 0x1p61 ? Picoseconds(allowed) : .max
        guard proposeLinkMove(limit: limit) else { return undo() }
        tree.updateWorst()
        guard cost <= allowed else { return undo() }
        tree.keep()
        keptPrice = price
        pathTop = -1
        rememberIfBest()
    }

    private func undo() {
        tree.undo()
        price = keptPrice
    }

    private func rememberIfBest() {
        guard tree.excess == 0 else { return }
        let value = value
        guard value < bestValue || (value == bestValue && cost < bestCost) else { return }
        best = tree.arborescence()
        bestValue = value
        bestCost = cost
    }

    /// The mean is a sum of rounded products; a part in 10¹² is no difference.
    private var isAtBound: Bool { bestValue <= bound * (1 + 1e-12) }

    private var value: Double {
        switch problem.objective {
        case .radius: Double(tree.radius)
        case .mean: tree.weightedSum / weightSum
        case .cost: price
        }
    }

    private var cost: Double {
        let mean = tree.weightedSum / weightSum
        let surplus = Double(tree.excess) * fine
        switch problem.objective {
        case .radius:
            return Double(tree.radius) + 0.02 * mean + surplus
        case .mean: return mean + 0.001 * Double(tree.radius) + surplus
        case .cost: return priceScale * price + 0.001 * mean + surplus
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
