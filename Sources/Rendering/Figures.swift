/// Numbers and times as people read them, the same on every machine and in every locale.
package enum Figures {
    /// `1,234,567`.
    package static func count(_ number: Int) -> String {
        let digits = String(number.magnitude)
        var text = number < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return text
    }

    /// `1 packet`, `2,000 packets`.
    package static func count(_ number: Int, _ noun: String, plural: String? = nil) -> String {
        "\(count(number)) \(number == 1 ? noun : plural ?? noun + "s")"
    }

    /// A fixed number of decimals, rounded half away from zero.
    package static func fixed(_ value: Double, decimals: Int) -> String {
        guard value.magnitude < 1e15 else { return "\(value)" }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = Int64((value.magnitude * scale).rounded())
        let digits = String(scaled)
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard decimals > 0 else { return sign + padded }
        return sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
    }

    /// `850 ns`, `12.3 µs`, `44.0 ms`, `1.20 s`, `3 min 20 s`.
    package static func duration(_ nanoseconds: Int64) -> String {
        let value = Double(nanoseconds.magnitude)
        let text =
            switch value {
            case ..<1e3: "\(nanoseconds.magnitude) ns"
            case ..<1e6: fixed(value / 1e3, decimals: 1) + " µs"
            case ..<1e9: fixed(value / 1e6, decimals: 1) + " ms"
            case ..<120e9: fixed(value / 1e9, decimals: 2) + " s"
            default:
                "\(nanoseconds.magnitude / 60_000_000_000) min "
                    + "\(nanoseconds.magnitude / 1_000_000_000 % 60) s"
            }
        return nanoseconds < 0 ? "-" + text : text
    }

    /// `812 B`, `6.4 MB`.
    package static func byteCount(_ number: Int) -> String {
        scaled(Double(number), units: ["B", "kB", "MB", "GB", "TB"])
    }

    /// `640 bit/s`, `2.4 Mbit/s`.
    package static func bitRate(_ bitsPerSecond: Double) -> String {
        scaled(bitsPerSecond, units: ["bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"])
    }

    /// `950/s`, `12.5 k/s`.
    package static func rate(_ perSecond: Double) -> String {
        perSecond < 9_950
            ? fixed(perSecond, decimals: perSecond < 10 ? 1 : 0) + "/s"
            : scaled(perSecond, units: ["/s", "k/s", "M/s", "G/s"])
    }

    /// `3.7 %` of 0.037.
    package static func percent(_ part: Int, of whole: Int) -> String {
        guard whole > 0 else { return "0 %" }
        let share = Double(part) / Double(whole) * 100
        if part > 0, share < 0.01 { return "< 0.01 %" }
        return fixed(share, decimals: share < 1 ? 2 : 1) + " %"
    }

    private static func scaled(_ value: Double, units: [String]) -> String {
        var scaled = value
        var unit = 0
        while scaled >= 1_000, unit < units.count - 1 {
            scaled /= 1_000
            unit += 1
        }
        return fixed(scaled, decimals: unit == 0 ? 0 : 1) + " " + units[unit]
    }

    /// `a`, `a and b`, `a, b and 3 more`.
    package static func list(_ items: [String], limit: Int = 4, total: Int? = nil) -> String {
        let total = max(total ?? items.count, items.count)
        let shown = items.prefix(limit)
        if total > shown.count {
            return shown.joined(separator: ", ") + " and \(count(total - shown.count)) more"
        }
        guard let last = shown.last, shown.count > 1 else { return shown.first ?? "" }
        return shown.dropLast().joined(separator: ", ") + " and " + last
    }
}
