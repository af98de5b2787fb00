import ArgumentParser

/// Bits per second: `20Mbit`, `1Gbit`, `100k`, or `unlimited`.
struct BitRateArgument: ExpressibleByArgument, Equatable, Sendable {
    /// `nil` = unlimited.
    var bitsPerSecond: Int?

    init?(argument: String) {
        guard argument != "unlimited" else { return }
        let unit = argument.drop { "0123456789.".contains($0) }
        guard let value = Double(argument.dropLast(unit.count)), value.isFinite, value > 0,
            let scale = Self.units.first(where: { $0.name == unit })?.scale,
            value * scale >= 1_000, value * scale <= 1e13
        else { return nil }
        bitsPerSecond = Int(value * scale)
    }

    private static let units: [(name: Substring, scale: Double)] = [
        ("k", 1e3), ("M", 1e6), ("G", 1e9), ("bit", 1), ("kbit", 1e3), ("Mbit", 1e6),
        ("Gbit", 1e9), ("bit/s", 1), ("kbit/s", 1e3), ("Mbit/s", 1e6), ("Gbit/s", 1e9),
    ]
}
