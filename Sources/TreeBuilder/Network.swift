import Topology

/// A topology that has been checked and turned into a graph, ready to pose problems on.
struct Network {
    let topology: Topology
    let graph: Graph
    var delays: DelayMatrix?
    private let weight: ContiguousArray<Double>

    /// - Throws: `PlanError` for values out of range and for nodes the links do not connect.
    init(_ topology: Topology) throws(PlanError) {
        self.topology = topology
        try Self.checkNodes(of: topology)
        graph = Graph(nodeCount: topology.nodes.count, edges: try Self.edges(of: topology))
        weight = ContiguousArray(topology.nodes.map(\.weight))
        let parts = graph.parts()
        guard parts.count == 1 else { throw Self.disconnected(topology, parts) }
        delays = graph.nodeCount <= DelayMatrix.nodeCountMax ? DelayMatrix(graph) : nil
    }

    private static func checkNodes(of topology: Topology) throws(PlanError) {
        guard !topology.nodes.isEmpty else {
            throw PlanError(
                code: .invalidValue,
                message: "the topology has no nodes; name at least one"
            )
        }
        try checkNames(of: topology)
        for node in topology.nodes {
            if let limit = node.maxChildren, limit < 0 {
                throw PlanError(
                    code: .invalidValue,
                    message: "node '\(node.id)' has a negative limit of children (\(limit))",
                    position: node.position,
                    nodeID: node.id
                )
            }
            guard node.weight >= 0, node.weight.isFinite else {
                throw PlanError(
                    code: .invalidValue,
                    message: "node '\(node.id)' has weight \(node.weight); "
                        + "expected subscribers cannot be negative or infinite",
                    position: node.position,
                    nodeID: node.id
                )
            }
        }
    }

    /// Files are checked when they are read; a topology may also be made by a program.
    private static func checkNames(of topology: Topology) throws(PlanError) {
        var known: [String: Int] = [:]
        for (index, node) in topology.nodes.enumerated() {
            guard let first = known.updateValue(index, forKey: node.id) else { continue }
            throw PlanError(
                code: .invalidValue,
                message: "nodes \(first) and \(index) have the same id, '\(node.id)'; "
                    + "an id names one node",
                position: node.position,
                nodeID: node.id
            )
        }
        var trees: Set<String> = []
        for tree in topology.trees where !trees.insert(tree.name).inserted {
            throw PlanError(
                code: .invalidValue,
                message: "two trees have the name '\(tree.name)'; a name is one tree's",
                position: tree.position
            )
        }
    }

    private static func edges(
        of topology: Topology
    ) throws(PlanError) -> ContiguousArray<Graph.Edge> {
        var edges = ContiguousArray<Graph.Edge>()
        edges.reserveCapacity(topology.links.count)
        // A path has fewer than n links; with this limit on each, no sum can overflow.
        let longest = Picoseconds.bound / Picoseconds(max(1, topology.nodes.count)) / 2
        for link in topology.links {
            guard topology.nodes.indices.contains(link.a), topology.nodes.indices.contains(link.b)
            else {
                throw PlanError(
                    code: .unknownNode,
                    message: "a link names a node that does not exist",
                    position: link.position
                )
            }
            guard let delay = Picoseconds(milliseconds: link.delayMilliseconds), delay <= longest
            else {
                let ends = "'\(topology.nodes[link.a].id)' to '\(topology.nodes[link.b].id)'"
                throw PlanError(
                    code: .invalidValue,
                    message: "the link from \(ends) has a delay of \(link.delayMilliseconds) ms; "
                        + "it must be between 0 and \(longest.milliseconds) ms",
                    position: link.position
                )
            }
            edges.append(Graph.Edge(a: UInt32(link.a), b: UInt32(link.b), delay: delay))
        }
        return edges
    }

    private static func disconnected(_ topology: Topology, _ parts: [[Int]]) -> PlanError {
        // Largest first: the small parts are what was forgotten.
        let bySize = parts.sorted { $0.count != $1.count ? $0.count > $1.count : $0[0] < $1[0] }
        let listed = bySize.prefix(4).map { part in
            let names = part.prefix(3).map { "'\(topology.nodes[$0].id)'" }.joined(separator: ", ")
            return part.count > 3 ? "{\(names) and \(part.count - 3) more}" : "{\(names)}"
        }
        let more = parts.count > 4 ? " and \(parts.count - 4) more parts" : ""
        let cutOff = topology.nodes[bySize[1][0]]
        return PlanError(
            code: .disconnected,
            message: "the links leave the network in \(parts.count) parts: "
                + listed.joined(separator: ", ") + more
                + "; add links between them, or remove the parts that do not belong",
            position: cutOff.position,
            nodeID: cutOff.id
        )
    }

    /// - Throws: `PlanError` for values out of range, contradictions among fixed parents, and limits that certainly
    ///   admit no tree.
    func problem(
        for tree: Topology.Tree,
        choices: TreeChoices? = nil,
        budgets: Budgets? = nil
    ) throws(PlanError) -> TreeProblem {
        let choices = choices ?? TreeChoices(tree, of: topology, graph: graph)
        let hop = try checkedHop(of: tree)
        let (usable, links) = try links(for: tree, mode: choices.mode, budgets: budgets)
        let fixed = try FixedParents(tree, mode: choices.mode, of: topology, graph: usable)
        let capacity = capacity(of: tree, choices: choices, fixed: fixed, budgets: budgets)
        let forwarders = try Forwarders.mask(for: tree, mode: choices.mode, in: self)
        let root = try root(
            for: tree,
            fixed: fixed,
            capacity: capacity,
            forwarders: forwarders,
            budgets: budgets
        )
        try fixed.check(root: root, capacity: capacity) { node in
            Refusal(network: self, wish: tree, budgets: budgets).uplinkClause(of: node)
        }
        return TreeProblem(
            graph: usable,
            delays: delays,
            root: root,
            mode: choices.mode,
            objective: tree.objective,
            hop: hop,
            capacity: capacity,
            fixedParent: fixed.parent,
            weight: weight,
            links: links,
            forwarders: forwarders
        )
    }

    private func checkedHop(of tree: Topology.Tree) throws(PlanError) -> Picoseconds {
        if case .atMost(let fanOut) = tree.fanOut, fanOut < 1 {
            throw PlanError(
                code: .invalidValue,
                message: "tree '\(tree.name)' has a fan-out of \(fanOut); it must be at least 1",
                position: tree.position
            )
        }
        let longest = Picoseconds.bound / Picoseconds(graph.nodeCount) / 2
        guard let hop = Picoseconds(milliseconds: tree.hopDelayMilliseconds), hop <= longest else {
            throw PlanError(
                code: .invalidValue,
                message: "tree '\(tree.name)' has a hop delay of \(tree.hopDelayMilliseconds) ms; "
                    + "it must be between 0 and \(longest.milliseconds) ms",
                position: tree.position
            )
        }
        return hop
    }

    /// The links a tree may use, and what they cost and carry.
    ///
    /// - Throws: `PlanError` when those that carry the tree leave nodes unconnected.
    private func links(
        for tree: Topology.Tree,
        mode: Topology.Mode,
        budgets: Budgets?
    ) throws(PlanError) -> (Graph, LinkTable?) {
        let copyMax = budgets?.copyMax(of: tree)
        guard delays != nil || copyMax != nil || tree.objective == .cost else {
            return (graph, nil)
        }
        if mode == .mesh, delays == nil {
            throw PlanError(
                code: .invalidValue,
                message:
                    "tree '\(tree.name)' is for \(graph.nodeCount) nodes; in mesh mode the objective "
                    + "cost and the bandwidth of links count up to \(DelayMatrix.nodeCountMax) nodes; "
                    + "use mode link",
                position: tree.position
            )
        }
        var links = LinkTable(topology, graph: graph)
        guard let copyMax else { return (graph, links) }
        links.copyMax = copyMax
        guard copyMax.contains(0) else { return (graph, links) }
        let usable = graph.filtered { copyMax[links.link(ofArc: $0)] > 0 }
        let parts = usable.parts()
        guard parts.count == 1 else {
            throw Refusal(network: self, wish: tree, budgets: budgets).narrowLinks(parts, copyMax)
        }
        guard mode == .link else { return (graph, links) }
        var rest = LinkTable(topology, graph: usable)
        rest.copyMax = copyMax
        return (usable, rest)
    }

    private func capacity(
        of tree: Topology.Tree,
        choices: TreeChoices,
        fixed: FixedParents,
        budgets: Budgets?
    ) -> ContiguousArray<Int32> {
        let nodes = budgets?.remaining(of: topology).nodes ?? topology.nodes
        let counts = fixed.childCounts()
        return ContiguousArray(
            nodes.indices.map { index in
                let limit = choices.limit(
                    at: nodes[index],
                    in: tree,
                    fixedChildCount: Int(counts[index])
                )
                return Int32(min(limit ?? .max, max(0, graph.nodeCount - 1)))
            }
        )
    }

    private func root(
        for tree: Topology.Tree,
        fixed: FixedParents,
        capacity: ContiguousArray<Int32>,
        forwarders: ContiguousArray<Bool>?,
        budgets: Budgets?
    ) throws(PlanError) -> Int {
        if let root = tree.root {
            guard topology.nodes.indices.contains(root) else {
                throw PlanError(
                    code: .unknownNode,
                    message: "the root of tree '\(tree.name)' is not a node of this topology",
                    position: tree.position
                )
            }
            return root
        }
        let chosen = RootChoice.best(
            in: graph,
            delays: delays,
            objective: tree.objective,
            weight: weight,
            passed: forwarders,
            rootCounts: budgets?.rootCounts
        ) { fixed.parent[$0] < 0 && (capacity[$0] > 0 || capacity.count == 1) }
        guard let chosen else {
            throw Refusal(network: self, wish: tree, budgets: budgets).rootless()
        }
        return chosen
    }
}
