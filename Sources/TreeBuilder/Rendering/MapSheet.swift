import Topology

/// A topology with the places of its nodes on a sheet: what the maps of all its trees share.
struct MapSheet {
    let topology: Topology
    let places: MapPlaces
    let names: [String]

    /// A map that is not asked for is drawn only where most nodes have a place; `nil` = none is drawn.
    init?(_ topology: Topology, isWanted: Bool) {
        let count = topology.nodes.count { $0.coordinates != nil }
        guard isWanted || count * 2 > topology.nodes.count, let places = MapPlaces(topology) else {
            return nil
        }
        self.topology = topology
        self.places = places
        names = TreeOutline.distinctNames(topology.nodes.map { ($0.id, $0.label) })
    }

    /// Lines of longitude and latitude, with the names they have at the sheet's edge.
    func graticule(width: Double, height: Double) -> [(x: Double?, y: Double?, name: String)] {
        // Five lines or so across the sheet.
        let span = max(width, height) / places.scale
        let step = Self.steps.first { span / $0 <= 8 } ?? 30
        var lines: [(x: Double?, y: Double?, name: String)] = []
        let first = (places.projection.west / step).rounded(.up) * step
        for index in -8...24 {
            let longitude = first + Double(index) * step
            let x = places.x(degreesEast: longitude - places.projection.west)
            guard x > 24, x < width - 24 else { continue }
            let wrapped =
                longitude > 180 ? longitude - 360 : longitude < -180 ? longitude + 360 : longitude
            lines.append((x, nil, Self.degrees(wrapped, "E", "W")))
        }
        let lowest = (places.projection.middleLatitude / step).rounded(.down)
        for index in -12...12 {
            let latitude = (lowest + Double(index)) * step
            let y = places.y(latitude: latitude)
            guard abs(latitude) <= 90, y > 12, y < height - 6 else { continue }
            lines.append((nil, y, Self.degrees(latitude, "N", "S")))
        }
        return lines
    }

    private static let steps = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30]

    private static func degrees(_ value: Double, _ positive: String, _ negative: String) -> String {
        let decimals = value == value.rounded() ? 0 : 2
        let text = NumberText.fixed(value.magnitude, decimals: decimals)
        return text + "°" + (value == 0 ? "" : value > 0 ? positive : negative)
    }
}
