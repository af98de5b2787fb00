import Topology

/// Pass-through nodes that a tree does not name.
enum Forwarders {
    /// By node, whether the tree may leave it out; `nil` = it needs all.
    ///
    /// - Throws: `PlanError` where there are too many nodes to choose from.
    static func mask(
        for tree: Topology.Tree,
        mode: Topology.Mode,
        in network: Network
    ) throws(PlanError) -> ContiguousArray<Bool>? {
        let topology = network.topology
        guard topology.nodes.contains(where: \.isPassThrough) else { return nil }
        guard network.delays != nil || mode == .link else {
            throw PlanError(
                code: .invalidValue,
                message:
                    "tree '\(tree.name)' is for \(network.graph.nodeCount) nodes, some of them pass-through; in mesh mode these count "
                    + "up to \(DelayMatrix.nodeCountMax) nodes; use mode link",
                position: tree.position
            )
        }
        var forwarders = ContiguousArray(topology.nodes.map(\.isPassThrough))
        // Who is named in the tree is wanted in it.
        for fixed in tree.fixedParents {
            forwarders[fixed.child] = false
            forwarders[fixed.parent] = false
        }
        for feed in tree.feeds + tree.sinks { forwarders[feed.node] = false }
        return forwarders
    }

    /// Ids of those that have no place, in file order.
    static func leftOut(of problem: TreeProblem, in topology: Topology) -> [String] {
        topology.nodes.indices.filter { problem.isAbsent($0) && topology.nodes[$0].isPassThrough }
            .map { topology.nodes[$0].id }
    }
}
