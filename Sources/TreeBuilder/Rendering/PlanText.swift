import Rendering
public import Topology

/// A plan as text for a terminal: each tree drawn with its delays, and a summary below it.
public enum PlanText {
    private static let busiestLinkCount = 5

    /// With the topology that the plan was made from, the summary says what the links carry.
    public static func render(_ plan: Plan, topology: Topology? = nil) -> String {
        var blocks: [String] = []
        for tree in plan.trees {
            guard let outline = TreeOutline(tree) else {
                blocks.append("Tree \(tree.name): not a tree.\n")
                continue
            }
            let lines =
                heading(outline, plan: plan) + drawing(outline) + [""] + secondTree(outline)
                + summary(outline, topology: topology)
            blocks.append(lines.joined(separator: "\n") + "\n")
        }
        return blocks.joined(separator: "\n")
    }

    private static func heading(_ outline: TreeOutline, plan: Plan) -> [String] {
        let tree = outline.tree
        let topics = tree.topics.map { $0.isEmpty ? "everything" : "'\($0)'" }
        return [
            "\(plan.name) · tree \(tree.name) · \(Figures.count(tree.nodes.count, "node")) · topics "
                + topics.joined(separator: ", "),
            outline.settings,
            "",
        ]
    }

    private static func drawing(_ outline: TreeOutline) -> [String] {
        let branches = self.branches(outline)
        let names = outline.order.map { branches[$0] + outline.name($0) }
        let width = names.map(\.count).max() ?? 0
        let delayWidth = NumberText.fixed(outline.tree.radiusMs, decimals: 3).count
        return zip(outline.order, names).map { index, name in
            let node = outline.tree.nodes[index]
            let delay = NumberText.fixed(node.delayMs, decimals: 3)
            var line = name + String(repeating: " ", count: width - name.count + 2)
            line += String(repeating: " ", count: max(0, delayWidth - delay.count)) + delay + " ms"
            guard node.parent != nil else { return line }
            line += "  +" + NumberText.fixed(outline.edgeDelayMs(index), decimals: 3)
            if let segment = node.segment { line += "  by segment \(segment)" }
            if !node.backups.isEmpty {
                line += "  backups " + node.backups.map(outline.shortName).joined(separator: ", ")
            }
            return line
        }
    }

    private static func secondTree(_ outline: TreeOutline) -> [String] {
        guard let second = outline.second else { return [] }
        return ["second tree", ""] + drawing(second) + [""]
    }

    /// The lines in front of each name, by index.
    private static func branches(_ outline: TreeOutline) -> [String] {
        var ahead = [String](repeating: "", count: outline.tree.nodes.count)
        var branches = ahead
        for node in outline.order {
            for child in outline.children[node] {
                let isLast = child == outline.children[node].last
                let isMulticast = outline.tree.nodes[child].segment != nil
                let fork = isLast ? (isMulticast ? "╘═ " : "└─ ") : isMulticast ? "╞═ " : "├─ "
                branches[child] = ahead[node] + fork
                ahead[child] = ahead[node] + (isLast ? "   " : "│  ")
            }
        }
        return branches
    }

    /// The caption stands in front of the first line only.
    private static func captioned(_ caption: String, _ lines: [String]) -> [String] {
        lines.enumerated().map { index, line in
            let start = index == 0 ? caption : ""
            return start + String(repeating: " ", count: 13 - start.count) + line
        }
    }

    private static func summary(_ outline: TreeOutline, topology: Topology?) -> [String] {
        let tree = outline.tree
        var counts = [Int](repeating: 0, count: (outline.children.map(\.count).max() ?? 0) + 1)
        for children in outline.children { counts[children.count] += 1 }
        let fanOuts = counts.enumerated().filter { $0.element > 0 }
            .map { "\($0.offset) × \($0.element)" }
        let farthest = outline.farthest.map { " to \(outline.shortName($0.id))" } ?? ""
        var lines = [
            "radius       \(NumberText.milliseconds(tree.radiusMs))\(farthest)",
            "mean         \(NumberText.milliseconds(tree.meanMs))",
            outline.costText.map { "cost         \($0)" },
            "depth        \(outline.depth)",
            "lower bound  \(outline.lowerBoundText) (\(tree.objective.rawValue))"
                + ", gap \(NumberText.percent(tree.gap))",
            "fan-out      " + fanOuts.joined(separator: ", ") + "  (children × nodes)",
        ].compactMap(\.self)
        lines += captioned("left out", outline.leftOutLines)
        lines += captioned("second tree", outline.redundancyLines)
        lines += captioned("regions", outline.regionLines)
        lines += captioned("standby", outline.standbyLines)
        lines += captioned("unprotected", outline.unprotectedLines)
        lines += outline.choiceLines + captioned("objectives", outline.alternativeLines)
        lines +=
            captioned("segments", outline.segmentLines) + captioned("feeds", outline.feedLines)
            + captioned("sinks", outline.sinkLines)
        guard let topology, let load = LinkLoad(outline, topology: topology),
            let busiest = load.entries.first
        else { return lines }
        lines.append(
            "link load    \(load.entries.count) of \(Figures.count(topology.links.count, "link")) in use, "
                + "at most \(busiest.copyCount) and on average "
                + "\(NumberText.fixed(load.mean, decimals: 2)) copies of a message"
        )
        guard busiest.copyCount > 1 else { return lines }
        let names = TreeOutline.distinctNames(topology.nodes.map { ($0.id, $0.label) })
        for entry in load.entries.prefix(busiestLinkCount) where entry.copyCount > 1 {
            let ends = "\(names[entry.a]) – \(names[entry.b])"
            lines.append("             \(entry.copyCount) × \(ends)")
        }
        return lines
    }
}
