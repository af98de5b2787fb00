import Rendering
import Topology
import Vocabulary

extension Plan {
    /// What the relays of a plan have to agree on, in one form: who is whose parent in which tree, where everybody is found,
    /// and by which groups. Two plans that decide the same have the same text, wherever they were made.
    ///
    /// Figures such as delays are not in it, as they differ in their last digits from one C library to the next; nor labels,
    /// regions, the epoch, or where a node binds, which is nobody else's business.
    package var decisions: String {
        JSONValue.object([
            "name": .string(name),
            "nodes": .array(
                nodes.map { node in
                    .array([
                        .string(node.id), .optional(node.publishersEndpoint),
                        .optional(node.subscribersEndpoint), .optional(node.overflow?.rawValue),
                    ])
                }
            ),
            "trees": .array(trees.map { Self.decisions(of: $0) }),
        ]).compact
    }

    private static func decisions(of tree: TreePlan) -> JSONValue {
        .object([
            "name": .string(tree.name),
            "topics": strings(tree.topics),
            "overflow": .optional(tree.overflow?.rawValue),
            "nodes": .array(
                tree.nodes.map { node in
                    .array([
                        .string(node.id), .optional(node.parent), .optional(node.segment),
                        .integer(node.rank),
                    ])
                }
            ),
            "islands": .array(
                tree.islands.map { island in
                    .array([
                        .string(island.segment), .optional(island.head), strings(island.members),
                        .optional(island.transport?.rawValue), .optional(island.group),
                    ])
                }
            ),
            "feeds": outsiders(tree.feeds),
            "sinks": outsiders(tree.sinks),
        ])
    }

    private static func outsiders(_ feeds: [FeedPlan]) -> JSONValue {
        .array(feeds.map { strings([$0.node, $0.endpoint]) })
    }

    private static func strings(_ values: [String]) -> JSONValue {
        .array(values.map { .string($0) })
    }
}
