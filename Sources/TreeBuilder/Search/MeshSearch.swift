import Topology

/// Improves a tree of mesh mode by many small random moves, annealed (Banerjee et al., INFOCOM 2003, on why moves beat
/// greedy construction; Kirkpatrick et al., Science 220, 1983, on the schedule).
///
/// The cost to lower is the objective plus a little of the other figures, so that the many trees with one
/// radius still have a slope:
///
/// ```
/// radius:  radius + mean/50 + lateness/10
/// mean:    mean + radius/1000
/// cost:    cost + mean/1000, in units that make both of one size
/// and in all of them: fine · copies beyond what links carry
/// ```
///
/// Nodes are *late* when they are farther away than the middle between the bound and the best radius: what the radius
/// alone does not show is how many nodes stand in the way of the next one.
///
/// Which nodes lie next to the root is settled early and hardly changes later, so several searches of their own find better
/// trees than a long one; `DeadlineSearch` gets on from there. All of it counts moves, never time.
final class MeshSearch {
    /// What one unit of each figure costs.
    struct Weights {
        var radius = 0.0
        /// Of Σ weight · delay.
        var weighted = 0.0
        var lateness = 0.0
        var price = 0.0
    }

    /// The best tree so far, and what it is worth: the objective, then the figure that decides between equals.
    struct Best {
        var tree: Arborescence?
        var value = Double.infinity
        var second = Double.infinity
    }

    private static let fineInterval = 50
    private static let roundCountMax = 8

    private let problem: TreeProblem
    private let tree: SearchTree
    private let moves: MeshMoves
    private let candidates: ParentCandidates
    private let ledger: LinkLedger?
    private let weights: Weights
    private let bound: Double
    private var random: SeededGenerator
    private var best: Best
    private var fine: Double
    private var path: ContiguousArray<Int32> = []

    /// - Returns: the best tree seen, never worse than the start; the start where there is no delay matrix. `nil` when none was
    ///   found whose links carry it.
    static func improved(
        _ start: Arborescence,
        of problem: TreeProblem,
        bound: Double,
        effort: Double,
        seed: UInt64
    ) -> Arborescence? {
        guard let delays = problem.delays, problem.nodeCount > 2,
            let candidates = ParentCandidates(problem)
        else { return start }
        return delays.delays.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return start }
            let table = DelayTable(delays: base, nodeCount: problem.nodeCount)
            var best = Best()
            let planned = roundCount(of: problem, effort: effort)
            let starts =
                planned > 1 ? RootChildren.starts(of: problem, count: planned, seed: seed) : []
            // While nothing was found that links carry, it is tried again.
            for round in 0..<max(planned, roundCountMax) where round < planned || best.tree == nil {
                let search = MeshSearch(
                    problem,
                    from: round > 0 && round <= starts.count ? starts[round - 1] : start,
                    table: table,
                    candidates: candidates,
                    bound: bound,
                    best: best,
                    seed: seed &+ UInt64(round) &* 0x9E37_79B9
                )
                search.run(moveCount: moveCount(of: problem, effort: effort))
                best = search.best
                if search.isAtBound { break }
            }
            return best.tree
        }
    }

    private init(
        _ problem: TreeProblem,
        from start: Arborescence,
        table: DelayTable,
        candidates: ParentCandidates,
        bound: Double,
        best: Best,
        seed: UInt64
    ) {
        self.problem = problem
        self.bound = bound
        self.candidates = candidates
        self.best = best
        tree = SearchTree(start, of: problem)
        moves = MeshMoves(tree: tree, delays: table, hop: problem.hop)
        ledger = LinkLedger(problem, start)
        random = SeededGenerator(seed: seed)
        fine = 0
        let weightSum = problem.weightSum
        switch problem.objective {
        case .radius: weights = Weights(radius: 1, weighted: 0.02 / weightSum, lateness: 0.1)
        case .mean: weights = Weights(radius: 0.001, weighted: 1 / weightSum)
        case .cost:
            let price = max(ledger?.price ?? 0, .leastNormalMagnitude)
            let scale = max(tree.weightedSum / weightSum, 1) / price
            weights = Weights(weighted: 0.001 / weightSum, price: scale)
        }
        tree.findWorst()
        rememberIfBest()
        setDeadline()
    }

    // MARK: Effort

    /// How many moves one search makes: in a release build about 0.1 s at 200 nodes, 0.8 s at 726.
    private static func moveCount(of problem: TreeProblem, effort: Double) -> Int {
        let count = Double(problem.nodeCount)
        // Without a limit to break off at, each move of the mean is walked to its end.
        let perNode: Double = problem.objective == .radius ? 6000 : 3000
        // Small trees are soon searched through; between 30 and 100 nodes there is time to spare.
        let small = min(600_000, max(20_000, 600 * count * count))
        let moves = max(perNode / 6000 * small, min(perNode * count, 3_000_000))
        return Int(min(moves * max(0, effort), 1e12))
    }

    private static func roundCount(of problem: TreeProblem, effort: Double) -> Int {
        guard problem.objective == .radius, effort > 0 else { return 1 }
        let affordable = 3_000_000 / max(1, moveCount(of: problem, effort: 1))
        return max(1, min(roundCountMax, problem.nodeCount / 3, affordable))
    }

    /// Rounds of annealing, each from where the last one ended. The radius hangs on which few nodes lie next to the root: to change
    /// these, the search must climb over trees far worse than the one it has, so the second round starts hot.
    private var rounds: [(heat: Double, share: Double)] {
        problem.objective == .radius
            ? [(1, 0.2), (4, 0.4), (2, 0.2), (1, 0.2)]
            : [(1, 0.25), (1, 0.25), (1, 0.25), (1, 0.25)]
    }

    // MARK: The search

    private func run(moveCount: Int) {
        let scale = cost(weighted: tree.weightedSum, radius: tree.radius, price: ledger?.price ?? 0)
        fine = 0.05 * scale
        for round in rounds {
            let perStage = Int(Double(moveCount) * round.share) / Annealing.stageCount
            var annealing = Annealing(scale: scale * round.heat)
            for _ in 0..<Annealing.stageCount {
                for move in 0..<perStage {
                    if isAtBound { return }
                    if move % Self.fineInterval == 0 { adjustFine(scale) }
                    step(annealing.tolerance(&random))
                }
                annealing.cool()
            }
        }
    }

    /// Up while links carry too much, down while they do not. Beyond what any move is worth it starts anew: the way out
    /// of a tree with one copy too many leads over trees with two.
    private func adjustFine(_ scale: Double) {
        guard let ledger, ledger.limitsBandwidth else { return }
        fine = ledger.overload > 0 ? fine * 1.2 : max(fine * 0.9, 0.01 * scale)
        if fine > 100 * scale { fine = 0.01 * scale }
    }

    private func cost(weighted: Double, radius: Picoseconds, price: Double) -> Double {
        weights.weighted * weighted + weights.radius * Double(radius) + weights.price * price
    }

    private func step(_ tolerance: Double) {
        let node = pickNode()
        guard !tree.isFixed[node] else { return }
        let other = candidates.pick(for: node, &random)
        guard other != node else { return }
        let radius = tree.radius
        // What the ledger's part of the cost can fall by at most: it is asked last, since that is dear.
        let relief =
            ledger.map { fine * Double($0.overload) + weights.price * $0.price } ?? 0
        let allowed = tolerance + relief + weights.lateness * Double(tree.lateness)
        let limit = problem.objective == .radius ? radius + Picoseconds(min(allowed, 0x1p60)) : .max
        guard moves.propose(node, other, limit: limit, &random),
            let change = tree.assess(limit: limit)
        else { return }
        var rest =
            weights.lateness * Double(change.lateness) + weights.weighted * change.weighted
        var highest = change.changesWorst ? change.highest : max(change.highest, radius)
        guard rest + weights.radius * Double(highest - radius) <= tolerance + relief else { return }
        if change.changesWorst {
            highest = max(highest, tree.highestOfOthers())
            guard rest + weights.radius * Double(highest - radius) <= tolerance + relief else {
                return
            }
        }
        if let ledger {
            rest += crossed(ledger)
            guard rest + weights.radius * Double(highest - radius) <= tolerance else {
                tree.forEachStep { node, old, new in
                    ledger.cross(from: new, to: node, -1)
                    ledger.cross(from: old, to: node, 1)
                }
                return
            }
        }
        tree.commit(change)
        path.removeAll(keepingCapacity: true)
        rememberIfBest()
    }

    /// Moves the edges of the proposal in the ledger.
    ///
    /// - Returns: what that adds to the cost.
    private func crossed(_ ledger: LinkLedger) -> Double {
        let (price, overload) = (ledger.price, ledger.overload)
        tree.forEachStep { node, old, new in
            ledger.cross(from: old, to: node, -1)
            ledger.cross(from: new, to: node, 1)
        }
        return weights.price * (ledger.price - price) + fine * Double(ledger.overload - overload)
    }

    private func rememberIfBest() {
        guard ledger.map({ $0.overload == 0 }) ?? true else { return }
        let radius = Double(tree.radius)
        let (value, second) =
            switch problem.objective {
            case .radius: (radius, tree.weightedSum)
            case .mean: (tree.weightedSum / problem.weightSum, radius)
            case .cost: (ledger?.price ?? 0, tree.weightedSum)
            }
        // Sums of rounded numbers: a part in 10¹² is no difference.
        let isBetter = value < best.value * (1 - 1e-12)
        guard isBetter || value <= best.value && second < best.second * (1 - 1e-12) else { return }
        best = Best(tree: tree.arborescence(), value: value, second: second)
        if isBetter { setDeadline() }
    }

    private func setDeadline() {
        guard problem.objective == .radius else { return }
        let value = best.tree == nil ? Double(tree.radius) : best.value
        tree.setDeadline(Picoseconds((bound + value) / 2))
    }

    private var isAtBound: Bool { best.value <= bound * (1 + 1e-12) }

    /// Half of the picks come from the path to the worst node: only there can the radius shrink.
    private func pickNode() -> Int {
        guard random.next() & 1 == 0 else { return random.next(below: problem.nodeCount) }
        if path.isEmpty {
            var node = tree.worst
            while node >= 0 {
                path.append(Int32(node))
                node = Int(tree.parent[node])
            }
        }
        return Int(path[random.next(below: path.count)])
    }
}
