public import Topology

/// Turns a topology into multicast trees.
///
/// ```
/// Topology ─▶ Network ─▶ TreeProblem ─▶ IslandSearch ─▶ MeshSearch or ─▶ DeadlineSearch ─▶ Descent ─▶ BackupParents ─▶ Plan
///             links,     mode, root,    FirstTree,      LinkSearch      radius of a mesh   ties        ranks
///             delays     limits         or refused      to the bound
/// ```
///
/// One cost model throughout: delay(v) = delay(parent) + w(parent, v) + hop, where w is the link's delay in
/// link mode and the shortest path over the links in mesh mode. A pure function: no clock, no files; effort is
/// a number of moves, randomness a seed.
public enum Planner {
    /// Plans every tree of a topology, or the one the options select. A topology without trees gets one with all
    /// defaults, named `main`.
    ///
    /// - Throws: `PlanError` when the topology or the options are invalid or admit no tree.
    ///
    /// What was measured counts in place of the topology's own delays, as far as these have changed.
    public static func plan(
        _ topology: Topology,
        options: PlanOptions = PlanOptions(),
        measured: Measurements? = nil
    ) throws(PlanError) -> Plan {
        let network = try MeasuredNetwork.make(topology, measured)
        let selected = try selectedTrees(of: topology, options: options)
        // What a tree may use depends on the trees before it, whether they are asked for or not.
        let isAlone =
            selected.count == topology.trees.count
            || !Budgets.matter(to: topology) && !(options.root == nil && spreadsRoots(of: topology))
        var wishes: [Topology.Tree] = []
        for tree in isAlone ? selected : topology.trees {
            wishes.append(try options.applied(to: tree, of: topology))
        }
        let names = Set(selected.map(\.name))
        let trees = try TreeSet(network: network, options: options).plans(of: wishes)
        let planned = trees.filter { names.contains($0.name) }
        var plan = Plan(
            name: topology.name,
            epoch: options.epoch ?? topology.epoch,
            nodes: nodes(of: topology, in: planned),
            trees: planned,
            notes: topology.notes
        )
        plan.security = topology.security
        PlanCheck.verify(plan, of: topology)
        return plan
    }

    /// Those with a place in a tree: others have nothing to relay.
    private static func nodes(of topology: Topology, in trees: [TreePlan]) -> [PlanNode] {
        guard trees.contains(where: { !$0.leftOut.isEmpty }) else {
            return topology.nodes.map { PlanNode($0) }
        }
        let placed = Set(trees.flatMap { $0.nodes.map(\.id) })
        return topology.nodes.filter { placed.contains($0.id) }.map { PlanNode($0) }
    }

    private static func spreadsRoots(of topology: Topology) -> Bool {
        topology.trees.count > 1 && topology.trees.contains { $0.root == nil }
    }

    static func selectedTrees(
        of topology: Topology,
        options: PlanOptions
    ) throws(PlanError) -> [Topology.Tree] {
        let trees = topology.trees.isEmpty ? [Topology.Tree(name: "main")] : topology.trees
        guard let name = options.tree else { return trees }
        if let tree = trees.first(where: { $0.name == name }) { return [tree] }
        if let position = Int(name), trees.indices.contains(position - 1) {
            return [trees[position - 1]]
        }
        let names = trees.map { "'\($0.name)'" }.joined(separator: ", ")
        throw PlanError(
            code: .unknownTree,
            message: "there is no tree '\(name)'; this topology has \(names) "
                + "(a name, or a position from 1 to \(trees.count))"
        )
    }
}
