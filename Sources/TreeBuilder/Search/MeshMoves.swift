/// The moves of mesh mode, where any node may hang at any other:
///
/// ```
/// re-parent       v goes below p, which has room
/// swap            p is full: v takes the place of a child c of p, c takes v's
/// insert          p is full: v goes between p and its child c
/// exchange        u and v trade parents and children
/// pluck           v leaves its children to its parent and goes to p alone
/// ```
extension LocalSearch {
    /// - Returns: whether a tree came out whose delays stay within `limit`.
    func proposeMeshMove(limit: Picoseconds) -> Bool {
        guard let candidates, let delays = problem.delays else { return false }
        let node = pickNode()
        guard !tree.isFixed[node] else { return false }
        let other = candidates.pick(for: node, &random)
        guard other != node else { return false }
        switch random.next(below: 8) {
        case 0: return exchange(node, other, delays, limit: limit)
        case 1: return pluck(node, to: other, delays, limit: limit)
        default: return reattach(node, to: other, delays, limit: limit)
        }
    }

    private func reattach(
        _ node: Int,
        to other: Int,
        _ delays: DelayMatrix,
        limit: Picoseconds
    ) -> Bool {
        let old = Int(tree.parent[node])
        guard other != old, tree.capacity[other] > 0, !tree.isInSubtree(other, of: node) else {
            return false
        }
        let edge = delays[other, node] + problem.hop
        if tree.hasRoom(other) {
            tree.move(node, to: other, edge: edge)
            return tree.refresh(node, limit: limit)
        }
        let child = randomChild(of: other)
        guard !tree.isFixed[child] else { return false }
        if random.next() & 1 == 0 {
            guard !tree.isInSubtree(old, of: child) else { return false }
            tree.move(node, to: other, edge: edge)
            tree.move(child, to: old, edge: delays[old, child] + problem.hop)
        } else {
            guard tree.hasRoom(node) else { return false }
            tree.move(node, to: other, edge: edge)
            tree.move(child, to: node, edge: delays[node, child] + problem.hop)
        }
        return tree.refresh(node, limit: limit) && tree.refresh(child, limit: limit)
    }

    /// The only move by which a node changes places without what is below it; under a fan-out of 1, where all but one
    /// are full, it is the one that reorders the chain.
    private func pluck(
        _ node: Int,
        to other: Int,
        _ delays: DelayMatrix,
        limit: Picoseconds
    ) -> Bool {
        let old = Int(tree.parent[node])
        guard tree.childCount[old] - 1 + tree.childCount[node] <= tree.capacity[old],
            tree.capacity[other] > 0, collectChildren(of: node, into: &touched)
        else { return false }
        for child in touched { tree.move(child, to: old, edge: delays[old, child] + problem.hop) }
        tree.move(node, to: other, edge: delays[other, node] + problem.hop)
        var displaced = node
        if tree.childCount[other] > tree.capacity[other] {
            displaced = randomChild(of: other)
            guard displaced != node, !tree.isFixed[displaced], tree.capacity[node] > 0 else {
                return false
            }
            tree.move(displaced, to: node, edge: delays[node, displaced] + problem.hop)
        }
        return touched.allSatisfy { tree.refresh($0, limit: limit) }
            && tree.refresh(node, limit: limit) && tree.refresh(displaced, limit: limit)
    }

    private func exchange(
        _ first: Int,
        _ second: Int,
        _ delays: DelayMatrix,
        limit: Picoseconds
    ) -> Bool {
        let isUpper = tree.isInSubtree(second, of: first)
        let upper = isUpper ? first : second
        let lower = isUpper ? second : first
        guard !tree.isFixed[upper], !tree.isFixed[lower],
            tree.childCount[upper] <= tree.capacity[lower],
            tree.childCount[lower] <= tree.capacity[upper],
            collectChildren(of: upper, into: &touched),
            collectChildren(of: lower, into: &otherTouched)
        else { return false }
        let above = Int(tree.parent[upper])
        let aboveLower = tree.parent[lower] == upper ? lower : Int(tree.parent[lower])
        for child in touched where child != lower {
            tree.move(child, to: lower, edge: delays[lower, child] + problem.hop)
        }
        for child in otherTouched {
            tree.move(child, to: upper, edge: delays[upper, child] + problem.hop)
        }
        tree.move(lower, to: above, edge: delays[above, lower] + problem.hop)
        tree.move(upper, to: aboveLower, edge: delays[aboveLower, upper] + problem.hop)
        guard tree.refresh(lower, limit: limit), tree.refresh(upper, limit: limit) else {
            return false
        }
        return touched.allSatisfy { tree.refresh($0, limit: limit) }
            && otherTouched.allSatisfy { tree.refresh($0, limit: limit) }
    }

    /// - Returns: `false` when a child is fixed.
    private func collectChildren(of node: Int, into list: inout ContiguousArray<Int>) -> Bool {
        list.removeAll(keepingCapacity: true)
        var child = Int(tree.firstChild[node])
        while child >= 0 {
            guard !tree.isFixed[child] else { return false }
            list.append(child)
            child = Int(tree.nextSibling[child])
        }
        return true
    }
}
