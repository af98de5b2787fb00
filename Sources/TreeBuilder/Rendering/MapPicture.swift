import Rendering
import Topology

/// A tree on the map: nodes where they are, links that carry nothing in grey.
///
/// In link mode every edge of the tree is a link, coloured by when a message arrives at its end. In mesh
/// mode edges run along several links: these are coloured, and as wide, as they carry copies of a
/// message.
struct MapPicture {
    private let outline: TreeOutline
    private let sheet: MapSheet
    private let load: LinkLoad
    private let title: String
    private let labels: MapLabels
    private let fontSize: Double
    private(set) var width: Double
    let height: Double
    /// Where the map begins, in the middle of what is above it.
    private var left = 0.0
    private let headerHeight: Double

    /// Colours for a dark screen; the attributes of the elements are those for a light one and for paper.
    static let style =
        "<style>@media (prefers-color-scheme: dark) {"
        + ".paper { fill: #10181f } .ink { fill: #e8eef3 } .soft { fill: #9fb0bd } "
        + ".unused { stroke: #46545f } .grid { stroke: #1c2831 } .name { fill: #dbe4ea; stroke: #10181f } "
        + ".mark { stroke: #10181f } .root { stroke: #e8eef3 } }</style>"

    /// - Returns: `nil` when the tree is not one of the sheet's topology.
    init?(_ outline: TreeOutline, on sheet: MapSheet, title: String) {
        // A plan of some of the nodes is drawn in levels.
        guard outline.tree.nodes.map(\.id) == sheet.topology.nodes.map(\.id),
            let load = LinkLoad(outline, topology: sheet.topology)
        else { return nil }
        self.outline = outline
        self.sheet = sheet
        self.load = load
        self.title = title
        let count = sheet.topology.nodes.count
        fontSize = count <= 60 ? 11 : count <= 120 ? 10 : 9
        let points = sheet.places.points
        let used = load.entries.map { (points[$0.a], points[$0.b]) }
        labels = MapLabels(
            order: Self.order(outline),
            names: sheet.names,
            points: points,
            radius: points.indices.map {
                $0 == outline.root ? Self.ringRadius + 1 : Self.radius($0, outline)
            },
            lines: used,
            fontSize: fontSize
        )
        headerHeight = 104 + Double(outline.segmentLines.count) * 17
        let captions = ([outline.settings, outline.figures] + outline.segmentLines).map {
            SVGText.width($0) + 60
        }
        let names = labels.labels.map { $0.x + SVGText.width($0.text) * (11 / 12) + 12 }
        let mapWidth = max(sheet.places.width, names.max() ?? 0)
        width = max(mapWidth, captions.max() ?? 0, 560)
        height = headerHeight + sheet.places.height
        width = max(width, legend().right + 24)
        left = (width - mapWidth) / 2
    }

    func elements() -> [String] {
        header()
            + [
                "<g transform=\"translate(\(SVGText.number(left)) \(SVGText.number(headerHeight)))\">"
            ] + grid()
            + unusedLinks() + (outline.tree.mode == .link ? treeEdges() : loadedLinks())
            + multicastEdges() + outline.order.reversed().flatMap { mark($0) } + names() + ["</g>"]
    }

    // MARK: Header

    private func header() -> [String] {
        func line(_ y: Double, _ text: String, _ style: String) -> String {
            "<text x=\"24\" y=\"\(SVGText.number(y))\" \(style)>\(SVGText.escaped(text))</text>"
        }
        let soft = "class=\"soft\" fill=\"#3f5361\""
        let segments = outline.segmentLines.enumerated().map { index, text in
            line(84 + Double(index) * 17, "segment " + text, "fill=\"#00897b\"")
        }
        return [
            line(30, title, "class=\"ink\" font-size=\"17\" font-weight=\"bold\" fill=\"#1d2b36\""),
            line(50, outline.settings, soft), line(67, outline.figures, soft),
        ] + segments + legend().elements
    }

    /// What colours, widths and marks mean, and where that ends.
    private func legend() -> (elements: [String], right: Double) {
        let top = headerHeight - 22
        let isByDelay = outline.tree.mode == .link
        let most = load.entries.first?.copyCount ?? 1
        var elements: [String] = []
        var x = 24.0
        if isByDelay {
            for step in 0..<10 {
                elements.append(
                    rect(x, top, width: 14, height: 6, Self.color(Double(step) / 9))
                )
                x += 14
            }
            elements.append(
                small(
                    x + 8,
                    top + 8,
                    "0 to \(NumberText.milliseconds(outline.tree.radiusMs)) from the root"
                )
            )
            x += 170
        } else {
            for copies in Self.steps(to: most) {
                let stroke = lineWidth(copies, of: most)
                elements.append(
                    rect(
                        x,
                        top + 4 - stroke / 2,
                        width: 22,
                        height: stroke,
                        loadColor(copies, of: most)
                    )
                )
                elements.append(small(x + 27, top + 8, "\(copies)"))
                x += 42 + Double("\(copies)".count) * 5
            }
            elements.append(small(x, top + 8, "copies of a message on a link"))
            x += 170
        }
        elements.append(
            "<line class=\"unused\" x1=\"\(SVGText.number(x))\" y1=\"\(SVGText.number(top + 4))\" "
                + "x2=\"\(SVGText.number(x + 22))\" y2=\"\(SVGText.number(top + 4))\" "
                + "stroke=\"#c3ccd3\" stroke-width=\"1.2\"/>"
        )
        var text = "link not used; ring: the root; red: the farthest node; large: relays"
        if !isByDelay { text += "; nodes from blue to orange: early to late" }
        if outline.tree.nodes.contains(where: { $0.segment != nil }) {
            text += "; green dashes: by multicast"
        }
        if labels.leftOutCount > 0 {
            text += "; \(labels.leftOutCount) names left out for room"
        }
        elements.append(small(x + 28, top + 8, text))
        return (elements, x + 28 + SVGText.width(text) * 10 / 12)
    }

    private func small(_ x: Double, _ y: Double, _ text: String) -> String {
        "<text class=\"soft\" x=\"\(SVGText.number(x))\" y=\"\(SVGText.number(y))\" font-size=\"10\" "
            + "fill=\"#3f5361\">\(SVGText.escaped(text))</text>"
    }

    private func rect(
        _ x: Double,
        _ y: Double,
        width: Double,
        height: Double,
        _ color: String
    ) -> String {
        "<rect x=\"\(SVGText.number(x))\" y=\"\(SVGText.number(y))\" width=\"\(SVGText.number(width))\" "
            + "height=\"\(SVGText.number(height))\" fill=\"\(color)\"/>"
    }

    /// At most five counts from 1 to the greatest.
    private static func steps(to most: Int) -> [Int] {
        guard most > 5 else { return Array(1...max(1, most)) }
        return [1, most / 4, most / 2, most * 3 / 4, most].reduce(into: []) { steps, step in
            if step > 0, steps.last != step { steps.append(step) }
        }
    }

    // MARK: Lines

    private func grid() -> [String] {
        let bottom = sheet.places.height - 4
        return sheet.graticule(width: sheet.places.width, height: sheet.places.height).flatMap {
            line -> [String] in
            let x1 = line.x ?? 12 - left
            let y1 = line.y ?? 4
            return [
                "<line class=\"grid\" x1=\"\(SVGText.number(x1))\" y1=\"\(SVGText.number(y1))\" "
                    + "x2=\"\(SVGText.number(line.x ?? width - 12 - left))\" "
                    + "y2=\"\(SVGText.number(line.y ?? bottom))\" stroke=\"#eef2f5\"/>",
                "<text class=\"soft\" x=\"\(SVGText.number(x1 + 3))\" "
                    + "y=\"\(SVGText.number(line.x == nil ? y1 - 3 : bottom - 2))\" font-size=\"8\" "
                    + "fill=\"#9aa8b3\">\(line.name)</text>",
            ]
        }
    }

    private func unusedLinks() -> [String] {
        // Both in the order of their ends, so that one walk finds what is used.
        let used = Set(load.entries.map { PairOfNodes($0.a, $0.b) })
        return sheet.topology.links.filter { !used.contains(PairOfNodes($0.a, $0.b)) }.map { link in
            segment(
                link.a,
                link.b,
                "class=\"unused\" stroke=\"#c3ccd3\" stroke-width=\"1\"",
                tooltip: "\(name(link.a)) – \(name(link.b)): not used"
            )
        }
    }

    private struct PairOfNodes: Hashable {
        let least: Int
        let most: Int

        init(_ a: Int, _ b: Int) {
            (least, most) = (min(a, b), max(a, b))
        }
    }

    /// Link mode: every edge of the tree, by the delay at its end, with a tip in the middle.
    private func treeEdges() -> [String] {
        outline.order.reversed().flatMap { index -> [String] in
            guard let parent = outline.parent[index], outline.tree.nodes[index].segment == nil
            else {
                return []
            }
            let color = Self.color(share(index))
            let edge = segment(
                parent,
                index,
                "stroke=\"\(color)\" stroke-width=\"2.2\" stroke-linecap=\"round\"",
                tooltip: "\(name(parent)) → \(name(index)): "
                    + "+\(NumberText.milliseconds(outline.edgeDelayMs(index)))"
            )
            return [edge] + tip(from: parent, to: index, color)
        }
    }

    private func tip(from a: Int, to b: Int, _ color: String) -> [String] {
        let (start, end) = (sheet.places.points[a], sheet.places.points[b])
        let way = end - start
        guard way.length > 34 else { return [] }
        let along = way * (1 / way.length)
        let across = MapPoint(x: -along.y, y: along.x)
        let top = start + way * 0.5 + along * 5
        let left = start + way * 0.5 - along * 3 + across * 4
        let right = start + way * 0.5 - along * 3 - across * 4
        let corners = [top, left, right].map { "\(SVGText.number($0.x)) \(SVGText.number($0.y))" }
        return ["<path d=\"M\(corners.joined(separator: "L"))Z\" fill=\"\(color)\"/>"]
    }

    /// Mesh mode: every link that carries something, by the copies it carries.
    private func loadedLinks() -> [String] {
        let most = load.entries.first?.copyCount ?? 1
        return load.entries.reversed().map { entry in
            segment(
                entry.a,
                entry.b,
                "stroke=\"\(loadColor(entry.copyCount, of: most))\" "
                    + "stroke-width=\"\(SVGText.number(lineWidth(entry.copyCount, of: most)))\" "
                    + "stroke-linecap=\"round\"",
                tooltip: "\(name(entry.a)) – \(name(entry.b)): "
                    + "\(entry.copyCount) \(entry.copyCount == 1 ? "copy" : "copies") of a message"
            )
        }
    }

    private func multicastEdges() -> [String] {
        outline.order.compactMap { index in
            guard let parent = outline.parent[index],
                let name = outline.tree.nodes[index].segment
            else { return nil }
            return segment(
                parent,
                index,
                "stroke=\"#00897b\" stroke-width=\"1.8\" stroke-dasharray=\"5 3\"",
                tooltip: "by multicast in segment \(name)"
            )
        }
    }

    private func segment(_ a: Int, _ b: Int, _ style: String, tooltip: String) -> String {
        let (start, end) = (sheet.places.points[a], sheet.places.points[b])
        return "<line x1=\"\(SVGText.number(start.x))\" y1=\"\(SVGText.number(start.y))\" "
            + "x2=\"\(SVGText.number(end.x))\" y2=\"\(SVGText.number(end.y))\" \(style)>"
            + "<title>\(SVGText.escaped(tooltip))</title></line>"
    }

    // MARK: Nodes

    private func mark(_ index: Int) -> [String] {
        let point = sheet.places.points[index]
        let (x, y) = (SVGText.number(point.x), SVGText.number(point.y))
        let isRoot = index == outline.root
        let isFarthest = !isRoot && outline.tree.nodes[index].delayMs == outline.tree.radiusMs
        let stroke =
            isFarthest
            ? "stroke=\"#e02020\" stroke-width=\"2.4\""
            : "class=\"mark\" stroke=\"#ffffff\" stroke-width=\"1.2\""
        let radius = SVGText.number(Self.radius(index, outline))
        var elements = [
            "<circle cx=\"\(x)\" cy=\"\(y)\" r=\"\(radius)\" fill=\"\(Self.color(share(index)))\" "
                + "\(stroke)><title>\(SVGText.escaped(tooltip(index)))</title></circle>"
        ]
        if isRoot {
            elements.append(
                "<circle class=\"root\" cx=\"\(x)\" cy=\"\(y)\" r=\"\(SVGText.number(Self.ringRadius))\" fill=\"none\" "
                    + "stroke=\"#1d2b36\" stroke-width=\"2.2\"/>"
            )
        }
        return elements
    }

    private func names() -> [String] {
        labels.labels.map { label in
            let weight = label.node == outline.root ? " font-weight=\"bold\"" : ""
            return
                "<text class=\"name\" x=\"\(SVGText.number(label.x))\" y=\"\(SVGText.number(label.y))\" "
                + "font-size=\"\(SVGText.number(fontSize))\"\(weight) fill=\"#1d2b36\" stroke=\"#ffffff\" "
                + "stroke-width=\"2.4\" stroke-linejoin=\"round\" paint-order=\"stroke\">"
                + "\(SVGText.escaped(label.text))</text>"
        }
    }

    private func tooltip(_ index: Int) -> String {
        let node = outline.tree.nodes[index]
        let parent = outline.parent[index].map { "from \(name($0))" } ?? "the root"
        let children = outline.children[index].count
        return "\(outline.name(index)): \(parent), level \(node.level), "
            + "\(NumberText.milliseconds(node.delayMs)), "
            + Figures.count(children, "child", plural: "children")
    }

    private func name(_ index: Int) -> String { sheet.names[index] }

    private func share(_ index: Int) -> Double {
        outline.tree.radiusMs > 0 ? outline.tree.nodes[index].delayMs / outline.tree.radiusMs : 0
    }

    private static let ringRadius = 10.5

    private static func radius(_ index: Int, _ outline: TreeOutline) -> Double {
        if index == outline.root { return 6.5 }
        let children = Double(outline.children[index].count)
        return children == 0 ? 4 : min(7, 5 + children.squareRoot() * 0.5)
    }

    /// Whose names are placed first: the root, the farthest, who relays to many, who hears early.
    private static func order(_ outline: TreeOutline) -> [Int] {
        func importance(_ index: Int) -> (Int, Int, Double) {
            let node = outline.tree.nodes[index]
            let isSpecial = index == outline.root || node.delayMs == outline.tree.radiusMs
            return (isSpecial ? 0 : 1, -outline.children[index].count, node.delayMs)
        }
        return outline.tree.nodes.indices.sorted {
            let (a, b) = (importance($0), importance($1))
            return a == b ? $0 < $1 : a < b
        }
    }

    // MARK: Colours

    private func loadColor(_ copies: Int, of most: Int) -> String {
        Self.color(most > 1 ? Double(copies - 1) / Double(most - 1) : 0)
    }

    private func lineWidth(_ copies: Int, of most: Int) -> Double {
        most > 1 ? 1.8 + 4.2 * Double(copies - 1) / Double(most - 1) : 2.2
    }

    /// Blue over violet and rose to orange: of a middle lightness that shows on white and on black.
    private static func color(_ share: Double) -> String {
        let position = max(0, min(1, share)) * Double(stops.count - 1)
        let index = min(Int(position), stops.count - 2)
        let part = position - Double(index)
        return "#"
            + zip(stops[index], stops[index + 1]).map { from, to in
                let value = String(Int((from + (to - from) * part).rounded()), radix: 16)
                return value.count < 2 ? "0" + value : value
            }.joined()
    }

    private static let stops: [[Double]] = [
        [0x2a, 0x7f, 0xd4], [0x8a, 0x5a, 0xc8], [0xd2, 0x45, 0x73], [0xee, 0x8a, 0x2a],
    ]
}
