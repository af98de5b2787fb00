/// Numbers as other tools and spreadsheets write them: with decimal commas, with and without units.
enum ForeignQuantity {
    /// The number of `4.5` or `4,5`; `nil` for anything else. Where a comma is not certainly a decimal
    /// one, `1,500` is refused: it may stand for 1500.
    static func number(_ text: String, isCommaDecimal: Bool = true) -> Double? {
        Quantity.number(decimal(text, isCommaDecimal: isCommaDecimal))
    }

    /// `text` with a decimal point where a decimal comma stands.
    static func decimal(_ text: String, isCommaDecimal: Bool = true) -> String {
        guard let comma = text.firstIndex(of: ","), !text.contains(".") else { return text }
        let rest = text[text.index(after: comma)...]
        let digits = rest.prefix(while: \.isNumber)
        guard !digits.isEmpty, !rest.contains(","), isCommaDecimal || digits.count != 3 else {
            return text
        }
        return text[..<comma] + "." + rest
    }
}

/// How the values of one key become delays.
struct DelayRule: Equatable {
    /// Of numbers without a unit.
    let unit: DelayUnit
    /// The values are of the way there and back.
    var isRoundTrip = false

    /// What the name of a key and the user say of its unit.
    init(unit: DelayUnit?, key: KeyName?) {
        self.unit = unit ?? key?.delayUnit ?? .milliseconds
        isRoundTrip =
            key.map { $0.rank(as: .delay) == nil && $0.rank(as: .roundTrip) != nil }
            ?? false
    }

    func milliseconds(_ text: String, isCommaDecimal: Bool = true) -> Result<Double, ValueError> {
        let decimal = ForeignQuantity.decimal(text, isCommaDecimal: isCommaDecimal)
        let share = isRoundTrip ? 0.5 : 1
        if let value = Quantity.number(decimal) {
            return Quantity.checkedDelay(
                milliseconds: value * unit.inMilliseconds * share,
                text: text
            )
        }
        if decimal.contains(",") {
            return .failure(
                ValueError(
                    "\(quoted(text)) may be a decimal comma or one for thousands; write the delay "
                        + "without a comma"
                )
            )
        }
        if let length = Self.length(decimal) {
            return Quantity.checkedDelay(milliseconds: length * share, text: text)
        }
        return Quantity.milliseconds(decimal).map { $0 * share }
    }

    /// The delay of a length with its unit, `120 km`.
    private static func length(_ text: String) -> Double? {
        for unit in [DelayUnit.kilometres, .miles] where text.hasSuffix(unit.rawValue) {
            let digits = text.dropLast(unit.rawValue.count)
            let end = digits.lastIndex { $0 != " " }.map { digits.index(after: $0) }
            guard let end, let value = Quantity.number(digits[..<end]) else { return nil }
            return value * unit.inMilliseconds
        }
        return nil
    }

    /// `in ms`, `in km (200 km per ms)`, `there and back, in ms, halved`.
    var description: String {
        let unit = "in \(unit.rawValue)" + (unit.isLength ? " of fibre" : "")
        return isRoundTrip ? "there and back, \(unit), halved" : unit
    }
}

/// How the values of one key become bandwidths.
struct BandwidthRule {
    /// Bit/s in one unit of numbers without their own; `nil` = such numbers say nothing.
    let unit: Double?

    func bitsPerSecond(_ text: String, isCommaDecimal: Bool = true) -> Double? {
        let decimal = ForeignQuantity.decimal(text, isCommaDecimal: isCommaDecimal)
        if let value = Quantity.number(decimal) {
            guard let unit, value > 0, value * unit <= Quantity.bitsPerSecondMax else { return nil }
            return value * unit
        }
        if case .success(let value) = Quantity.bitsPerSecond(decimal) { return value }
        // "10G" for "10Gbps".
        guard let last = decimal.last, "kKMGT".contains(last),
            case .success(let value) = Quantity.bitsPerSecond(decimal + "bps")
        else { return nil }
        return value
    }
}
