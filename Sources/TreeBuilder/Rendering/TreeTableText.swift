import Rendering
import Topology

/// A tree in columns for a person: what holds for all of it, and the nodes that stand out, in some thirty lines.
public enum TreeTableText {
    private static let listLength = 5

    public static func render(_ table: TreeTable) -> String {
        let summary = table.summary
        let levels = table.levels()
        let counts = table.childCounts()
        let depth = levels.max() ?? 0
        let fanOut = summary.fanOut.map { "at most \($0) children" } ?? "children without limit"
        var lines = [
            "\(summary.plan) · tree \(summary.tree) · \(Figures.count(summary.nodeCount, "node")), "
                + Figures.count(summary.linkCount, "link"),
            "root \(summary.root), mode \(summary.mode.rawValue), objective \(summary.objective.rawValue), "
                + "\(fanOut), hop \(NumberText.milliseconds(summary.hopDelayMs))",
            "",
            "radius       \(NumberText.milliseconds(summary.radiusMs))",
            "mean         \(NumberText.milliseconds(summary.meanMs))",
            "lower bound  \(NumberText.milliseconds(summary.lowerBoundMs)) "
                + "(\(summary.objective.rawValue)), gap \(NumberText.percent(summary.gap))",
            "depth        \(depth)",
        ]
        lines += captioned("delays", delays(of: table))
        lines += captioned("levels", spread(levels, unit: "node"))
        lines += captioned("fan-out", fanOuts(counts))
        lines += captioned("busiest", top(table, by: counts) { "\($0) children" })
        lines += captioned(
            "farthest",
            top(table, by: table.delay) {
                NumberText.milliseconds(Picoseconds($0).milliseconds)
            }
        )
        let alone = (0..<table.nodeCount).count {
            table.rank[$0] > 0 && table.backups[$0 * TreeTable.backupCountMax] == TreeTable.none
        }
        lines.append(
            "backups      " + Figures.count(alone, "node") + " without a backup parent among "
                + "neighbours of lower rank"
        )
        return lines.joined(separator: "\n") + "\n"
    }

    private static func delays(of table: TreeTable) -> [String] {
        let sorted = table.delay.sorted()
        let shares = [50, 90, 99].map { share in
            let delay = sorted[(sorted.count - 1) * share / 100]
            return "\(share) % within \(NumberText.milliseconds(Picoseconds(delay).milliseconds))"
        }
        return [shares.joined(separator: ", ")]
    }

    /// How many of each, in groups where there are many.
    private static func spread(_ values: ContiguousArray<UInt32>, unit: String) -> [String] {
        let last = Int(values.max() ?? 0)
        let width = last / 8 + 1
        var counts = [Int](repeating: 0, count: last / width + 1)
        for value in values { counts[Int(value) / width] += 1 }
        return counts.indices.map { group in
            let range =
                width == 1
                ? "\(group)" : "\(group * width)–\(min(last, group * width + width - 1))"
            return "\(range): \(Figures.count(counts[group], unit))"
        }
    }

    private static func fanOuts(_ counts: ContiguousArray<UInt32>) -> [String] {
        let groups: [(ClosedRange<UInt32>, String)] = [
            (0...0, "no children"), (1...1, "1"), (2...3, "2–3"), (4...7, "4–7"), (8...15, "8–15"),
            (16...63, "16–63"), (64...UInt32.max, "64 and more"),
        ]
        return [
            groups.compactMap { range, name in
                let count = counts.count { range.contains($0) }
                return count > 0 ? "\(name): \(count)" : nil
            }.joined(separator: ", ") + "  (children: nodes)"
        ]
    }

    private static func top<Value: Comparable>(
        _ table: TreeTable,
        by values: ContiguousArray<Value>,
        _ text: (Value) -> String
    ) -> [String] {
        var best: [Int] = []
        for node in 0..<table.nodeCount {
            if best.count == listLength, let last = best.last, values[node] <= values[last] {
                continue
            }
            let place = best.firstIndex { values[$0] < values[node] } ?? best.count
            best.insert(node, at: place)
            if best.count > listLength { best.removeLast() }
        }
        return [best.map { "'\(table.nodes[$0])' \(text(values[$0]))" }.joined(separator: ", ")]
    }

    /// The caption stands in front of the first line only.
    private static func captioned(_ caption: String, _ lines: [String]) -> [String] {
        lines.enumerated().map { index, line in
            let start = index == 0 ? caption : ""
            return start + String(repeating: " ", count: 13 - start.count) + line
        }
    }
}
