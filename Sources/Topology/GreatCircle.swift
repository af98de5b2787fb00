// The C library's mathematics, function by function: this module takes nothing else from the
// system.
#if canImport(Glibc)
import func Glibc.asin
import func Glibc.cos
import func Glibc.sin
#elseif canImport(Musl)
import func Musl.asin
import func Musl.cos
import func Musl.sin
#else
import func Darwin.asin
import func Darwin.cos
import func Darwin.sin
#endif

extension Topology.Coordinates {
    /// Radius of the sphere taken for Earth, km.
    static let earthRadiusKilometres = 6371.0
    /// Light in fibre, km per ms: two thirds of its speed in vacuum, rounded.
    public static let fibreKilometresPerMillisecond = 200.0

    /// The delay of a straight fibre to `other`, ms; 0 for the same place.
    ///
    /// The great circle by the haversine formula (R. W. Sinnott, "Virtues of the haversine", 1984),
    /// which keeps its precision for places near each other. Real cables are longer: it is a lower
    /// bound.
    public func delayMilliseconds(to other: Topology.Coordinates) -> Double {
        let radians = Double.pi / 180
        let sinLatitude = sin((other.latitude - latitude) * radians / 2)
        let sinLongitude = sin((other.longitude - longitude) * radians / 2)
        let haversine =
            sinLatitude * sinLatitude
            + cos(latitude * radians) * cos(other.latitude * radians) * sinLongitude * sinLongitude
        let angle = 2 * asin(min(1, haversine.squareRoot()))
        return Self.earthRadiusKilometres * angle / Self.fibreKilometresPerMillisecond
    }
}
