/// Places names beside nodes so that they cover neither nodes nor each other, and as few lines as can
/// be. A name that finds no room is shortened, then left out.
struct MapLabels {
    struct Label: Equatable {
        let node: Int
        let text: String
        /// The left end of the base line.
        let x: Double
        let y: Double
    }

    struct Box {
        var left: Double
        var top: Double
        var right: Double
        var bottom: Double

        func overlaps(_ other: Box) -> Bool {
            left < other.right && other.left < right && top < other.bottom && other.top < bottom
        }

        /// Whether a line passes through, by the clipping of Liang and Barsky (ACM TOG 3(1), 1984).
        func meets(_ a: MapPoint, _ b: MapPoint) -> Bool {
            let direction = b - a
            var enter = 0.0
            var leave = 1.0
            for (p, q) in [
                (-direction.x, a.x - left), (direction.x, right - a.x), (-direction.y, a.y - top),
                (direction.y, bottom - a.y),
            ] {
                if p == 0 {
                    if q < 0 { return false }
                } else if p < 0 {
                    enter = max(enter, q / p)
                } else {
                    leave = min(leave, q / p)
                }
            }
            return enter <= leave
        }
    }

    let labels: [Label]
    /// Names that found no room.
    let leftOutCount: Int

    /// The most names that are placed, in the order given.
    static let countMax = 1_000
    private static let textLengthMax = 26
    private static let shortLength = 9

    /// Places the names of the nodes in `order`, the most important first, around marks of these radii.
    /// Names should rather not cover the lines.
    init(
        order: [Int],
        names: [String],
        points: [MapPoint],
        radius: [Double],
        lines: [(MapPoint, MapPoint)],
        fontSize: Double
    ) {
        let marks = zip(points, radius).map { point, radius in
            Box(
                left: point.x - radius,
                top: point.y - radius,
                right: point.x + radius,
                bottom: point.y + radius
            )
        }
        // Looking at every line for every place is for maps of a readable size.
        let lines = order.count * lines.count <= 2_000_000 ? lines : []
        var placed: [Box] = []
        var labels: [Label] = []
        for node in order.prefix(Self.countMax) {
            for text in Self.versions(of: names[node]) {
                let width = SVGText.width(text) * fontSize / 12
                let free = Self.boxes(points[node], radius[node], width, fontSize).filter { box in
                    !placed.contains { $0.overlaps(box) }
                        && !marks.indices.contains { $0 != node && marks[$0].overlaps(box) }
                        && box.left > 2 && box.top > 2
                }
                guard let best = Self.best(of: free, lines) else { continue }
                placed.append(best)
                labels.append(
                    Label(
                        node: node,
                        text: text,
                        x: best.left + 1,
                        y: best.bottom - fontSize * 0.25
                    )
                )
                break
            }
        }
        self.labels = labels
        leftOutCount = order.count - labels.count
    }

    /// The box that covers the fewest lines; the first of equals.
    private static func best(of boxes: [Box], _ lines: [(MapPoint, MapPoint)]) -> Box? {
        var best: (box: Box, count: Int)?
        for box in boxes {
            let count = lines.count { box.meets($0.0, $0.1) }
            if count < best?.count ?? .max { best = (box, count) }
        }
        return best?.box
    }

    private static func versions(of name: String) -> [String] {
        let full =
            name.count > textLengthMax ? String(name.prefix(textLengthMax - 1)) + "…" : name
        return full.count > shortLength + 2
            ? [full, String(name.prefix(shortLength)) + "…"] : [full]
    }

    /// Eight places around a mark, the best to read first.
    private static func boxes(
        _ point: MapPoint,
        _ radius: Double,
        _ width: Double,
        _ fontSize: Double
    ) -> [Box] {
        let gap = radius + 2
        let near = radius * 0.7 + 1
        let places: [(left: Double, top: Double)] = [
            (gap, -fontSize / 2), (-gap - width, -fontSize / 2),
            (-width / 2, -gap - fontSize), (-width / 2, gap),
            (near, -near - fontSize), (near, near),
            (-near - width, -near - fontSize), (-near - width, near),
        ]
        return places.map { place in
            Box(
                left: point.x + place.left,
                top: point.y + place.top,
                right: point.x + place.left + width,
                bottom: point.y + place.top + fontSize
            )
        }
    }
}
