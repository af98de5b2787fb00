import ArgumentParser

/// A time as people write it: `10s`, `0.2ms`, `200us`, `5m`. A bare number is refused: of what?
struct DurationArgument: ExpressibleByArgument, Equatable, Sendable {
    var milliseconds: Double

    init?(argument: String) {
        let unit = argument.drop { "0123456789.".contains($0) }
        guard let value = Double(argument.dropLast(unit.count)), value.isFinite, value >= 0,
            let scale = Self.units.first(where: { $0.name == unit })?.milliseconds
        else { return nil }
        milliseconds = value * scale
    }

    init(milliseconds: Double) {
        self.milliseconds = milliseconds
    }

    var duration: Duration { .microseconds(Int64(min(milliseconds * 1_000, 1e15))) }
    var defaultValueDescription: String {
        milliseconds >= 1_000 ? "\(Int(milliseconds / 1_000))s" : "\(milliseconds)ms"
    }

    private static let units: [(name: Substring, milliseconds: Double)] = [
        ("ns", 1e-6), ("us", 1e-3), ("µs", 1e-3), ("ms", 1), ("s", 1_000), ("m", 60_000),
        ("h", 3_600_000),
    ]
}
