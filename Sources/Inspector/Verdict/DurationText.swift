/// A time as people write it: three figures and a unit.
enum DurationText {
    static func text(_ nanoseconds: Int64) -> String {
        let magnitude = Double(nanoseconds.magnitude)
        let sign = nanoseconds < 0 ? "−" : ""
        let (value, unit) =
            magnitude < 1e3
            ? (magnitude, "ns")
            : magnitude < 1e6
                ? (magnitude / 1e3, "µs")
                : magnitude < 1e9 ? (magnitude / 1e6, "ms") : (magnitude / 1e9, "s")
        return "\(sign)\(figures(value)) \(unit)"
    }

    /// Three figures: `1.25`, `12.5`, `125`.
    private static func figures(_ value: Double) -> String {
        let scale: Double = value < 9.995 ? 100 : value < 99.95 ? 10 : 1
        let scaled = (value * scale).rounded()
        if scale == 1 { return String(Int(min(scaled, 9e15))) }
        let whole = Int(scaled) / Int(scale)
        let rest = String(Int(scaled) % Int(scale))
        let digits = scale == 100 && rest.utf8.count == 1 ? "0" + rest : rest
        return "\(whole).\(digits)"
    }
}
