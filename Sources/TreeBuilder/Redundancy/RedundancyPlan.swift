import Rendering
import Topology

/// The second of two trees from one root. Whichever one node dies, the root and the `cutNodes` aside, every other node still has one of its two
/// feeds.
///
/// Relays follow the first tree; the second is for those that take two feeds.
public struct RedundancyPlan: Codable, Equatable, Sendable {
    /// The delay of the farthest node in the second tree.
    public var radiusMs: Double
    /// The mean delay over all nodes but the root, weighted by expected subscribers.
    public var meanMs: Double
    /// What the second tree is worth ÷ the plan's lower bound − 1.
    public var gap: Double
    /// Ids of nodes whose death costs others both feeds, in file order, since no way around them exists; none in mode mesh.
    public var cutNodes: [String]
    /// All nodes of the first tree, in its order.
    public var nodes: [Place]

    /// A node's place in the second tree.
    public struct Place: Codable, Equatable, Sendable {
        public var id: String
        /// `nil` at the root.
        public var parent: String?
        /// Hops from the root.
        public var level: Int
        /// Predicted delay from the root, forwarding included.
        public var delayMs: Double
        /// In file order.
        public var children: [String]

        public init(
            id: String,
            parent: String?,
            level: Int,
            delayMs: Double,
            children: [String]
        ) {
            self.id = id
            self.parent = parent
            self.level = level
            self.delayMs = delayMs
            self.children = children
        }

        private enum CodingKeys: String, CodingKey {
            case id, parent, level, delayMs, children
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(id, forKey: .id)
            try container.encode(parent, forKey: .parent)
            try container.encode(level, forKey: .level)
            try container.encode(delayMs, forKey: .delayMs)
            try container.encode(children, forKey: .children)
        }
    }

    public init(
        radiusMs: Double,
        meanMs: Double,
        gap: Double,
        cutNodes: [String],
        nodes: [Place]
    ) {
        self.radiusMs = radiusMs
        self.meanMs = meanMs
        self.gap = gap
        self.cutNodes = cutNodes
        self.nodes = nodes
    }

    var json: JSONValue {
        .object([
            "radiusMs": .shortest(radiusMs),
            "meanMs": .shortest(meanMs),
            "gap": .shortest(gap),
            "cutNodes": .array(cutNodes.map { .string($0) }),
            "nodes": .array(
                nodes.map { place in
                    .object([
                        "id": .string(place.id),
                        "parent": .optional(place.parent),
                        "level": .integer(place.level),
                        "delayMs": .shortest(place.delayMs),
                        "children": .array(place.children.map { .string($0) }),
                    ])
                }
            ),
        ])
    }
}

extension RedundancyPlan {
    /// A second tree in the words of the topology.
    init(
        _ tree: Arborescence,
        of problem: TreeProblem,
        in topology: Topology,
        bound: Double,
        cutNodes: [Int]
    ) {
        let measure = TreeMeasure(tree, of: problem)
        let children = tree.children()
        func id(_ node: Int) -> String { topology.nodes[node].id }
        let value = measure.value(for: problem.objective)
        self.init(
            radiusMs: measure.radius.milliseconds,
            meanMs: measure.mean.rounded() / Picoseconds.perMillisecond,
            gap: bound > 0 ? max(0, value / bound - 1) : 0,
            cutNodes: cutNodes.map(id),
            nodes: topology.nodes.indices.filter { !problem.isAbsent($0) }.map { node in
                Place(
                    id: id(node),
                    parent: tree.parent[node] < 0 ? nil : id(Int(tree.parent[node])),
                    level: measure.level[node],
                    delayMs: measure.delay[node].milliseconds,
                    children: children[node].map(id)
                )
            }
        )
    }

    /// The tree in the topology's numbers, and who the cut nodes are. What the topology does not have has no parent; edges have no delays.
    func numbered(in topology: Topology) -> (tree: Arborescence, cutNodes: [Int]) {
        var index: [String: Int] = [:]
        for (position, node) in topology.nodes.enumerated() { index[node.id] = position }
        var tree = Arborescence(nodeCount: topology.nodes.count)
        for place in nodes {
            guard let node = index[place.id], let parent = place.parent.flatMap({ index[$0] })
            else {
                continue
            }
            tree.attach(node, to: parent, edge: 0)
        }
        return (tree, cutNodes.compactMap { index[$0] })
    }
}
