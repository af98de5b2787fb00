public import Topology

/// A plan as a self-contained SVG picture: a map (`MapPicture`), or levels in columns from left to
/// right, every node a box with its label and delay, shaded by how late it hears a message; the
/// farthest one is outlined in red.
public enum PlanSVG {
    private static let rowHeight = 26.0
    private static let boxHeight = 20.0
    private static let columnGap = 46.0
    private static let margin = 24.0
    private static let headerHeightMin = 112.0
    private static let lineHeight = 17.0

    /// How a tree is laid out.
    public enum Layout: String, CaseIterable, Sendable {
        /// Nodes where they are on Earth.
        case map
        /// Levels in columns.
        case tree
    }

    /// Whether the map of a topology can be drawn: some nodes have coordinates, at more than one place.
    public static func hasMap(_ topology: Topology) -> Bool { MapPlaces(topology) != nil }

    /// Trees stand below each other.
    ///
    /// A map needs the coordinates and links of the topology that the plan was made from. Without a
    /// wish for a layout, it is drawn where most nodes have coordinates, else the tree.
    ///
    /// What changes from another plan is marked in levels: new edges are thick and orange, edges that are gone dotted.
    public static func render(
        _ plan: Plan,
        topology: Topology? = nil,
        layout: Layout? = nil,
        changes: [TreeChange] = []
    ) -> String {
        var body: [String] = []
        var top = 0.0
        var width = 0.0
        let map = topology.flatMap {
            layout == .tree || !changes.isEmpty ? nil : MapSheet($0, isWanted: layout == .map)
        }
        if map != nil { body.append(MapPicture.style) }
        for tree in plan.trees {
            guard let outline = TreeOutline(tree) else { continue }
            let title = "\(plan.name) · tree \(tree.name)"
            body.append("<g transform=\"translate(0 \(SVGText.number(top)))\">")
            if let map, let picture = MapPicture(outline, on: map, title: title) {
                body += picture.elements()
                top += picture.height
                width = max(width, picture.width)
            } else {
                let picture = Picture(
                    outline,
                    title: title,
                    changes: changes.filter { $0.tree == tree.name }
                )
                body += picture.elements()
                top += picture.height
                width = max(width, picture.width)
            }
            body.append("</g>")
        }
        let size = "width=\"\(SVGText.number(width))\" height=\"\(SVGText.number(top))\""
        let head = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" \(size) "
                + "viewBox=\"0 0 \(SVGText.number(width)) \(SVGText.number(top))\" \(SVGText.font) font-size=\"12\">",
            "<rect class=\"paper\" width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
        ]
        return (head + body + ["</svg>"]).joined(separator: "\n") + "\n"
    }

    private struct Picture {
        let outline: TreeOutline
        let title: String
        let tidy: TidyTree
        /// Left edge and width of the boxes of each level.
        let columns: [(left: Double, width: Double)]
        let width: Double
        let height: Double
        /// What the segments do, below the figures.
        let remarks: [String]
        let headerHeight: Double
        /// What the boxes say: the label, and the id where several nodes have that label.
        let names: [String]
        /// By index, where the parent has changed: the index of the one before, −1 where it is not in the tree.
        let parentBefore: [Int?]

        init(_ outline: TreeOutline, title: String, changes: [TreeChange]) {
            self.outline = outline
            self.title = title
            tidy = TidyTree(outline)
            names = TreeOutline.distinctNames(outline.tree.nodes.map { ($0.id, $0.label) })
            var index: [String: Int] = [:]
            for (position, node) in outline.tree.nodes.enumerated() { index[node.id] = position }
            var parentBefore = [Int?](repeating: nil, count: outline.tree.nodes.count)
            for move in changes.flatMap(\.moves) {
                guard let node = index[move.node] else { continue }
                parentBefore[node] = move.from.flatMap { index[$0] } ?? -1
            }
            self.parentBefore = parentBefore
            var widths = [Double](repeating: 0, count: outline.depth + 1)
            for (node, name) in zip(outline.tree.nodes, names) {
                let box = SVGText.width(name) + SVGText.width(delayText(node)) * 0.85 + 26
                widths[node.level] = max(widths[node.level], box)
            }
            var columns: [(left: Double, width: Double)] = []
            var left = margin
            for width in widths {
                columns.append((left, width))
                left += width + columnGap
            }
            self.columns = columns
            remarks = outline.segmentLines.map { "segment " + $0 }
            headerHeight = headerHeightMin + Double(remarks.count) * lineHeight
            let captions = ([outline.settings, outline.figures] + remarks).map {
                SVGText.width($0) + 2 * margin
            }
            width = max(left - columnGap + margin, captions.max() ?? 0)
            height = headerHeight + tidy.rowCount * rowHeight + margin
        }

        func elements() -> [String] {
            header() + levels() + outline.order.flatMap { edge(to: $0) }
                + outline.order.flatMap { box($0) }
        }

        private func header() -> [String] {
            let left = SVGText.number(margin)
            let remarkTexts = remarks.enumerated().map { line, text in
                "<text x=\"\(left)\" y=\"\(SVGText.number(84 + Double(line) * lineHeight))\" fill=\"#00695c\">"
                    + "\(SVGText.escaped(text))</text>"
            }
            return [
                "<text x=\"\(left)\" y=\"30\" font-size=\"17\" font-weight=\"bold\" "
                    + "fill=\"#1d2b36\">\(SVGText.escaped(title))</text>",
                "<text x=\"\(left)\" y=\"50\" fill=\"#3f5361\">\(SVGText.escaped(outline.settings))</text>",
                "<text x=\"\(left)\" y=\"67\" fill=\"#3f5361\">\(SVGText.escaped(outline.figures))</text>",
            ] + remarkTexts + legend()
        }

        private func legend() -> [String] {
            var elements: [String] = []
            let top = headerHeight - 36
            for step in 0..<8 {
                let x = margin + Double(step) * 12
                elements.append(
                    "<rect x=\"\(SVGText.number(x))\" y=\"\(SVGText.number(top))\" width=\"12\" height=\"9\" "
                        + "fill=\"\(color(Double(step) / 7))\"/>"
                )
            }
            let text =
                "near to far in delay; red outline: the farthest node"
                + (remarks.isEmpty ? "" : "; green dashes: by multicast")
                + (parentBefore.contains { $0 != nil }
                    ? "; orange: what has moved, dotted from where" : "")
            elements.append(
                "<text x=\"\(SVGText.number(margin + 104))\" y=\"\(SVGText.number(top + 8))\" font-size=\"10\" "
                    + "fill=\"#3f5361\">\(text)</text>"
            )
            return elements
        }

        private func levels() -> [String] {
            columns.enumerated().map { level, column in
                "<text x=\"\(SVGText.number(column.left))\" y=\"\(SVGText.number(headerHeight - 8))\" font-size=\"10\" "
                    + "fill=\"#7c8d99\">\(level == 0 ? "root" : "level \(level)")</text>"
            }
        }

        private func middle(_ index: Int) -> Double {
            headerHeight + (tidy.row[index] + 0.5) * rowHeight
        }

        private func edge(to index: Int) -> [String] {
            guard let parent = outline.parent[index] else { return [] }
            let level = outline.tree.nodes[parent].level
            let start = columns[level].left + boxWidth(parent)
            let end = columns[level + 1].left
            // Curves bend in the gap only, so that they never cross a longer box of the parent's column.
            let bend = columns[level].left + columns[level].width
            let from = SVGText.number(middle(parent))
            let to = SVGText.number(middle(index))
            let half = SVGText.number((bend + end) / 2)
            let stroke =
                parentBefore[index] != nil
                ? "stroke=\"#ef6c00\" stroke-width=\"2.6\""
                : outline.tree.nodes[index].segment == nil
                    ? "stroke=\"#9fb0bb\" stroke-width=\"1.3\""
                    : "stroke=\"#00897b\" stroke-width=\"1.6\" stroke-dasharray=\"5 3\""
            return [
                "<path d=\"M\(SVGText.number(start)) \(from)H\(SVGText.number(bend))"
                    + "C\(half) \(from) \(half) \(to) \(SVGText.number(end)) \(to)\" "
                    + "fill=\"none\" \(stroke)/>"
            ] + edgeBefore(to: index)
        }

        private func edgeBefore(to index: Int) -> [String] {
            guard let parent = parentBefore[index], parent >= 0 else { return [] }
            let start = columns[outline.tree.nodes[parent].level].left + boxWidth(parent)
            let end = columns[outline.tree.nodes[index].level].left
            return [
                "<path d=\"M\(SVGText.number(start)) \(SVGText.number(middle(parent)))"
                    + "L\(SVGText.number(end)) \(SVGText.number(middle(index)))\" fill=\"none\" "
                    + "stroke=\"#ef6c00\" stroke-width=\"1.2\" stroke-dasharray=\"2 4\"/>"
            ]
        }

        private func boxWidth(_ index: Int) -> Double {
            let node = outline.tree.nodes[index]
            return SVGText.width(names[index]) + SVGText.width(delayText(node)) * 0.85 + 26
        }

        private func box(_ index: Int) -> [String] {
            let node = outline.tree.nodes[index]
            let left = columns[node.level].left
            let width = boxWidth(index)
            let share = outline.tree.radiusMs > 0 ? node.delayMs / outline.tree.radiusMs : 0
            let isFarthest = index != outline.root && node.delayMs == outline.tree.radiusMs
            let stroke = isFarthest ? "#c62828" : index == outline.root ? "#1d2b36" : "#6f8796"
            let line = isFarthest || index == outline.root ? "2" : "1"
            let baseline = SVGText.number(middle(index) + 4)
            return [
                "<g><title>\(SVGText.escaped(tooltip(index)))</title>",
                "<rect x=\"\(SVGText.number(left))\" y=\"\(SVGText.number(middle(index) - boxHeight / 2))\" "
                    + "width=\"\(SVGText.number(width))\" height=\"\(SVGText.number(boxHeight))\" rx=\"5\" "
                    + "fill=\"\(color(share))\" stroke=\"\(stroke)\" stroke-width=\"\(line)\"/>",
                "<text x=\"\(SVGText.number(left + 8))\" y=\"\(baseline)\" fill=\"#14212b\">"
                    + "\(SVGText.escaped(names[index]))</text>",
                "<text x=\"\(SVGText.number(left + width - 8))\" y=\"\(baseline)\" font-size=\"10\" "
                    + "text-anchor=\"end\" fill=\"#3f5361\">\(delayText(node))</text></g>",
            ]
        }

        private func tooltip(_ index: Int) -> String {
            let node = outline.tree.nodes[index]
            let backups = node.backups.isEmpty ? "none" : node.backups.joined(separator: ", ")
            return "\(node.id): rank \(node.rank), level \(node.level), "
                + "\(NumberText.milliseconds(node.delayMs)), backups \(backups)"
                + (node.segment.map { ", by multicast in segment \($0)" } ?? "")
        }
    }

    private static func delayText(_ node: TreePlan.TreeNode) -> String {
        NumberText.fixed(node.delayMs, decimals: 1) + " ms"
    }

    /// White to blue; text stays readable on all of it.
    private static func color(_ share: Double) -> String {
        func channel(_ near: Double, _ far: Double) -> String {
            let value = String(Int((near + (far - near) * share).rounded()), radix: 16)
            return value.count < 2 ? "0" + value : value
        }
        return "#" + channel(0xf4, 0x8e) + channel(0xf9, 0xc4) + channel(0xfc, 0xe4)
    }
}
