/// Brings a spanning tree of links under its capacities by exchanging edges.
///
/// The question whether such a tree exists is NP-complete; the exchange follows Fürer and Raghavachari
/// (J. Algorithms 17, 1994), whose trees are at most one over the optimum, with chance in place of their
/// forest of good nodes to get past that one:
///
/// ```
///     w  over capacity          1. cut off the part below one child c of w
///    /│\                        2. of all links x–y that lead out of it, take one that
///   · c ·      y                   overloads nobody, or else one that only moves the surplus
///     ┆        ┆                3. turn the part around so that x is its top, hang it at y
///     x ┄┄┄┄┄┄┄┘
/// ```
///
/// A node that was just relieved is closed to newcomers for a while, so that the surplus travels.
struct DegreeRepair {
    private static let closedStepCount = 12

    private let problem: TreeProblem
    private let tree: SearchTree
    private var random: SeededGenerator
    private var closedUntil: ContiguousArray<Int>
    private var step = 0

    private struct Exchange {
        var inside: Int
        var outside: Int
        var edge: Picoseconds
    }

    /// - Returns: a tree that keeps all capacities, or the one with the least surplus that was found.
    static func repaired(
        _ tree: Arborescence,
        of problem: TreeProblem,
        seed: UInt64
    ) -> Arborescence {
        guard tree.excess(over: problem.capacity) > 0 else { return tree }
        var repair = DegreeRepair(
            problem: problem,
            tree: SearchTree(tree, of: problem),
            random: SeededGenerator(seed: seed),
            closedUntil: ContiguousArray(repeating: 0, count: problem.nodeCount)
        )
        return repair.run(from: tree)
    }

    private mutating func run(from start: Arborescence) -> Arborescence {
        var best = start
        var bestExcess = tree.excess
        // One step looks at one cut-off part: bounded by n, so this bounds the whole effort.
        let stepCount = min(20_000, max(1000, 20_000_000 / problem.nodeCount))
        while tree.excess > 0, step < stepCount {
            step += 1
            guard let node = pickOverloaded(), let child = pickFreeChild(of: node) else { continue }
            guard let exchange = pickExchange(cutting: child) else { continue }
            closedUntil[node] = step + Self.closedStepCount
            apply(exchange, cutting: child)
            if tree.excess < bestExcess {
                bestExcess = tree.excess
                best = tree.arborescence()
            }
        }
        return best
    }

    private mutating func pickOverloaded() -> Int? {
        var found: Int?
        var seen = 0
        for node in 0..<problem.nodeCount where tree.childCount[node] > tree.capacity[node] {
            seen += 1
            if random.next(below: seen) == 0 { found = node }
        }
        return found
    }

    private mutating func pickFreeChild(of node: Int) -> Int? {
        var found: Int?
        var seen = 0
        var child = Int(tree.firstChild[node])
        while child >= 0 {
            if !tree.isFixed[child] {
                seen += 1
                if random.next(below: seen) == 0 { found = child }
            }
            child = Int(tree.nextSibling[child])
        }
        return found
    }

    /// The link out of the part below `top` that adds the least surplus; ties are drawn.
    private mutating func pickExchange(cutting top: Int) -> Exchange? {
        var best: (exchange: Exchange, surplus: Int)?
        var ties = 0
        var node = top
        while true {
            // Turning needs every edge from here up to the cut, so a fixed one shuts its whole part out.
            let canTurn = node == top || !tree.isFixed[node]
            if canTurn {
                for arc in problem.graph.arcs(of: node) {
                    let other = Int(problem.graph.target[arc])
                    guard other != tree.parent[top] || node != top, !problem.isAbsent(other) else {
                        continue
                    }
                    guard closedUntil[other] < step, !tree.isInSubtree(other, of: top) else {
                        continue
                    }
                    var surplus = tree.hasRoom(other) ? 0 : 1
                    if node != top, !tree.hasRoom(node) { surplus += 1 }
                    if let best, best.surplus < surplus { continue }
                    ties = best?.surplus == surplus ? ties + 1 : 1
                    guard random.next(below: ties) == 0 else { continue }
                    let edge = problem.graph.delay[arc] + problem.hop
                    best = (Exchange(inside: node, outside: other, edge: edge), surplus)
                }
                if tree.firstChild[node] >= 0 {
                    node = Int(tree.firstChild[node])
                    continue
                }
            }
            while node != top, tree.nextSibling[node] < 0 { node = Int(tree.parent[node]) }
            if node == top { break }
            node = Int(tree.nextSibling[node])
        }
        guard let best else { return nil }
        // A step up is taken now and then; always would undo what was won.
        guard best.surplus < 2 || random.next(below: 16) == 0 else { return nil }
        return best.exchange
    }

    private func apply(_ exchange: Exchange, cutting top: Int) {
        var current = exchange.inside
        var below = exchange.outside
        var newEdge = exchange.edge
        while true {
            let above = Int(tree.parent[current])
            let oldEdge = tree.edge[current]
            tree.move(current, to: below, edge: newEdge)
            if current == top { break }
            below = current
            newEdge = oldEdge
            current = above
        }
        tree.keep()
    }
}
