/// Numbers as people read them.
enum Figures {
    /// `1,234,567`, and from ten millions on `12.3M`.
    static func count(_ number: Int) -> String {
        for (limit, unit, letter) in units where number.magnitude >= limit {
            return decimal(Double(number) / unit, places: 1) + letter
        }
        let digits = String(number.magnitude)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return (number < 0 ? "-" : "") + text
    }

    /// A time of so many microseconds: `850 µs`, `1.25 ms`, `2.1 s`.
    static func time(microseconds: UInt64) -> String {
        switch microseconds {
        case ..<1_000: "\(microseconds) µs"
        case ..<1_000_000: decimal(Double(microseconds) / 1e3, places: 2) + " ms"
        default: decimal(Double(microseconds) / 1e6, places: 1) + " s"
        }
    }

    /// `0.6 s`.
    static func seconds(_ seconds: Double) -> String {
        decimal(seconds, places: 1) + " s"
    }

    /// A node's id, and its label if that says more.
    static func name(_ id: String, _ label: String) -> String {
        label == id ? id : "\(id) \(label)"
    }

    /// `1 node`, `7 nodes`; `2 dishes` where an s is not all.
    static func plural(_ number: Int, _ noun: String, _ plural: String? = nil) -> String {
        "\(count(number)) \(number == 1 ? noun : plural ?? noun + "s")"
    }

    private static func decimal(_ value: Double, places: Int) -> String {
        let scale = places == 1 ? 10.0 : 100.0
        let scaled = Int((value * scale).rounded())
        let fraction = String(scaled.magnitude % UInt(scale))
        let zeros = String(repeating: "0", count: places - fraction.count)
        return "\(scaled / Int(scale)).\(zeros)\(fraction)"
    }

    private static let units: [(limit: UInt, unit: Double, letter: String)] = [
        (10_000_000_000_000, 1e12, "T"), (10_000_000_000, 1e9, "G"), (10_000_000, 1e6, "M"),
    ]
}
