/// What the values of one tree may be, each by itself and beside the others.
package struct TreeRules {
    private let topology: Topology
    private let tree: Topology.Tree

    package init(_ topology: Topology, _ tree: Topology.Tree) {
        self.topology = topology
        self.tree = tree
    }

    func check(_ mistakes: inout Mistakes) {
        for reason in valueReasons + kindReasons { mistakes.add(reason, at: tree.position) }
    }

    private var name: String { "tree \(quoted(tree.name))" }

    private var valueReasons: [String] {
        var reasons: [String] = []
        if let root = tree.root, !topology.nodes.indices.contains(root) {
            reasons.append("the root of \(name) is no node")
        }
        if case .atMost(let fanOut) = tree.fanOut, fanOut < 1 {
            reasons.append("fan-out of \(name) is \(fanOut); it must be at least 1")
        }
        let hop = tree.hopDelayMilliseconds
        if !(hop >= 0 && hop <= Quantity.delayMillisecondsMax) {
            reasons.append("hop-delay of \(name) is \(hop) ms; it must be between 0 and a minute")
        }
        if let rate = tree.rateBitsPerSecond, !(rate > 0 && rate <= Quantity.bitsPerSecondMax) {
            reasons.append("the rate of \(name) must be over 0 and at most 1e18 bit/s")
        }
        if !(1...2).contains(tree.redundancy) {
            reasons.append("redundant of \(name) is \(tree.redundancy); it must be 1 or 2")
        }
        if let stretch = tree.regionStretch, !Topology.Tree.regionStretchRange.contains(stretch) {
            reasons.append("region-stretch of \(name) is \(stretch); it must be at least 1")
        }
        return reasons
    }

    /// Kinds of trees that exclude each other.
    package var kindReasons: [String] {
        var reasons: [String] = []
        if tree.redundancy == 2 {
            if !tree.fixedParents.isEmpty {
                reasons.append(
                    "\(name) has fixed parents and redundant: 2; a fixed parent may stand in the way of the second tree, "
                        + "so take out parents or redundant"
                )
            }
            if tree.objective == .cost {
                reasons.append(
                    "\(name) has the objective cost and redundant: 2; two trees to every node are for radius or mean"
                )
            }
        }
        guard tree.regionStretch != nil else { return reasons }
        if tree.redundancy == 2 {
            reasons.append("\(name) has region-stretch and redundant: 2; take out one of them")
        }
        if tree.objective == .cost {
            reasons.append(
                "\(name) has the objective cost and region-stretch; long links are dear by their cost, so take out one of them"
            )
        }
        if !topology.nodes.contains(where: { $0.region != nil }) {
            reasons.append(
                "\(name) has region-stretch, and no node has a region; give the nodes regions, or take it out"
            )
        }
        return reasons
    }
}
