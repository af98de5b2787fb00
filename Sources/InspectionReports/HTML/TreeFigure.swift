import Inspector
import Rendering

/// A tree from left to right, coloured by what became of the messages; also told by signs, for those who do not see colours.
struct TreeFigure {
    private struct PlacedNode {
        var receiver: Int
        var x: Double
        var y: Double
    }

    private let receivers: [Verdict.Receiver]
    private let hops: [Verdict.Hop]
    private var places: [PlacedNode] = []
    /// By receiver; `nil` at roots.
    private var parents: [Int?] = []
    private var hopIndexes: [String: Int] = [:]

    /// Draws one tree of a verdict; `nil` for receivers that belong to none.
    init(_ verdict: Verdict, tree: String?) {
        receivers = verdict.receivers.filter { $0.tree == tree }
        hops = verdict.hops.filter { $0.tree == tree }
        for (index, hop) in hops.enumerated() { hopIndexes["\(hop.from)\n\(hop.to)"] = index }
        var latest: [String: Int] = [:]
        for (index, receiver) in receivers.enumerated() {
            // A parent comes before its children, so nothing can go round in a circle.
            parents.append(receiver.parent.flatMap { latest[$0] })
            latest[receiver.name] = index
        }
        layOut()
    }

    var isEmpty: Bool { places.isEmpty }

    /// Leaves get rows from the top, parents the middle of their children. Walks without recursion: a chain may be long.
    private mutating func layOut() {
        var children: [Int: [Int]] = [:]
        var roots: [Int] = []
        for (index, parent) in parents.enumerated() {
            if let parent {
                children[parent, default: []].append(index)
            } else {
                roots.append(index)
            }
        }
        var rows = [Double](repeating: 0, count: receivers.count)
        var depths = [Int](repeating: 0, count: receivers.count)
        var nextRow = 0.0
        var order: [Int] = []
        var stack = Array(roots.reversed())
        while let index = stack.popLast() {
            order.append(index)
            let below = children[index] ?? []
            if below.isEmpty {
                rows[index] = nextRow
                nextRow += 1
            }
            for child in below.reversed() {
                depths[child] = depths[index] + 1
                stack.append(child)
            }
        }
        for index in order.reversed() {
            let below = (children[index] ?? []).map { rows[$0] }
            if let first = below.min(), let last = below.max() { rows[index] = (first + last) / 2 }
        }
        places = receivers.indices.map {
            PlacedNode(
                receiver: $0,
                x: 8 + Double(depths[$0]) * Self.columnWidth,
                y: 8 + rows[$0] * Self.rowHeight
            )
        }
    }

    func write(to markup: inout Markup) {
        let width = (places.map(\.x).max() ?? 0) + Self.nodeWidth + 8
        let height = (places.map(\.y).max() ?? 0) + Self.nodeHeight + 8
        markup.raw(
            "<div class=\"figure\"><svg width=\"\(Markup.coordinate(width))\" height=\""
                + "\(Markup.coordinate(height))\" role=\"img\" aria-label=\"tree\">"
        )
        for place in places { writeLink(to: place, &markup) }
        for place in places { writeNode(place, &markup) }
        markup.raw("</svg></div>\n")
    }

    private func writeLink(to place: PlacedNode, _ markup: inout Markup) {
        let receiver = receivers[place.receiver]
        guard let origin = parents[place.receiver] else { return }
        let parent = receivers[origin].name
        let hop = hopIndexes["\(parent)\n\(receiver.name)"].map { hops[$0] }
        let (x1, y1) = (places[origin].x + Self.nodeWidth, places[origin].y + Self.nodeHeight / 2)
        let (x2, y2) = (place.x, place.y + Self.nodeHeight / 2)
        let middle = (x1 + x2) / 2
        let state =
            (hop?.lostCount ?? 0) > 0 ? "bad" : (hop?.carriedCount ?? 0) > 0 ? "good" : "doubt"
        let path =
            "M\(Markup.coordinate(x1)) \(Markup.coordinate(y1))"
            + "C\(Markup.coordinate(middle)) \(Markup.coordinate(y1)) "
            + "\(Markup.coordinate(middle)) \(Markup.coordinate(y2)) "
            + "\(Markup.coordinate(x2)) \(Markup.coordinate(y2))"
        markup.raw("<path class=\"link \(state)\" d=\"\(path)\">")
        let carried = "\(Figures.count(hop?.carriedCount ?? 0)) carried"
        markup.element(
            "title",
            "\(parent) → \(receiver.name): \(carried), \(Figures.count(hop?.lostCount ?? 0)) lost here first"
        )
        markup.raw("</path>")
        guard let hop, hop.lostCount > 0 else { return }
        markup.raw(
            "<text class=\"bad\" text-anchor=\"end\" style=\"fill:var(--loss);font-weight:600\" x=\""
                + "\(Markup.coordinate(x2 - 6))\" y=\"\(Markup.coordinate(y2 - 5))\">"
        )
        markup.escaped("−\(Figures.count(hop.lostCount))")
        markup.raw("</text>")
    }

    private func writeNode(_ place: PlacedNode, _ markup: inout Markup) {
        let receiver = receivers[place.receiver]
        let state = Self.state(receiver)
        markup.raw(
            "<g class=\"node \(state.className)\" transform=\"translate("
                + "\(Markup.coordinate(place.x)),\(Markup.coordinate(place.y)))\">"
        )
        markup.element("title", "\(receiver.name): \(Self.explanation(receiver))")
        markup.raw(
            "<rect width=\"\(Markup.coordinate(Self.nodeWidth))\" height=\""
                + "\(Markup.coordinate(Self.nodeHeight))\" rx=\"7\"/>"
                + "<text class=\"label\" x=\"10\" y=\"17\">"
        )
        markup.escaped(Self.shortened(receiver.name))
        markup.raw(
            "</text><text class=\"state\" text-anchor=\"end\" x=\""
                + "\(Markup.coordinate(Self.nodeWidth - 10))\" y=\"17\">"
        )
        markup.escaped(state.sign)
        markup.raw("</text></g>")
    }

    private static func state(_ receiver: Verdict.Receiver) -> (className: String, sign: String) {
        guard receiver.isObserved else { return ("doubt", "not seen") }
        if receiver.lostCount > 0 {
            return (
                "bad", "✗ " + Figures.percent(receiver.deliveredCount, of: receiver.expectedCount)
            )
        }
        if receiver.duplicatedCount + receiver.lateCount > 0 { return ("bad", "✗") }
        if receiver.undecidedCount > 0 { return ("doubt", "?") }
        return receiver.expectedCount > 0 ? ("good", "✓") : ("doubt", "–")
    }

    private static func explanation(_ receiver: Verdict.Receiver) -> String {
        guard receiver.isObserved else { return "no capture shows it" }
        return "\(Figures.count(receiver.deliveredCount)) of "
            + "\(Figures.count(receiver.expectedCount)) delivered, "
            + "\(Figures.count(receiver.lostCount)) lost, "
            + "\(Figures.count(receiver.undecidedCount)) unsure"
    }

    private static func shortened(_ name: String) -> String {
        name.count <= 17 ? name : name.prefix(8) + "…" + name.suffix(8)
    }

    private static let nodeWidth = 190.0
    private static let nodeHeight = 26.0
    private static let columnWidth = 270.0
    private static let rowHeight = 38.0
}
