import Topology

/// A topology that has been checked and turned into a graph, ready to pose problems on.
struct Network {
    let topology: Topology
    let graph: Graph
    let delays: DelayMatrix?
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
    func problem(for tree: Topology.Tree) throws(PlanError) -> TreeProblem {
        if let fanOut = tree.fanOut, fanOut < 1 {
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
        let fixed = try FixedParents(tree, of: topology, graph: graph)
        let capacity = Feasibility.capacity(
            nodeCount: graph.nodeCount,
            fanOut: tree.fanOut,
            maxChildren: childLimits(of: tree)
        )
        let root = try root(for: tree, fixed: fixed, capacity: capacity)
        try fixed.check(root: root, capacity: capacity)
        return TreeProblem(
            graph: graph,
            delays: delays,
            root: root,
            mode: tree.mode,
            objective: tree.objective,
            hop: hop,
            capacity: capacity,
            fixedParent: fixed.parent,
            weight: weight
        )
    }

    private func root(
        for tree: Topology.Tree,
        fixed: FixedParents,
        capacity: ContiguousArray<Int32>
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
            weight: weight
        ) { fixed.parent[$0] < 0 && (capacity[$0] > 0 || capacity.count == 1) }
        guard let chosen else {
            throw PlanError(
                code: .infeasible,
                message: "no node can be the root of tree '\(tree.name)': "
                    + "every one has a fixed parent or may have no children",
                position: tree.position
            )
        }
        return chosen
    }

    /// What each node allows in this tree by itself, from its own limit and its uplink; the tree's fan-out is not in it.
    private func childLimits(of tree: Topology.Tree) -> ContiguousArray<Int?> {
        var unlimited = tree
        unlimited.fanOut = nil
        return ContiguousArray(topology.nodes.map { unlimited.childLimit(at: $0) })
    }

    /// Why a problem has no tree, in the words of the topology.
    func refusal(of wish: Topology.Tree, problem: TreeProblem, seed: UInt64) -> PlanError {
        let feasibility = Feasibility(problem, maxChildren: childLimits(of: wish), seed: seed)
        let limit = wish.fanOut ?? max(0, problem.nodeCount - 1)
        let smallest = feasibility.smallestFanOut(above: limit)
        let cure: String
        if let smallest {
            cure = "the smallest feasible fan-out is \(smallest)"
        } else {
            cure =
                "no fan-out helps: raise max-children of the nodes, choose another root, "
                + "or loosen fixed parents"
        }
        let node: Int
        let reason: String
        switch feasibility.obstacle() {
        case .closedRoot:
            node = problem.root
            reason = "its root '\(topology.nodes[node].id)' may have no children"
        case .tooFewSlots(let slots):
            node = problem.root
            reason =
                "\(problem.nodeCount - 1) nodes need a parent, "
                + "but all nodes together may have only \(slots) children"
        case .cutNode(let cutNode, let needed):
            node = cutNode
            let name = topology.nodes[node].id
            reason =
                "node '\(name)' is the only way to \(needed) parts of the network, "
                + "but may have only \(problem.capacity[node]) children"
        case .overloaded(let overloaded):
            node = overloaded
            reason =
                "no tree of links was found that gives node '\(topology.nodes[node].id)' "
                + "at most \(problem.capacity[node]) children"
        case .unreachable(let cutOff):
            node = cutOff
            reason =
                "no links lead from the root to the fixed parent of node '\(topology.nodes[node].id)' "
                + "but through the node itself"
        }
        return PlanError(
            code: .infeasible,
            message: "tree '\(wish.name)' cannot be built in \(wish.mode.rawValue) mode: "
                + "\(reason); \(cure)",
            position: topology.nodes[node].position ?? wish.position,
            nodeID: topology.nodes[node].id,
            smallestFanOut: smallest
        )
    }
}
