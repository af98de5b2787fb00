import Topology

/// Makes a tree better by few moves: in each round the one that wins most for each node that has to move.
///
/// ```
/// move       v goes below p, which has a slot                                       1 node
/// displace   p is full: its child c goes to another place, to v's, or below v       2 nodes
/// ```
///
/// Only nodes on the way to the latest are worth moving where the radius counts. What several branches decide together no single
/// round can lower, so the sum of what delays exceed a mark below the radius counts, too, and rounds at the end that brought
/// neither a less radius nor a less mean are taken back. Trees of the objective `cost` stay as they are.
struct Improvement {
    /// What a round has to win.
    struct Threshold {
        /// A part of the figure before.
        var share = 0.0
        var least: Picoseconds = 0

        /// Against moving to and fro: more than 5 % of the radius, and more than 1 ms.
        static let hysteresis = Threshold(share: 0.05, least: 1_000_000_000)
    }

    private struct Action {
        var node: Int
        var parent: Int
        var displaced = -1
        var displacedTo = -1
        var moveCount: Int { displaced < 0 ? 1 : 2 }
    }

    private struct Figures {
        var radius: Picoseconds
        var weighted: Double
        var lateness: Picoseconds
        /// In the objective `cost`; else 0.
        var price: Double
    }

    private static let nearCountMax = 48
    /// What is late, as a part of the radius: with one mark the search gets stuck where with another it does not.
    private static let markShares = [0.9, 0.97, 0.8]

    private let problem: TreeProblem
    private let tree: SearchTree
    private let ledger: LinkLedger?
    private let old: ContiguousArray<Int32>
    private let markShare: Double

    /// - Returns: a tree in which at most `moveCountMax` nodes have other parents than in `start`.
    static func run(
        _ start: Arborescence,
        of problem: TreeProblem,
        atMost moveCountMax: Int,
        threshold: Threshold = Threshold()
    ) -> Arborescence {
        guard problem.presentCount > 2, moveCountMax > 0 else { return start }
        var best: (tree: Arborescence, figures: Figures)?
        for share in problem.objective == .radius ? markShares : [1] {
            let found = run(start, of: problem, moveCountMax, threshold, markShare: share)
            if let best,
                (best.figures.radius, best.figures.weighted)
                    <= (found.figures.radius, found.figures.weighted)
            {
                continue
            }
            best = found
        }
        return best?.tree ?? start
    }

    private static func run(
        _ start: Arborescence,
        of problem: TreeProblem,
        _ moveCountMax: Int,
        _ threshold: Threshold,
        markShare: Double
    ) -> (tree: Arborescence, figures: Figures) {
        var work = Improvement(start, of: problem, markShare: markShare)
        var best = start
        var bestFigures = work.figures
        while let action = work.bestAction(within: moveCountMax) {
            guard work.apply(action) else { break }
            let now = work.figures
            guard work.isWorth(now, beside: bestFigures, threshold) else { continue }
            best = work.tree.arborescence()
            bestFigures = now
        }
        return (best, bestFigures)
    }

    private init(_ start: Arborescence, of problem: TreeProblem, markShare: Double) {
        self.problem = problem
        self.markShare = markShare
        tree = SearchTree(start, of: problem)
        tree.findWorst()
        ledger = LinkLedger(problem, start)
        old = start.parent
    }

    private var figures: Figures {
        Figures(
            radius: tree.radius,
            weighted: tree.weightedSum,
            lateness: tree.lateness,
            price: ledger?.price ?? 0
        )
    }

    private func isWorth(_ now: Figures, beside before: Figures, _ threshold: Threshold) -> Bool {
        if problem.objective == .radius {
            let least = max(Picoseconds(threshold.share * Double(before.radius)), threshold.least)
            if before.radius - now.radius > least { return true }
            guard threshold.least == 0, now.radius == before.radius else { return false }
            return now.weighted < before.weighted * (1 - 1e-9)
        }
        if problem.objective == .cost {
            return before.price - now.price > max(threshold.share, 1e-9) * before.price
        }
        let gain = (before.weighted - now.weighted) / problem.weightSum
        let mean = before.weighted / problem.weightSum
        return gain > max(threshold.share * mean, Double(threshold.least)) && gain > 1e-9 * mean
    }

    /// How many nodes would have other parents than at the start.
    private func movedCount(after action: Action) -> Int {
        var count = 0
        for node in 0..<problem.nodeCount where tree.parent[node] != old[node] { count += 1 }
        func shift(_ node: Int, _ parent: Int) {
            let was = tree.parent[node] != old[node]
            let will = Int32(parent) != old[node]
            count += (will ? 1 : 0) - (was ? 1 : 0)
        }
        shift(action.node, action.parent)
        if action.displaced >= 0 { shift(action.displaced, action.displacedTo) }
        return count
    }

    // MARK: What is worth a try

    private mutating func bestAction(within moveCountMax: Int) -> Action? {
        if problem.objective == .radius {
            tree.setDeadline(Picoseconds(markShare * Double(tree.radius)))
        }
        var best: (action: Action, gain: Double)?
        for node in movable() {
            for parent in parents(for: node) {
                consider(Action(node: node, parent: parent), moveCountMax, &best)
            }
        }
        return best?.action
    }

    /// On the way to the latest, where the radius counts; everybody else where it does not.
    private func movable() -> [Int] {
        guard problem.objective == .radius else {
            return (0..<problem.nodeCount).filter { !tree.isFixed[$0] }
        }
        let mark = Picoseconds(markShare * Double(tree.radius))
        var isOnTheWay = ContiguousArray<Bool>(repeating: false, count: problem.nodeCount)
        for start in 0..<problem.nodeCount where tree.delay[start] > mark {
            var node = start
            while node >= 0, !isOnTheWay[node] {
                isOnTheWay[node] = true
                node = Int(tree.parent[node])
            }
        }
        return (0..<problem.nodeCount).filter { isOnTheWay[$0] && !tree.isFixed[$0] }
    }

    /// Who would be a nearer parent, or in the objective `cost` a cheaper one: the best of them by the delay or the price that the node
    /// would have.
    private func parents(for node: Int) -> [Int] {
        var found: [(value: Double, node: Int)] = []
        let isPriced = problem.objective == .cost
        let price = isPriced ? problem.price(from: Int(tree.parent[node]), to: node) : 0
        func consider(_ other: Int) {
            guard other != tree.parent[node], other != node, tree.capacity[other] > 0,
                let edge = problem.edgeDelay(from: other, to: node),
                !tree.isInSubtree(other, of: node)
            else { return }
            let value =
                isPriced
                ? problem.price(from: other, to: node) : Double(tree.delay[other] + edge)
            guard value < (isPriced ? price : Double(tree.delay[node])) else { return }
            found.append((value, other))
        }
        if problem.mode == .mesh, problem.delays != nil {
            for other in 0..<problem.nodeCount where !problem.isAbsent(other) { consider(other) }
        } else {
            for arc in problem.graph.arcs(of: node) {
                let other = Int(problem.graph.target[arc])
                if !problem.isAbsent(other) { consider(other) }
            }
        }
        return found.sorted { $0 < $1 }.prefix(Self.nearCountMax).map(\.node)
    }

    private func consider(
        _ action: Action,
        _ moveCountMax: Int,
        _ best: inout (action: Action, gain: Double)?
    ) {
        guard !tree.hasRoom(action.parent) else { return judge(action, moveCountMax, &best) }
        let old = Int(tree.parent[action.node])
        var child = Int(tree.firstChild[action.parent])
        while child >= 0 {
            if !tree.isFixed[child], child != action.node {
                var action = action
                action.displaced = child
                for place in [old, action.node, nearestRoom(for: child, besides: action.parent)] {
                    action.displacedTo = place
                    judge(action, moveCountMax, &best)
                }
            }
            child = Int(tree.nextSibling[child])
        }
    }

    /// Where a node that makes room would be heard soonest; −1 where nobody has a slot.
    private func nearestRoom(for node: Int, besides parent: Int) -> Int {
        var best: (delay: Picoseconds, node: Int)?
        func consider(_ other: Int) {
            guard other != parent, other != node, tree.hasRoom(other),
                let edge = problem.edgeDelay(from: other, to: node),
                best.map({ (tree.delay[other] + edge, other) < $0 }) ?? true,
                !tree.isInSubtree(other, of: node)
            else { return }
            best = (tree.delay[other] + edge, other)
        }
        if problem.mode == .mesh, problem.delays != nil {
            for other in 0..<problem.nodeCount { consider(other) }
        } else {
            for arc in problem.graph.arcs(of: node) { consider(Int(problem.graph.target[arc])) }
        }
        return best?.node ?? -1
    }

    // MARK: What it wins

    private func judge(
        _ action: Action,
        _ moveCountMax: Int,
        _ best: inout (action: Action, gain: Double)?
    ) {
        guard propose(action), let change = tree.assess(limit: .max), !overloads() else { return }
        var highest = max(change.highest, change.changesWorst ? 0 : tree.radius)
        if change.changesWorst { highest = max(highest, tree.highestOfOthers()) }
        let mean = -change.weighted / problem.weightSum
        let gain: Double
        // Both in the unit of the objective.
        var scale = Double(max(tree.radius, 1))
        switch problem.objective {
        case .radius:
            guard highest <= tree.radius else { return }
            gain =
                Double(tree.radius - highest) - 0.1 * Double(change.lateness) + 0.02 * mean
        case .mean: gain = mean
        case .cost:
            gain = saving()
            scale = ledger?.price ?? 0
        }
        guard gain > 1e-9 * scale else { return }
        let perMove = gain / Double(action.moveCount)
        guard best.map({ perMove > $0.gain }) ?? true,
            movedCount(after: action) <= moveCountMax, keepsOrder(action)
        else { return }
        best = (action, perMove)
    }

    private func propose(_ action: Action) -> Bool {
        tree.propose()
        guard let edge = problem.edgeDelay(from: action.parent, to: action.node) else {
            return false
        }
        if action.displaced < 0 {
            tree.add(action.node, to: action.parent, edge: edge)
            return true
        }
        guard action.displacedTo >= 0, action.displacedTo != action.parent,
            let other = problem.edgeDelay(from: action.displacedTo, to: action.displaced)
        else { return false }
        if action.displacedTo == action.node {
            guard tree.hasRoom(action.node) else { return false }
        } else {
            // What is displaced must not land below itself, nor below what it makes room for.
            guard !tree.isInSubtree(action.displacedTo, of: action.displaced),
                !tree.isInSubtree(action.node, of: action.displaced),
                !tree.isInSubtree(action.displacedTo, of: action.node)
                    || action.displacedTo == tree.parent[action.node]
            else { return false }
        }
        tree.add(action.node, to: action.parent, edge: edge)
        tree.add(action.displaced, to: action.displacedTo, edge: other)
        return true
    }

    private func overloads() -> Bool {
        guard let ledger else { return false }
        let before = ledger.overload
        cross(ledger, 1)
        defer { cross(ledger, -1) }
        return ledger.overload > before
    }

    /// By how much the proposal is cheaper.
    private func saving() -> Double {
        guard let ledger else { return 0 }
        let before = ledger.price
        cross(ledger, 1)
        defer { cross(ledger, -1) }
        return before - ledger.price
    }

    private func cross(_ ledger: LinkLedger, _ sign: Int32) {
        tree.forEachStep { node, old, new in
            ledger.cross(from: old, to: node, -sign)
            ledger.cross(from: new, to: node, sign)
        }
    }

    private mutating func apply(_ action: Action) -> Bool {
        guard propose(action), let change = tree.assess(limit: .max) else { return false }
        if let ledger { cross(ledger, 1) }
        tree.commit(change)
        tree.findWorst()
        return true
    }

    // MARK: One order for both trees

    /// Whether some order still has every node behind its old parent and behind its new one: then relays of the old plan and of
    /// the new one attach by one numbering, and no two of them close a loop.
    private func keepsOrder(_ action: Action) -> Bool {
        func parents(of node: Int) -> (Int, Int) {
            let new =
                node == action.node
                ? action.parent
                : node == action.displaced ? action.displacedTo : Int(tree.parent[node])
            return (new, Int(old[node]))
        }
        var isSeen = ContiguousArray<Bool>(repeating: false, count: problem.nodeCount)
        for start in [action.node, action.displaced] where start >= 0 {
            // Upwards by either parent: who meets the start again stands on a circle.
            for node in isSeen.indices { isSeen[node] = false }
            var pending: [Int] = []
            let (new, older) = parents(of: start)
            pending += [new, older]
            while let node = pending.popLast() {
                guard node >= 0, !isSeen[node] else { continue }
                if node == start { return false }
                isSeen[node] = true
                let (new, older) = parents(of: node)
                pending += [new, older]
            }
        }
        return true
    }
}
