/// The moves of mesh mode, where any node may hang at any other:
///
/// ```
/// re-parent       v goes below p, which has room
/// swap            p is full: v takes the place of a child c of p, c takes v's
/// insert          p is full: v goes between p and its child c
/// exchange        u and v trade parents and children
/// pluck           v leaves its children to its parent and goes to p alone
/// ```
struct MeshMoves {
    let tree: SearchTree
    let delays: DelayTable
    let hop: Picoseconds

    /// Proposes one of them; `other` is a candidate for the parent.
    ///
    /// - Returns: whether the proposal is a tree that keeps all capacities.
    func propose(
        _ node: Int,
        _ other: Int,
        limit: Picoseconds,
        _ random: inout SeededGenerator
    ) -> Bool {
        tree.propose()
        switch random.next(below: 8) {
        case 0: return exchange(node, other)
        case 1: return pluck(node, to: other, &random)
        default: return reattach(node, to: other, limit: limit, &random)
        }
    }

    private func add(_ node: Int, to parent: Int) {
        tree.add(node, to: parent, edge: delays[parent, node] + hop)
    }

    private func reattach(
        _ node: Int,
        to other: Int,
        limit: Picoseconds,
        _ random: inout SeededGenerator
    ) -> Bool {
        // Most proposals end here: the delay that the node would have is known before anything else is.
        guard tree.delay[other] + delays[other, node] + hop <= limit else { return false }
        let old = Int(tree.parent[node])
        guard other != old, tree.capacity[other] > 0, !tree.isInSubtree(other, of: node) else {
            return false
        }
        add(node, to: other)
        guard !tree.hasRoom(other) else { return true }
        let child = randomChild(of: other, &random)
        return random.next() & 1 == 0
            ? swap(node, with: child, from: old) : insert(node, above: child)
    }

    /// The second half of a swap.
    func swap(_ node: Int, with child: Int, from old: Int) -> Bool {
        guard !tree.isFixed[child], !tree.isInSubtree(old, of: child) else { return false }
        add(child, to: old)
        return true
    }

    /// The second half of an insertion.
    func insert(_ node: Int, above child: Int) -> Bool {
        guard !tree.isFixed[child], tree.hasRoom(node) else { return false }
        add(child, to: node)
        return true
    }

    private func randomChild(of node: Int, _ random: inout SeededGenerator) -> Int {
        var child = Int(tree.firstChild[node])
        for _ in 0..<random.next(below: Int(tree.childCount[node])) {
            child = Int(tree.nextSibling[child])
        }
        return child
    }

    /// The only move by which a node changes places without what is below it; under a fan-out of 1, where all but one
    /// are full, it is the one that reorders the chain.
    private func pluck(_ node: Int, to other: Int, _ random: inout SeededGenerator) -> Bool {
        let old = Int(tree.parent[node])
        guard other != old, tree.capacity[other] > 0,
            tree.childCount[old] - 1 + tree.childCount[node] <= tree.capacity[old],
            addChildren(of: node, to: old, except: -1)
        else { return false }
        add(node, to: other)
        guard !tree.hasRoom(other) else { return true }
        let displaced = randomChild(of: other, &random)
        guard !tree.isTop(displaced), !tree.isFixed[displaced], tree.capacity[node] > 0 else {
            return false
        }
        // A step must not go into the piece of a later one.
        guard !tree.isInSubtree(node, of: displaced) else { return false }
        add(displaced, to: node)
        return true
    }

    func exchange(_ first: Int, _ second: Int) -> Bool {
        let isUpper = tree.isInSubtree(second, of: first)
        let upper = isUpper ? first : second
        let lower = isUpper ? second : first
        guard !tree.isFixed[upper], !tree.isFixed[lower],
            tree.childCount[upper] <= tree.capacity[lower],
            tree.childCount[lower] <= tree.capacity[upper]
        else { return false }
        let above = Int(tree.parent[upper])
        let isChild = tree.parent[lower] == upper
        let aboveLower = isChild ? lower : Int(tree.parent[lower])
        add(lower, to: above)
        guard addChildren(of: upper, to: lower, except: lower) else { return false }
        add(upper, to: aboveLower)
        return addChildren(of: lower, to: upper, except: -1)
    }

    /// - Returns: `false` when a child is fixed.
    private func addChildren(of node: Int, to parent: Int, except spared: Int) -> Bool {
        var child = Int(tree.firstChild[node])
        while child >= 0 {
            if child != spared {
                guard !tree.isFixed[child] else { return false }
                add(child, to: parent)
            }
            child = Int(tree.nextSibling[child])
        }
        return true
    }
}

/// A delay matrix as the inner loop reads it: through the pointer it lies at.
struct DelayTable {
    let delays: UnsafePointer<Picoseconds>
    let nodeCount: Int

    @inline(__always)
    subscript(from: Int, to: Int) -> Picoseconds { delays[from * nodeCount + to] }
}
