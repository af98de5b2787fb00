import Topology

// The C library's cosine, and nothing else of it.
#if canImport(Glibc)
import func Glibc.cos
#elseif canImport(Musl)
import func Musl.cos
#else
import func Darwin.cos
#endif

/// Places on Earth as points of a plane, in degrees of latitude: x to the east, y to the south.
///
/// Equirectangular with the middle parallel true to scale, which keeps shapes near it and needs no more
/// than a cosine. The map is cut where the widest gap between longitudes is, so that a network across
/// the Pacific is in one piece.
struct MapProjection {
    /// East of this longitude the map begins.
    let west: Double
    let middleLatitude: Double
    private let shrinkage: Double

    init?(_ places: [Topology.Coordinates]) {
        guard let first = places.first else { return nil }
        let latitudes = places.map(\.latitude)
        let least = latitudes.min() ?? first.latitude
        let most = latitudes.max() ?? first.latitude
        middleLatitude = (least + most) / 2
        // At the poles all longitudes are one; the map stays a map.
        shrinkage = max(0.15, cos(middleLatitude * .pi / 180))
        let longitudes = places.map(\.longitude).sorted()
        var west = longitudes[0]
        var gap = longitudes[0] + 360 - longitudes[longitudes.count - 1]
        for (before, after) in zip(longitudes, longitudes.dropFirst()) where after - before > gap {
            gap = after - before
            west = after
        }
        self.west = west
    }

    func point(_ place: Topology.Coordinates) -> MapPoint {
        MapPoint(x: degreesEast(place.longitude) * shrinkage, y: -place.latitude)
    }

    /// From the western edge.
    func degreesEast(_ longitude: Double) -> Double {
        longitude < west ? longitude + 360 - west : longitude - west
    }

    /// The x of a number of degrees from the western edge.
    func x(degreesEast: Double) -> Double { degreesEast * shrinkage }
}

struct MapPoint: Equatable {
    var x: Double
    var y: Double

    static func + (a: MapPoint, b: MapPoint) -> MapPoint { MapPoint(x: a.x + b.x, y: a.y + b.y) }
    static func - (a: MapPoint, b: MapPoint) -> MapPoint { MapPoint(x: a.x - b.x, y: a.y - b.y) }
    static func * (a: MapPoint, scale: Double) -> MapPoint {
        MapPoint(x: a.x * scale, y: a.y * scale)
    }

    var length: Double { (x * x + y * y).squareRoot() }
}
