import Rendering

/// What changes between plans, as JSON for programs: fixed key order, two spaces of indentation.
public enum PlanChangeJSON {
    /// The moves of a change, in the order in which they can be made.
    public static func render(_ change: PlanChange) -> String {
        JSONValue.object([
            "name": .string(change.plan.name),
            "epoch": .integer(change.plan.epoch),
            "trees": .array(change.trees.map { value(of: $0) }),
        ]).outlined
    }

    public static func render(_ difference: PlanDifference) -> String {
        JSONValue.object([
            "name": .string(difference.name),
            "isSame": .bool(difference.isSame),
            "addedTrees": .array(difference.addedTrees.map { .string($0) }),
            "removedTrees": .array(difference.removedTrees.map { .string($0) }),
            "trees": .array(difference.trees.map { value(of: $0) }),
        ]).outlined
    }

    public static func render(_ reports: [DeathReport]) -> String {
        JSONValue.array(reports.map { value(of: $0) }).outlined
    }

    private static func value(of tree: TreeChange) -> JSONValue {
        .object([
            "tree": .string(tree.tree),
            "radiusMs": value(of: tree.radiusMs),
            "meanMs": value(of: tree.meanMs),
            "cutOff": .array(tree.cutOff.map { .string($0) }),
            "moves": .array(tree.moves.map { value(of: $0) }),
        ]).adding("cost", tree.cost.map { value(of: $0) })
    }

    private static func value(of move: Move) -> JSONValue {
        .object([
            "kind": .string(move.kind.rawValue),
            "node": .string(move.node),
            "from": .optional(move.from),
            "to": .optional(move.to),
            "delayBeforeMs": number(move.delayBeforeMs),
            "delayAfterMs": number(move.delayAfterMs),
            "needsSpareSlot": .bool(move.needsSpareSlot),
        ])
    }

    private static func value(of report: DeathReport) -> JSONValue {
        .object([
            "tree": .string(report.tree),
            "node": .string(report.node),
            "orphanCount": .integer(report.orphanCount),
            "moveCount": .integer(report.moveCount),
            "subscribers": .shortest(report.subscribers),
            "radiusMs": value(of: report.radiusMs),
            "meanMs": value(of: report.meanMs),
            "busiestRelay": .string(report.busiestRelay),
            "busiestRelayChildren": .integer(report.busiestRelayChildren),
            "linkCopies": report.linkCopies.map { value(of: $0) } ?? .null,
            "cutOff": .array(report.cutOff.map { .string($0) }),
            "failure": .optional(report.failure),
        ])
    }

    private static func value(of pair: TreeChange.Pair) -> JSONValue {
        .object(["before": .shortest(pair.before), "after": .shortest(pair.after)])
    }

    private static func number(_ value: Double?) -> JSONValue {
        value.map { .shortest($0) } ?? .null
    }
}
