/// What is known of a running fleet: where each node is. `xylem up` keeps it in a file, and every command that
/// names a node looks there. The JSON keys are the property names.
struct FleetState: Codable, Equatable, Sendable {
    /// The topology's name.
    var name: String
    /// The absolute path of the topology file.
    var topologyFile: String
    /// The plan that the nodes were started with, endpoints included.
    var planFile: String
    /// The identity of that plan, so that another fleet's relay at one of these addresses is known for what it is; `nil` = not known.
    var planID: String?
    /// The process of `xylem up`.
    var supervisorPID: Int
    /// Seconds since 1970.
    var startedAt: Double
    /// In the topology's order.
    var nodes: [Node]
    var trees: [Tree]

    struct Node: Codable, Equatable, Sendable {
        var id: String
        var label: String
        /// `nil` while the node is not running.
        var pid: Int?
        /// Where publishers connect, such as `tcp://127.0.0.1:6001`.
        var publishers: String
        var subscribers: String
        /// `host:port`; `GET /status` there gives a `NodeStatus`.
        var control: String
    }

    struct Tree: Codable, Equatable, Sendable {
        var name: String
        /// Topic prefixes the tree carries; `[""]` = everything.
        var topics: [String]
        /// The id of the root.
        var root: String
        /// By rank: the root is first, and every parent is before its children.
        var seats: [Seat]
    }

    struct Seat: Codable, Equatable, Sendable {
        var node: String
        /// `nil` at the root.
        var parent: String?
        var rank: Int
        /// Hops from the root.
        var level: Int
    }
}

extension FleetState {
    /// The node a person means: by id, else by label if only one node has it.
    func node(named name: String) throws(CommandError) -> Node {
        if let node = nodes.first(where: { $0.id == name }) { return node }
        let labelled = nodes.filter { $0.label == name }
        if labelled.count == 1 { return labelled[0] }
        if labelled.count > 1 {
            let ids = labelled.map(\.id).joined(separator: ", ")
            throw .badInput(
                "\(labelled.count) nodes are called '\(name)'; use one of the ids \(ids)"
            )
        }
        throw .badInput("fleet '\(self.name)' has no node '\(name)'; its nodes are \(knownNodes)")
    }

    /// The ids of its nodes, for a message.
    var knownNodes: String {
        let known = nodes.prefix(Self.namedNodeCountMax).map(\.id).joined(separator: ", ")
        return known + (nodes.count > Self.namedNodeCountMax ? ", …" : "")
    }

    /// Nodes of a tree that feed no other relay, in the topology's order.
    func leaves(of tree: Tree) -> [String] {
        let (seated, parents) = (Set(tree.seats.map(\.node)), Set(tree.seats.compactMap(\.parent)))
        return nodes.map(\.id).filter { seated.contains($0) && !parents.contains($0) }
    }

    /// Ids in starting order: by the first tree's rank, so that parents come first; nodes of no tree last.
    var startingOrder: [String] {
        let ranked = trees.first?.seats.map(\.node) ?? []
        let seated = Set(ranked)
        return ranked + nodes.map(\.id).filter { !seated.contains($0) }
    }

    /// How many nodes an error message lists.
    private static let namedNodeCountMax = 20
}
