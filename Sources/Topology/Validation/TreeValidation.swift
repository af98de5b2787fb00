extension Validation {
    mutating func checkTrees() {
        var names: [String: Topology.Tree] = [:]
        var topics: [String: Topology.Tree] = [:]
        for tree in topology.trees where !mistakes.isFull {
            if let reason = Self.refusal(ofName: tree.name) {
                mistakes.add("the tree name \(quoted(tree.name)) \(reason)", at: tree.position)
            }
            if let earlier = names.updateValue(tree, forKey: tree.name) {
                mistakes.add(
                    "tree \(quoted(tree.name)) is defined twice\(line(of: earlier.position)); "
                        + "rename one",
                    at: tree.position
                )
            }
            if tree.topics.isEmpty {
                mistakes.add(
                    "tree \(quoted(tree.name)) carries no topics; list prefixes, or \"\" for all",
                    at: tree.position
                )
            }
            for topic in tree.topics {
                guard let earlier = topics.updateValue(tree, forKey: topic) else { continue }
                mistakes.add(
                    "tree \(quoted(tree.name)) and tree \(quoted(earlier.name))"
                        + "\(line(of: earlier.position)) both carry the topic \(quoted(topic)); "
                        + "each prefix belongs to one tree",
                    at: tree.position
                )
            }
            TreeRules(topology, tree).check(&mistakes)
            checkFixedParents(of: tree)
        }
    }

    // MARK: Fixed parents

    private mutating func checkFixedParents(of tree: Topology.Tree) {
        guard !tree.fixedParents.isEmpty else { return }
        var parentOf: [Int: Topology.FixedParent] = [:]
        for fixed in tree.fixedParents where !mistakes.isFull {
            guard isNode(fixed.child), isNode(fixed.parent) else {
                mistakes.add(
                    "a fixed parent of tree \(quoted(tree.name)) is no node",
                    at: fixed.position
                )
                continue
            }
            let (child, parent) = (id(fixed.child), id(fixed.parent))
            if fixed.child == tree.root {
                mistakes.add(
                    "\(child) is the root and can have no parent; remove this line",
                    at: fixed.position
                )
            }
            if let earlier = parentOf[fixed.child] {
                mistakes.add(
                    "\(child) has two fixed parents, \(id(earlier.parent))"
                        + "\(line(of: earlier.position)) and \(parent); keep one",
                    at: fixed.position
                )
                continue
            }
            if tree.mode == .link, fixed.child != fixed.parent,
                !neighbours.contains(Pair(fixed.child, fixed.parent))
            {
                mistakes.add(
                    "\(parent) cannot be the parent of \(child) in link mode: no link joins them; "
                        + "add one, or use mode mesh",
                    at: fixed.position
                )
            }
            parentOf[fixed.child] = fixed
        }
        checkCycles(parentOf, in: tree)
    }

    /// Follows parents upward from every child; a walk that meets itself is a cycle, reported once.
    private mutating func checkCycles(
        _ parentOf: [Int: Topology.FixedParent],
        in tree: Topology.Tree
    ) {
        var walkOf: [Int: Int] = [:]
        for (walk, fixed) in tree.fixedParents.enumerated() where !mistakes.isFull {
            var path: [Int] = []
            var node = fixed.child
            while walkOf[node] == nil, let next = parentOf[node] {
                walkOf[node] = walk
                path.append(node)
                node = next.parent
            }
            guard walkOf[node] == walk, let start = path.firstIndex(of: node) else { continue }
            let cycle = path[start...] + [node]
            let shown =
                cycle.prefix(8).map(id).joined(separator: " → ") + (cycle.count > 8 ? " → …" : "")
            mistakes.add(
                "the fixed parents of tree \(quoted(tree.name)) form a cycle: \(shown); "
                    + "remove one of them",
                at: parentOf[node]?.position
            )
        }
    }
}
