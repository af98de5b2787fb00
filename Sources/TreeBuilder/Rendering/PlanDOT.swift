/// A plan in the GraphViz language: one `digraph` per tree, edges labelled with what they cost.
public enum PlanDOT {
    public static func render(_ plan: Plan) -> String {
        plan.trees.map { render($0, plan: plan) }.joined(separator: "\n")
    }

    private static func render(_ tree: TreePlan, plan: Plan) -> String {
        guard let outline = TreeOutline(tree) else { return "digraph \(quoted(tree.name)) {\n}\n" }
        let title = "\(plan.name) · tree \(tree.name)\n\(outline.settings)\n\(outline.figures)"
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
        for index in outline.order {
            for child in outline.children[index] {
                let cost = NumberText.fixed(outline.edgeDelayMs(child), decimals: 3)
                lines.append(
                    "  \(quoted(tree.nodes[index].id)) -> \(quoted(tree.nodes[child].id)) "
                        + "[label=\"\(cost)\"];"
                )
            }
        }
        return (lines + ["}"]).joined(separator: "\n") + "\n"
    }

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
