import Topology

/// Where the nodes of a topology stand on a sheet, in px: at their coordinates, moved apart where
/// several are at one place.
struct MapPlaces {
    /// By node.
    let points: [MapPoint]
    let width: Double
    let height: Double
    let projection: MapProjection
    /// px in a degree of latitude.
    let scale: Double
    /// The projection's point at the sheet's origin.
    private let origin: MapPoint

    /// Around all nodes, for their labels.
    static let margin = 70.0
    /// The least distance of two nodes' middles.
    static let distance = 15.0

    /// - Returns: `nil` when fewer than two nodes have coordinates, or all are at one place.
    init?(_ topology: Topology) {
        let places = topology.nodes.compactMap(Self.place(of:))
        guard places.count > 1, let projection = MapProjection(places) else { return nil }
        let raw = Self.raw(topology, projection)
        let left = raw.map(\.x).min() ?? 0
        let right = raw.map(\.x).max() ?? 0
        let top = raw.map(\.y).min() ?? 0
        let bottom = raw.map(\.y).max() ?? 0
        guard right - left > 1e-9 || bottom - top > 1e-9 else { return nil }
        // A sheet that grows with the network, and the largest scale that fits.
        let growth = min(2.2, max(1, (Double(raw.count) / 45).squareRoot()))
        let scale = min(
            1050 * growth / max(right - left, 1e-9),
            720 * growth / max(bottom - top, 1e-9)
        )
        self.projection = projection
        self.scale = scale
        origin = MapPoint(x: left - Self.margin / scale, y: top - Self.margin / scale)
        let origin = origin
        let points = Self.spread(raw.map { ($0 - origin) * scale })
        // What was moved apart may stand further out.
        self.points = points
        width = (points.map(\.x).max() ?? 0) + Self.margin + 20
        height = (points.map(\.y).max() ?? 0) + Self.margin
    }

    private static func place(of node: Topology.Node) -> Topology.Coordinates? {
        node.coordinates.flatMap { abs($0.latitude) <= 90 && abs($0.longitude) <= 180 ? $0 : nil }
    }

    /// The sheet's x of a number of degrees from the western edge of the map.
    func x(degreesEast: Double) -> Double {
        (projection.x(degreesEast: degreesEast) - origin.x) * scale
    }

    func y(latitude: Double) -> Double { (-latitude - origin.y) * scale }

    /// Nodes without coordinates stand in the middle of their neighbours.
    private static func raw(_ topology: Topology, _ projection: MapProjection) -> [MapPoint] {
        var points = topology.nodes.map { place(of: $0).map(projection.point) }
        let unknown = points.indices.filter { points[$0] == nil }
        guard !unknown.isEmpty else { return points.compactMap(\.self) }
        var neighbours = [[Int]](repeating: [], count: points.count)
        for link in topology.links {
            neighbours[link.a].append(link.b)
            neighbours[link.b].append(link.a)
        }
        for _ in 0..<roundCount {
            for index in unknown {
                let known = neighbours[index].compactMap { points[$0] }
                guard !known.isEmpty else { continue }
                points[index] =
                    known.reduce(MapPoint(x: 0, y: 0), +) * (1 / Double(known.count))
            }
        }
        let placed = points.compactMap(\.self)
        let middle = placed.reduce(MapPoint(x: 0, y: 0), +) * (1 / Double(max(1, placed.count)))
        return points.map { $0 ?? middle }
    }

    /// Moves apart what is nearer than `distance`, a little in each round; who stands alone stays.
    private static func spread(_ points: [MapPoint]) -> [MapPoint] {
        var points = points
        // Nodes at the very same place leave it in different directions.
        var countAt: [Cell: Int] = [:]
        for index in points.indices {
            let cell = Cell(points[index], size: 0.5)
            let rank = countAt[cell, default: 0]
            countAt[cell] = rank + 1
            guard rank > 0 else { continue }
            let direction = directions[rank % directions.count]
            points[index] = points[index] + direction * (1 + Double(rank) / 8)
        }
        for _ in 0..<roundCount {
            var grid: [Cell: [Int]] = [:]
            for (index, point) in points.enumerated() {
                grid[Cell(point, size: distance), default: []].append(index)
            }
            var isMoved = false
            for index in points.indices {
                for cell in Cell(points[index], size: distance).surroundings {
                    for other in grid[cell] ?? [] where other > index {
                        isMoved = push(&points, index, other) || isMoved
                    }
                }
            }
            if !isMoved { break }
        }
        return points
    }

    private static func push(_ points: inout [MapPoint], _ a: Int, _ b: Int) -> Bool {
        let difference = points[b] - points[a]
        let length = difference.length
        guard length < distance - 0.01 else { return false }
        let direction =
            length > 1e-6 ? difference * (1 / length) : directions[(a + b) % directions.count]
        let step = direction * ((distance - length) / 2)
        points[a] = points[a] - step
        points[b] = points[b] + step
        return true
    }

    /// A square of the sheet.
    private struct Cell: Hashable {
        let column: Int
        let row: Int

        init(column: Int, row: Int) {
            self.column = column
            self.row = row
        }

        init(_ point: MapPoint, size: Double) {
            column = Int((point.x / size).rounded(.down))
            row = Int((point.y / size).rounded(.down))
        }

        var surroundings: [Cell] {
            (-1...1).flatMap { dx in
                (-1...1).map { dy in Cell(column: column + dx, row: row + dy) }
            }
        }
    }

    private static let roundCount = 80
    private static let directions = [
        MapPoint(x: 1, y: 0), MapPoint(x: -0.5, y: 0.87), MapPoint(x: -0.5, y: -0.87),
        MapPoint(x: 0.5, y: 0.87), MapPoint(x: -1, y: 0), MapPoint(x: 0.5, y: -0.87),
        MapPoint(x: 0, y: 1), MapPoint(x: 0, y: -1),
    ]
}
