import Topology

/// The end of every search: while some small move makes the tree better and its objective no worse, it is made.
///
/// Many trees have one radius, since one path decides it. Of these the one with the least mean delay is wanted, and of those with
/// one mean, as without forwarding cost, the one whose messages cross the fewest links. Annealing stops when it has the radius.
struct Descent {
    private static let passCountMax = 16

    private enum Move {
        case reattach(Int)
        case swap(Int, child: Int)
        case insert(Int, above: Int)
        case exchange(Int)
    }

    /// What a move changes, in the order in which it counts; the objective first.
    private struct Gain {
        var first = 0.0
        var second = 0.0

        func isBetter(than other: Gain, tolerance: Gain) -> Bool {
            if abs(first - other.first) > tolerance.first { return first < other.first }
            return second < other.second - tolerance.second
        }
    }

    private let problem: TreeProblem
    private let tree: SearchTree
    private let ledger: LinkLedger?
    private let candidates: ParentCandidates?
    private let limit: Picoseconds
    private var tolerance = Gain()

    static func settled(_ start: Arborescence, of problem: TreeProblem) -> Arborescence {
        guard problem.delays != nil, problem.nodeCount > 2 else { return start }
        var descent = Descent(start, of: problem)
        for _ in 0..<passCountMax {
            var isChanged = false
            for node in 0..<problem.nodeCount where descent.improve(node) { isChanged = true }
            if !isChanged { break }
        }
        return descent.tree.arborescence()
    }

    private init(_ start: Arborescence, of problem: TreeProblem) {
        self.problem = problem
        tree = SearchTree(start, of: problem)
        tree.findWorst()
        ledger = LinkLedger(problem, start)
        candidates = problem.mode == .mesh ? ParentCandidates(problem) : nil
        limit = problem.objective == .radius ? tree.radius : .max
        let mean = 1e-9 * max(tree.weightedSum, 1)
        tolerance =
            problem.objective == .cost
            ? Gain(first: 1e-9 * max(ledger?.price ?? 0, 1e-9), second: mean)
            : Gain(first: mean, second: 0.5)
    }

    private mutating func improve(_ node: Int) -> Bool {
        guard !tree.isFixed[node] else { return false }
        var best: (move: Move, gain: Gain)?
        func consider(_ move: Move) {
            guard propose(move, for: node), let gain = gain() else { return }
            guard gain.isBetter(than: best?.gain ?? Gain(), tolerance: tolerance) else { return }
            best = (move, gain)
        }
        for other in parents(of: node) where other != node && tree.capacity[other] > 0 {
            guard let edge = problem.edgeDelay(from: other, to: node),
                tree.delay[other] + edge <= limit
            else { continue }
            if problem.mode == .mesh { consider(.exchange(other)) }
            guard other != tree.parent[node], !tree.isInSubtree(other, of: node) else { continue }
            if tree.hasRoom(other) {
                consider(.reattach(other))
                continue
            }
            var child = Int(tree.firstChild[other])
            while child >= 0 {
                if !tree.isFixed[child] {
                    consider(.swap(other, child: child))
                    consider(.insert(other, above: child))
                }
                child = Int(tree.nextSibling[child])
            }
        }
        guard let best, propose(best.move, for: node), let change = tree.assess(limit: limit) else {
            return false
        }
        if let ledger {
            tree.forEachStep { node, old, new in
                ledger.cross(from: old, to: node, -1)
                ledger.cross(from: new, to: node, 1)
            }
        }
        tree.commit(change)
        return true
    }

    private func parents(of node: Int) -> [Int] {
        if let candidates { return candidates.all(for: node) }
        return problem.graph.arcs(of: node).map { Int(problem.graph.target[$0]) }
    }

    private func propose(_ move: Move, for node: Int) -> Bool {
        tree.propose()
        switch move {
        case .reattach(let other): return add(node, to: other)
        case .swap(let other, let child):
            let old = Int(tree.parent[node])
            return !tree.isInSubtree(old, of: child) && add(node, to: other) && add(child, to: old)
        case .insert(let other, let child):
            return tree.hasRoom(node) && add(node, to: other) && add(child, to: node)
        case .exchange(let other):
            return exchange(node, other)
        }
    }

    /// - Returns: `false` when the two cannot be joined.
    private func add(_ node: Int, to parent: Int) -> Bool {
        guard !tree.isFixed[node], let edge = problem.edgeDelay(from: parent, to: node) else {
            return false
        }
        tree.add(node, to: parent, edge: edge)
        return true
    }

    private func exchange(_ first: Int, _ second: Int) -> Bool {
        guard let delays = problem.delays else { return false }
        return delays.delays.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return false }
            let table = DelayTable(delays: base, nodeCount: problem.nodeCount)
            return MeshMoves(tree: tree, delays: table, hop: problem.hop).exchange(first, second)
        }
    }

    /// What the proposal would change; `nil` when it breaks a limit.
    private func gain() -> Gain? {
        guard let change = tree.assess(limit: limit) else { return nil }
        var price = 0.0
        if let ledger {
            let (priceBefore, overloadBefore) = (ledger.price, ledger.overload)
            tree.forEachStep { node, old, new in
                ledger.cross(from: old, to: node, -1)
                ledger.cross(from: new, to: node, 1)
            }
            price = ledger.price - priceBefore
            let isOverloaded = ledger.overload > overloadBefore
            tree.forEachStep { node, old, new in
                ledger.cross(from: new, to: node, -1)
                ledger.cross(from: old, to: node, 1)
            }
            guard !isOverloaded else { return nil }
        }
        guard problem.objective != .cost else {
            // In link mode the ledger's prices are those of the links.
            return Gain(first: price, second: change.weighted)
        }
        guard change.weighted <= tolerance.first else { return Gain(first: change.weighted) }
        var crossings = 0
        if abs(change.weighted) <= tolerance.first, problem.mode == .mesh {
            tree.forEachStep { node, old, new in
                problem.forEachLink(from: old, to: node) { _ in crossings -= 1 }
                problem.forEachLink(from: new, to: node) { _ in crossings += 1 }
            }
        }
        return Gain(first: change.weighted, second: Double(crossings))
    }
}
