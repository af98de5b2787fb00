/// The moves of mesh mode, where any node may hang at any other:
///
/// ```
/// re-parent       v goes below p, which has room
/// swap            p is full: v takes the place of a child c of p, c takes v's
/// insert          p is full: v goes between p and its child c
/// exchange        u and v trade parents and children
/// ```
extension LocalSearch {
    /// - Returns: whether a tree came out whose delays stay within `limit`.
    func proposeMeshMove(limit: Picoseconds) -> Bool {
        guard let candidates, let delays = problem.delays else { return false }
        let node = pickNode()
        guard !tree.isFixed[node] else { return false }
        let other = candidates.pick(for: node, &random)
        guard other != node else { return false }
        if random.next(below: 8) == 0 { return exchange(node, other, delays, limit: limit) }
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
