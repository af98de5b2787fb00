/// A plan in the GraphViz language: one `digraph` per tree, edges labelled with what they cost.
public enum PlanDOT {
    public static func render(_ plan: Plan) -> String {
        plan.trees.map { render($0, plan: plan) }.joined(separator: "\n")
    }

    private static func render(_ tree: TreePlan, plan: Plan) -> String {
        guard let outline = TreeOutline(tree) else { return "digraph \(quoted(tree.name)) {\n}\n" }
        let title =
            ([
                "\(plan.name) · tree \(tree.name)", outline.settings, outline.figures,
            ] + outline.segmentLines).joined(separator: "\n")
        var lines = [
            "digraph \(quoted(tree.name)) {",
            "  rankdir=LR;",
            "  label=\(quoted(title));",
            "  node [shape=box, style=rounded, fontname=\"sans-serif\", fontsize=11];",
            "  edge [fontname=\"sans-serif\", fontsize=9];",
        ]
        for index in outline.order {
            let node = tree.nodes[index]
            let label = "\(node.label)\n\(NumberText.milliseconds(node.delayMs))"
            let border = index == outline.root ? ", penwidth=2" : ""
            lines.append("  \(quoted(node.id)) [label=\(quoted(label))\(border)];")
        }
        lines += edges(outline)
        return (lines + ["}"]).joined(separator: "\n") + "\n"
    }

    /// A multicast transmission is one bold edge to its segment, from which it reaches every member.
    private static func edges(_ outline: TreeOutline) -> [String] {
        let nodes = outline.tree.nodes
        var lines: [String] = []
        for island in outline.tree.islands {
            guard island.carriage == .multicast, let head = island.head else { continue }
            let segment = segmentID(island.segment)
            let label = "\(island.segment)\n\(island.group ?? "")"
            lines.append("  \(segment) [shape=ellipse, style=dashed, label=\(quoted(label))];")
            lines.append("  \(quoted(head)) -> \(segment) [style=bold];")
        }
        for index in outline.order {
            for child in outline.children[index] {
                let cost = NumberText.fixed(outline.edgeDelayMs(child), decimals: 3)
                let segment = nodes[child].segment
                let start = segment.map(segmentID) ?? quoted(nodes[index].id)
                let style = segment == nil ? "" : ", style=dashed"
                lines.append(
                    "  \(start) -> \(quoted(nodes[child].id)) [label=\"\(cost)\"\(style)];"
                )
            }
        }
        return lines
    }

    /// No node is called like this: ids hold no line breaks.
    private static func segmentID(_ name: String) -> String { quoted("segment\n" + name) }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for character in text.unicodeScalars {
            switch character {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(character)
            }
        }
        return result + "\""
    }
}
