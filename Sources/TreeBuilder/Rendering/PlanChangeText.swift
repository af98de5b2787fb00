import Rendering

/// What changes between plans, as tables for a terminal.
public enum PlanChangeText {
    /// The moves of a change, in the order in which they can be made, and what they win.
    public static func render(_ change: PlanChange) -> String {
        blocks(change.trees, labels: labels(of: [change.plan]), isOrdered: true)
    }

    /// What is different between two plans.
    public static func render(_ difference: PlanDifference, from old: Plan, to new: Plan) -> String
    {
        var text = blocks(difference.trees, labels: labels(of: [old, new]), isOrdered: false)
        for name in difference.addedTrees { text += "\nTree \(name) is new.\n" }
        for name in difference.removedTrees { text += "\nTree \(name) is gone.\n" }
        return text
            + (difference.isSame
                ? "\nRelays of both plans accept each other.\n"
                : "\nRelays of one plan do not accept those of the other.\n")
    }

    private static func labels(of plans: [Plan]) -> [String: String] {
        var labels: [String: String] = [:]
        for plan in plans {
            let names = TreeOutline.distinctNames(plan.nodes.map { ($0.id, $0.label) })
            for (node, name) in zip(plan.nodes, names) { labels[node.id] = name }
        }
        return labels
    }

    private static func blocks(
        _ trees: [TreeChange],
        labels: [String: String],
        isOrdered: Bool
    ) -> String {
        trees.map { block($0, labels, isOrdered) }.joined(separator: "\n")
    }

    private static func block(
        _ tree: TreeChange,
        _ labels: [String: String],
        _ isOrdered: Bool
    ) -> String {
        func name(_ id: String?) -> String { id.map { labels[$0] ?? $0 } ?? TextColumns.nothing }
        func delay(_ value: Double?) -> String {
            value.map { NumberText.milliseconds($0) } ?? TextColumns.nothing
        }
        let count = tree.moves.isEmpty ? "nothing moves" : Figures.count(tree.moves.count, "step")
        var lines = ["Tree \(tree.tree): \(count)", ""]
        if !tree.moves.isEmpty {
            var table = TextColumns([
                .number(isOrdered ? "step" : ""), .text("node"), .text("from"), .text("to"),
                .number("delay before"), .number("after"), .text(""),
            ])
            for (index, move) in tree.moves.enumerated() {
                let to: String
                switch move.kind {
                case .leads: to = "is the root"
                case .leaves: to = "leaves"
                case .joins, .moves: to = name(move.to)
                }
                table.add([
                    isOrdered ? "\(index + 1)" : TextColumns.nothing, name(move.node),
                    name(move.from), to, delay(move.delayBeforeMs), delay(move.delayAfterMs),
                    move.needsSpareSlot
                        ? "\(name(move.to)) needs a spare slot for it" : TextColumns.nothing,
                ])
            }
            lines += table.lines + [""]
        }
        lines.append("radius       \(pair(tree.radiusMs))")
        lines.append("mean         \(pair(tree.meanMs))")
        if let cost = tree.cost {
            lines.append("cost         \(pair(cost, TreeOutline.text(ofCost:)))")
        }
        if !tree.cutOff.isEmpty {
            lines.append("cut off      \(tree.cutOff.map(name).joined(separator: ", "))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    static func pair(
        _ pair: TreeChange.Pair,
        _ text: (Double) -> String = NumberText.milliseconds
    ) -> String {
        let (before, after) = (text(pair.before), text(pair.after))
        guard before != after else { return "\(after), as before" }
        let share = pair.before > 0 ? pair.after / pair.before - 1 : 0
        let sign = share > 0 ? "+" : ""
        return "\(before) → \(after) (\(sign)\(NumberText.percent(share)))"
    }

    // MARK: What deaths would do

    /// A row for each node that others hang at, and one line for all that nobody does.
    public static func render(_ reports: [DeathReport], of plan: Plan) -> String {
        let labels = labels(of: [plan])
        return plan.trees.map { tree in
            block(reports.filter { $0.tree == tree.name }, tree, labels)
        }.joined(separator: "\n")
    }

    private static func block(
        _ reports: [DeathReport],
        _ tree: TreePlan,
        _ labels: [String: String]
    ) -> String {
        func name(_ id: String) -> String { labels[id] ?? id }
        var table = TextColumns([
            .text("when it dies"), .number("children"), .number("move"), .number("subscribers"),
            .number("radius"), .number("change"), .text("busiest relay"), .number("link copies"),
            .text("cut off"),
        ])
        let interior = reports.filter { $0.orphanCount > 0 }
        for report in interior {
            let share =
                report.radiusMs.before > 0 ? report.radiusMs.after / report.radiusMs.before : 1
            table.add([
                name(report.node) + (report.node == tree.root ? " (root)" : ""),
                Figures.count(report.orphanCount), Figures.count(report.moveCount),
                NumberText.fixed(report.subscribers, decimals: 0),
                NumberText.milliseconds(report.radiusMs.after),
                (share > 1 ? "+" : "") + NumberText.percent(share - 1),
                report.failure == nil
                    ? "\(name(report.busiestRelay)), \(report.busiestRelayChildren)"
                    : TextColumns.nothing,
                report.linkCopies.map { NumberText.fixed($0.after, decimals: 0) }
                    ?? TextColumns.nothing,
                report.failure != nil
                    ? "all: no tree keeps the limits"
                    : report.cutOff.isEmpty
                        ? TextColumns.nothing : report.cutOff.map(name).joined(separator: ", "),
            ])
        }
        let cutting = interior.filter { !$0.cutOff.isEmpty || $0.failure != nil }
        var lines = ["Tree \(tree.name): what the death of each node does", ""]
        lines += table.lines
        lines += [
            "",
            "Nobody hangs at the other \(Figures.count(reports.count - interior.count, "node")).",
            cutting.isEmpty
                ? "No death cuts anybody off."
                : "Others are cut off by the death of "
                    + cutting.map { name($0.node) }.joined(separator: ", ") + ".",
        ]
        return lines.joined(separator: "\n") + "\n"
    }
}
