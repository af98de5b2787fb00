/// How long a peer may take nothing of what waits for it before it is disconnected.
///
/// Written `60s`, `500ms`, `5m`, `1h` or `never`, in topology files, in plans and on the command line.
public enum StallTimeout: Equatable, Sendable, CustomStringConvertible {
    case never
    case after(Duration)

    /// A text that is no time-out. The message says what one looks like.
    public struct InvalidText: Error, Equatable, CustomStringConvertible {
        public let text: String

        public var description: String {
            "'\(text)' is not a stall time-out; use a time with its unit, such as 60s or 5m, or 'never'"
        }
    }

    public init(text: String) throws(InvalidText) {
        if text == "never" {
            self = .never
            return
        }
        let unit = text.drop { "0123456789.".contains($0) }
        guard let value = Double(text.dropLast(unit.count)), value > 0,
            let scale = Self.units.first(where: { $0.name == unit })?.milliseconds,
            value * scale >= 1, value * scale <= Self.millisecondsMax
        else { throw InvalidText(text: text) }
        self = .after(.milliseconds(Int64((value * scale).rounded())))
    }

    /// `nil` = never.
    public var duration: Duration? {
        switch self {
        case .never: nil
        case .after(let duration): duration
        }
    }

    public var description: String {
        guard let duration else { return "never" }
        let (seconds, attoseconds) = duration.components
        let milliseconds = attoseconds / 1_000_000_000_000_000
        return milliseconds == 0 ? "\(seconds)s" : "\(seconds * 1_000 + milliseconds)ms"
    }

    private static let units: [(name: Substring, milliseconds: Double)] = [
        ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000),
    ]
    /// A year is longer than anybody waits, and far from the end of any number.
    private static let millisecondsMax = 365 * 24 * 3_600_000.0
}

extension StallTimeout: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do {
            self = try StallTimeout(text: container.decode(String.self))
        } catch let error as InvalidText {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: error.description
            )
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
