/// Numbers as text without Foundation, the same on every machine and in every locale.
enum NumberText {
    /// A fixed number of decimals, rounded half away from zero: `fixed(2.5, decimals: 3)` is `2.500`.
    ///
    /// Values from 10¹⁵ on have no decimals left to show and come out in their shortest form.
    static func fixed(_ value: Double, decimals: Int) -> String {
        guard value.magnitude < 1e15 else { return "\(value)" }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = (value.magnitude * scale).rounded()
        guard scaled < 0x1p63 else { return "\(value)" }
        let digits = String(Int64(scaled))
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard decimals > 0 else { return sign + padded }
        return sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
    }

    /// `12.345 ms`.
    static func milliseconds(_ value: Double) -> String {
        fixed(value, decimals: 3) + " ms"
    }

    /// `1.23 %` for 0.0123.
    static func percent(_ share: Double) -> String {
        fixed(share * 100, decimals: 2) + " %"
    }
}
