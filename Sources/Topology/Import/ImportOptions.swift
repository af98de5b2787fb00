/// What the reader of another tool's file is told instead of finding it by the names in the file.
public struct ImportOptions: Equatable, Sendable {
    /// Turns off what would be found by name.
    public static let nothing = "none"

    /// The key, column or column number (from 1) that holds the delay of an edge; `nil` = found by
    /// name, `none` = no delay is read. So are the other keys.
    public var delayKey: String?
    /// What a delay without a unit counts; `nil` = the unit in the key's name, else ms.
    public var delayUnit: DelayUnit?
    /// The key that holds the name of a node.
    public var labelKey: String?
    /// The keys that hold the coordinates of a node, in degrees.
    public var latitudeKey: String?
    public var longitudeKey: String?

    /// Whether what means nothing to us is kept, too, as `Topology.attributes`: for those who write
    /// another file.
    public var keepsAttributes = false

    public init(
        delayKey: String? = nil,
        delayUnit: DelayUnit? = nil,
        labelKey: String? = nil,
        latitudeKey: String? = nil,
        longitudeKey: String? = nil
    ) {
        self.delayKey = delayKey
        self.delayUnit = delayUnit
        self.labelKey = labelKey
        self.latitudeKey = latitudeKey
        self.longitudeKey = longitudeKey
    }
}

/// What one unit of a number in a file says of a delay: a time, or a length of fibre.
public enum DelayUnit: String, CaseIterable, Sendable {
    case seconds = "s"
    case milliseconds = "ms"
    case microseconds = "us"
    case nanoseconds = "ns"
    case kilometres = "km"
    case metres = "m"
    case miles = "mi"

    /// The delay of one unit, ms.
    var inMilliseconds: Double {
        let perKilometre = 1 / Topology.Coordinates.fibreKilometresPerMillisecond
        return switch self {
        case .seconds: 1000
        case .milliseconds: 1
        case .microseconds: 1e-3
        case .nanoseconds: 1e-6
        case .kilometres: perKilometre
        case .metres: perKilometre / 1000
        case .miles: perKilometre * 1.609344
        }
    }

    var isLength: Bool {
        switch self {
        case .kilometres, .metres, .miles: true
        case .seconds, .milliseconds, .microseconds, .nanoseconds: false
        }
    }
}
