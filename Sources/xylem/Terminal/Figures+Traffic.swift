import Foundation

// What messages come to, without rounding where somebody may want to compare.
extension Figures {
    /// `1,234,567`, however many they are.
    static func exact(_ value: Int) -> String {
        let digits = String(value.magnitude)
        var text = value < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
            text.append(digit)
        }
        return text
    }

    /// `1 message`, `2 messages`
    static func exact(_ value: Int, _ noun: String) -> String {
        "\(exact(value)) \(noun)\(value == 1 ? "" : "s")"
    }

    /// `812 B`, `6.4 MB`
    static func byteCount(_ value: Int) -> String {
        let units = ["B", "kB", "MB", "GB", "TB"]
        var scaled = Double(value)
        var unit = 0
        while scaled >= 1_000, unit < units.count - 1 {
            scaled /= 1_000
            unit += 1
        }
        return unit == 0 ? "\(value) B" : String(format: "%.1f %@", scaled, units[unit])
    }

    /// `850 ns`, `12.3 µs`, `4.0 ms`, `1.20 s`
    static func duration(nanoseconds value: UInt64) -> String {
        switch value {
        case ..<1_000: "\(value) ns"
        case ..<1_000_000: String(format: "%.1f µs", Double(value) / 1e3)
        case ..<1_000_000_000: String(format: "%.1f ms", Double(value) / 1e6)
        default: String(format: "%.2f s", Double(value) / 1e9)
        }
    }

    /// `1,234 messages, 79.0 kB in 0.50 s (2,468/s)`
    static func traffic(messageCount: Int, byteCount: Int, seconds: Double) -> String {
        let what = "\(exact(messageCount, "message")), \(Self.byteCount(byteCount))"
        guard messageCount > 1, seconds > 0 else { return what }
        let rate = exact(Int(min(Double(messageCount) / seconds, 1e15)))
        return what + String(format: " in %.2f s ", seconds) + "(\(rate)/s)"
    }
}
