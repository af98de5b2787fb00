/// The move of link mode, where a sparse graph leaves few parents to choose from: put a link x–y into the tree and
/// take out one edge of the cycle it closes.
///
/// ```
///    p              p
///    │ cut
///    v        y     v        y        The part below the cut is turned around: the path v … x
///    │        ┆     ▲        │        changes direction, x becomes the child of y.
///    x ┄┄┄┄┄┄┄┘     x ◀──────┘        With v = x this is a plain change of parent.
/// ```
///
/// If y is now over its capacity, one of its other children is sent on over a link of its own, and so on.
extension LinkSearch {
    private static let chainLengthMax = 3

    /// - Returns: whether a tree came out whose delays stay within `limit`; it may have surplus children.
    func proposeLinkMove(limit: Picoseconds) -> Bool {
        touched.removeAll(keepingCapacity: true)
        let node = pickNode()
        guard var full = reattach(node, cutHigher: true) else { return false }
        var arrived = node
        for _ in 1..<Self.chainLengthMax {
            guard tree.childCount[full] > tree.capacity[full] else { break }
            let child = randomChild(of: full)
            guard child != arrived, let next = reattach(child, cutHigher: false) else { break }
            arrived = child
            full = next
        }
        return touched.allSatisfy { tree.refresh($0, limit: limit) }
    }

    /// Puts a link of `node` that is drawn into the tree.
    ///
    /// With `cutHigher` the cut is anywhere on the cycle, not only right above the node.
    ///
    /// - Returns: the new parent; `nil` when the link drawn is in the tree or leads into the part cut off.
    private func reattach(_ node: Int, cutHigher: Bool) -> Int? {
        let arcs = problem.graph.arcs(of: node)
        guard !arcs.isEmpty, !tree.isFixed[node] else { return nil }
        let arc = arcs.lowerBound + random.next(below: arcs.count)
        let newParent = Int(problem.graph.target[arc])
        guard newParent != tree.parent[node], tree.parent[newParent] != node else { return nil }
        markPath(from: newParent)
        guard !isMarked(node) else { return nil }
        var top = node
        if cutHigher {
            var length = 1
            while true {
                let above = Int(tree.parent[top])
                guard !isMarked(above), !tree.isFixed[above] else { break }
                top = above
                length += 1
            }
            // Near cuts change little and are accepted often, far ones are what frees a crowded node.
            var climb = random.next(below: length)
            if random.next() & 1 == 0 { climb = min(climb, random.next(below: 3)) }
            top = node
            for _ in 0..<climb { top = Int(tree.parent[top]) }
        }
        let cut = Int(tree.parent[top])
        turn(node, upTo: top, under: newParent, edge: problem.graph.delay[arc] + problem.hop)
        if !prices.isEmpty { price += prices[arc] - priceOfLink(cut, top) }
        return newParent
    }

    private func priceOfLink(_ a: Int, _ b: Int) -> Double {
        problem.graph.arc(from: a, to: b).map { prices[$0] } ?? 0
    }

    private func turn(_ node: Int, upTo top: Int, under newParent: Int, edge: Picoseconds) {
        var current = node
        var below = newParent
        var newEdge = edge
        while true {
            let above = Int(tree.parent[current])
            let oldEdge = tree.edge[current]
            tree.move(current, to: below, edge: newEdge)
            touched.append(current)
            if current == top { return }
            below = current
            newEdge = oldEdge
            current = above
        }
    }
}
