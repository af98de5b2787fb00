import Topology

/// Link mode: the places of a piece are where its links lead.
///
/// ```
///   top ✝ parent        The way out may be below the top. Then the piece is turned around: x becomes its top, and the nodes
///    │                  from the old top down to x change places, one move each. The fewest moves count first, then the
///    v                  delay of the farthest node.
///    │
///    x ┄┄┄┄ y           A way that only a full node offers waits for those that have room; what is left goes there all the
///                       same, and `DegreeRepair` brings the tree under its limits again, or it is cut off.
/// ```
extension Reattachment {
    private struct Way {
        var inside: Int
        var outside: Int
        var edge: Picoseconds
        var surplus: Int
        var moveCount: Int
        /// The delay of the piece's farthest node.
        var delay: Picoseconds

        func isBetter(than other: Way) -> Bool {
            if (surplus, moveCount) != (other.surplus, other.moveCount) {
                return (surplus, moveCount) < (other.surplus, other.moveCount)
            }
            return (delay, inside, outside) < (other.delay, other.inside, other.outside)
        }
    }

    /// Who has no way that limits leave is cut off, too: the others have one.
    mutating func attachAlongLinks(seed: UInt64) -> Outcome {
        let start = self
        if let outcome = attachAlongLinks(mayExceed: true, seed: seed) { return outcome }
        self = start
        return attachAlongLinks(mayExceed: false, seed: seed)
            ?? Outcome(tree: tree, cutOff: tops)
    }

    private mutating func attachAlongLinks(mayExceed: Bool, seed: UInt64) -> Outcome? {
        var pieces = tops.map(piece)
        while !pieces.isEmpty {
            var best: (index: Int, way: Way)?
            for (index, piece) in pieces.enumerated() {
                guard let way = bestWay(of: piece), mayExceed || way.surplus == 0 else { continue }
                if let best, !way.isBetter(than: best.way) { continue }
                best = (index, way)
            }
            guard let best else { break }
            let piece = pieces.remove(at: best.index)
            turn(piece, by: best.way)
        }
        let cutOff = pieces.flatMap { $0.nodes.map { Int($0) } }.sorted()
        for node in cutOff { tree.parent[node] = -1 }
        guard tree.excess(over: problem.capacity) > 0 else {
            return Outcome(tree: tree, cutOff: cutOff)
        }
        var rest = problem
        if !cutOff.isEmpty {
            var absent =
                problem.absent ?? ContiguousArray(repeating: false, count: problem.nodeCount)
            for node in cutOff { absent[node] = true }
            rest = problem.without(absent)
        }
        guard root == problem.root else { return Outcome(tree: tree, cutOff: cutOff) }
        tree = DegreeRepair.repaired(tree, of: rest, seed: seed)
        guard tree.excess(over: problem.capacity) == 0 else { return nil }
        return Outcome(tree: tree, cutOff: cutOff)
    }

    /// Nodes with a fixed parent keep it: the piece is turned no further than there.
    private func bestWay(of piece: Piece) -> Way? {
        var best: Way?
        for entry in piece.nodes {
            let node = Int(entry)
            var moveCount = 1
            var current = node
            while current != piece.top, problem.fixedParent[current] < 0 {
                current = Int(tree.parent[current])
                moveCount += 1
            }
            guard current == piece.top else { continue }
            if let best, best.surplus == 0, best.moveCount < moveCount { continue }
            var height: Picoseconds?
            for arc in problem.graph.arcs(of: node) {
                let outside = Int(problem.graph.target[arc])
                guard isAttached[outside] else { continue }
                let edge = problem.graph.delay[arc] + problem.hop
                let isTurned = node != piece.top
                let surplus =
                    (free[outside] > 0 ? 0 : 1) + (isTurned && free[node] <= 0 ? 1 : 0)
                let farthest = height ?? self.height(of: piece, from: node)
                height = farthest
                let way = Way(
                    inside: node,
                    outside: outside,
                    edge: edge,
                    surplus: surplus,
                    moveCount: moveCount,
                    delay: delay[outside] + edge + farthest
                )
                if let best, !way.isBetter(than: best) { continue }
                best = way
            }
        }
        return best
    }

    /// The delay from a node of the piece to the farthest of it.
    private func height(of piece: Piece, from start: Int) -> Picoseconds {
        guard start != piece.top else { return piece.height }
        var farthest: Picoseconds = 0
        walk(from: start) { _, depth in farthest = max(farthest, depth) }
        return farthest
    }

    /// All nodes of a piece from one of them on, along its edges in both directions.
    private func walk(from start: Int, _ body: (_ node: Int, _ depth: Picoseconds) -> Void) {
        var pending: [(node: Int, from: Int, depth: Picoseconds)] = [(start, -1, 0)]
        while let (node, from, depth) = pending.popLast() {
            body(node, depth)
            let above = Int(tree.parent[node])
            if above >= 0, above != from { pending.append((above, node, depth + tree.edge[node])) }
            for child in children.children(of: node) where Int(child) != from {
                pending.append((Int(child), node, depth + tree.edge[Int(child)]))
            }
        }
    }

    private mutating func turn(_ piece: Piece, by way: Way) {
        var order: [(node: Int, depth: Picoseconds)] = []
        walk(from: way.inside) { order.append(($0, $1)) }
        var node = way.inside
        var above = way.outside
        var edge = way.edge
        while true {
            let (oldParent, oldEdge) = (Int(tree.parent[node]), tree.edge[node])
            tree.attach(node, to: above, edge: edge)
            free[above] -= 1
            if oldParent < 0 { break }
            // What was its parent is its child.
            free[oldParent] += 1
            above = node
            node = oldParent
            edge = oldEdge
        }
        for (node, depth) in order {
            delay[node] = delay[way.outside] + way.edge + depth
            isAttached[node] = true
            attached.append(Int32(node))
        }
    }
}
