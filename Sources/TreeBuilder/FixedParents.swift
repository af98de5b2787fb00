import Topology

/// The parents an operator has fixed, checked against each other and against the tree's limits.
struct FixedParents {
    /// −1 where nothing is fixed.
    let parent: ContiguousArray<Int32>
    private let tree: Topology.Tree
    private let topology: Topology

    /// - Throws: `PlanError` for unknown nodes, two parents of one node, cycles, and edges that link mode forbids.
    init(
        _ tree: Topology.Tree,
        mode: Topology.Mode,
        of topology: Topology,
        graph: Graph
    ) throws(PlanError) {
        self.tree = tree
        self.topology = topology
        var parent = ContiguousArray<Int32>(repeating: -1, count: topology.nodes.count)
        for fixed in tree.fixedParents {
            guard topology.nodes.indices.contains(fixed.child),
                topology.nodes.indices.contains(fixed.parent)
            else {
                throw PlanError(
                    code: .unknownNode,
                    message: "tree '\(tree.name)' fixes a parent with a node that does not exist",
                    position: fixed.position
                )
            }
            let child = topology.nodes[fixed.child].id
            let above = topology.nodes[fixed.parent].id
            func invalid(_ reason: String) -> PlanError {
                PlanError(
                    code: .invalidFixedParent,
                    message: "tree '\(tree.name)' fixes '\(above)' as the parent of '\(child)', "
                        + reason,
                    position: fixed.position,
                    nodeID: child
                )
            }
            guard parent[fixed.child] < 0 || parent[fixed.child] == fixed.parent else {
                let other = topology.nodes[Int(parent[fixed.child])].id
                throw invalid("but also '\(other)'; keep one of them")
            }
            if mode == .link, graph.linkDelay(fixed.parent, fixed.child) == nil {
                throw invalid("but no link joins them; add one, or use mesh mode")
            }
            var node = fixed.parent
            while node != fixed.child, parent[node] >= 0 { node = Int(parent[node]) }
            guard node != fixed.child else {
                throw invalid("which closes a cycle of fixed parents; remove one of them")
            }
            parent[fixed.child] = Int32(fixed.parent)
        }
        self.parent = parent
    }

    /// - Throws: `PlanError` when the root has a fixed parent, or a node more fixed children than it may have.
    ///
    /// `reason` says why a node may have no more, where there is more to say than the number.
    func check(
        root: Int,
        capacity: ContiguousArray<Int32>,
        reason: (Int) -> String?
    ) throws(PlanError) {
        var counts = ContiguousArray<Int32>(repeating: 0, count: parent.count)
        for fixed in tree.fixedParents where parent[fixed.child] >= 0 {
            let child = topology.nodes[fixed.child].id
            guard fixed.child != root else {
                throw PlanError(
                    code: .invalidFixedParent,
                    message: "tree '\(tree.name)' fixes a parent for its root '\(child)'; "
                        + "choose another root, or remove the fixed parent",
                    position: fixed.position,
                    nodeID: child
                )
            }
        }
        for node in parent.indices where parent[node] >= 0 {
            let above = Int(parent[node])
            counts[above] += 1
            guard counts[above] <= capacity[above] else {
                let id = topology.nodes[above].id
                let why = reason(above).map { " (\($0))" } ?? ""
                let position = tree.fixedParents.last { $0.parent == above }?.position
                throw PlanError(
                    code: .infeasible,
                    message: "tree '\(tree.name)' fixes more children for '\(id)' than the "
                        + "\(capacity[above]) it may have\(why); raise its limit, or fix fewer",
                    position: position,
                    nodeID: id
                )
            }
        }
    }

    /// By node.
    func childCounts() -> ContiguousArray<Int32> {
        var counts = ContiguousArray<Int32>(repeating: 0, count: parent.count)
        for above in parent where above >= 0 { counts[Int(above)] += 1 }
        return counts
    }
}
