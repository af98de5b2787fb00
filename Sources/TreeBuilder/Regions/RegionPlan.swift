import Rendering

/// What a tree does for regions: one copy for each, as far as that does not make the tree worse than it may be.
public struct RegionPlan: Codable, Equatable, Sendable {
    /// By how much the tree may be worse than the free one.
    public var stretch: Double
    /// Edges between nodes that are not of one region: copies that go over long links. Nodes without a region are regions of their own.
    public var copies: Int
    /// No tree has fewer.
    public var leastCopies: Int
    /// Those of the free tree.
    public var freeCopies: Int
    /// The radius of the free tree, or the mean where that is the objective.
    public var freeMs: Double
    /// In the order of their first nodes.
    public var heads: [Head]

    /// Where the tree enters a region.
    public struct Head: Codable, Equatable, Sendable {
        public var region: String
        /// Ids of nodes whose parent is of another region, and of the root, in file order.
        public var nodes: [String]

        public init(region: String, nodes: [String]) {
            self.region = region
            self.nodes = nodes
        }
    }

    public init(
        stretch: Double,
        copies: Int,
        leastCopies: Int,
        freeCopies: Int,
        freeMs: Double,
        heads: [Head]
    ) {
        self.stretch = stretch
        self.copies = copies
        self.leastCopies = leastCopies
        self.freeCopies = freeCopies
        self.freeMs = freeMs
        self.heads = heads
    }

    var json: JSONValue {
        .object([
            "stretch": .shortest(stretch),
            "copies": .integer(copies),
            "leastCopies": .integer(leastCopies),
            "freeCopies": .integer(freeCopies),
            "freeMs": .shortest(freeMs),
            "heads": .array(
                heads.map { head in
                    .object([
                        "region": .string(head.region),
                        "nodes": .array(head.nodes.map { .string($0) }),
                    ])
                }
            ),
        ])
    }
}
