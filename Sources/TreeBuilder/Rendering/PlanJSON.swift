import Rendering
import Topology
import Vocabulary

/// A plan as JSON: fixed key order, two spaces of indentation, a newline at the end, so that equal plans are equal
/// bytes and a change of one node is a change of few lines.
///
/// Numbers are written in the shortest form that reads back as the same value.
public enum PlanJSON {
    public static func render(_ plan: Plan) -> String {
        JSONValue.object([
            "name": .string(plan.name),
            "epoch": .integer(plan.epoch),
            "nodes": .array(plan.nodes.map { value(of: $0) }),
            "trees": .array(plan.trees.map { value(of: $0) }),
            "notes": strings(plan.notes),
        ]).adding("security", plan.security == .none ? nil : .string(plan.security.rawValue))
            .outlined
    }

    private static func value(of node: PlanNode) -> JSONValue {
        .object([
            "id": .string(node.id),
            "label": .string(node.label),
            "publishers": node.publishers?.json ?? .null,
            "subscribers": node.subscribers?.json ?? .null,
            "control": node.control?.json ?? .null,
            "overflow": .optional(node.overflow?.rawValue),
            "region": .optional(node.region),
        ]).adding("stall", (node.stall?.description).map { .string($0) })
            .adding("websocket", node.websocket.map { .string($0) })
            .adding("key", node.key.map { .string($0) })
            .adding("allow", node.allow?.json)
            .adding("access", node.access?.json)
    }

    private static func value(of tree: TreePlan) -> JSONValue {
        .object([
            "name": .string(tree.name),
            "topics": strings(tree.topics),
            "overflow": .optional(tree.overflow?.rawValue),
            "root": .string(tree.root),
            "mode": .string(tree.mode.rawValue),
            "modeReason": .optional(tree.modeReason),
            "objective": .string(tree.objective.rawValue),
            "delayBound": .optional(tree.delayBound),
            "fanOut": .optional(tree.fanOut),
            "fanOutReason": .optional(tree.fanOutReason),
            "hopDelayMs": .shortest(tree.hopDelayMs),
            "radiusMs": .shortest(tree.radiusMs),
            "meanMs": .shortest(tree.meanMs),
            "cost": number(tree.cost),
            "costUnit": .optional(tree.costUnit),
            "lowerBoundMs": .shortest(tree.lowerBoundMs),
            "lowerBoundCost": number(tree.lowerBoundCost),
            "gap": .shortest(tree.gap),
            "seed": .number("\(tree.seed)"),
            "nodes": .array(tree.nodes.map { value(of: $0) }),
            "standbys": strings(tree.standbys),
            "unprotected": .array(
                tree.unprotected.map {
                    .object([
                        "node": .string($0.node),
                        "parent": .string($0.parent),
                        "reason": .string($0.reason.rawValue),
                    ])
                }
            ),
            "islands": .array(tree.islands.map { value(of: $0) }),
            "feeds": outsiders(tree.feeds),
            "sinks": outsiders(tree.sinks),
            "alternatives": .array(
                tree.alternatives.map {
                    .object([
                        "objective": .string($0.objective.rawValue),
                        "radiusMs": .shortest($0.radiusMs),
                        "meanMs": .shortest($0.meanMs),
                        "cost": number($0.cost),
                    ])
                }
            ),
        ]).adding("stall", (tree.stall?.description).map { .string($0) })
            .adding("access", tree.access?.json)
            .adding("leftOut", tree.leftOut.isEmpty ? nil : strings(tree.leftOut))
            .adding("redundant", tree.redundancy?.json)
            .adding("regions", tree.regions?.json)
    }

    private static func number(_ value: Double?) -> JSONValue {
        value.map { .shortest($0) } ?? .null
    }

    private static func value(of node: TreePlan.TreeNode) -> JSONValue {
        .object([
            "id": .string(node.id),
            "label": .string(node.label),
            "parent": .optional(node.parent),
            "segment": .optional(node.segment),
            "backups": strings(node.backups),
            "rank": .integer(node.rank),
            "level": .integer(node.level),
            "delayMs": .shortest(node.delayMs),
            "children": strings(node.children),
        ])
    }

    private static func value(of island: IslandPlan) -> JSONValue {
        .object([
            "segment": .string(island.segment),
            "carriage": .string(island.carriage.rawValue),
            "reason": .string(island.reason),
            "head": .optional(island.head),
            "members": strings(island.members),
            "subscribers": .integer(island.subscribers),
            "transport": .optional(island.transport?.rawValue),
            "group": .optional(island.group),
            "rateBps": island.rateBps.map { .shortest($0) } ?? .null,
            "interfaces": .array(
                island.interfaces.map {
                    .object(["node": .string($0.node), "interface": .string($0.interface)])
                }
            ),
        ])
    }

    private static func outsiders(_ feeds: [FeedPlan]) -> JSONValue {
        .array(
            feeds.map { .object(["node": .string($0.node), "endpoint": .string($0.endpoint)]) }
        )
    }

    private static func strings(_ values: [String]) -> JSONValue {
        .array(values.map { .string($0) })
    }
}

extension JSONValue {
    /// An object with one more member, when there is a value for it.
    func adding(_ key: String, _ value: JSONValue?) -> JSONValue {
        guard case .object(let members) = self, let value else { return self }
        return .object(members + [(key, value)])
    }
}
