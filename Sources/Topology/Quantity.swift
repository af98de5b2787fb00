import Vocabulary

/// Numbers with units, as people write them in topology files: `5ms`, `0.2 ms`, `10Gbps`.
///
/// A bare number is refused where a unit is needed, because a wrong guess is off by a factor of a thousand and goes
/// unnoticed; a bare `0` needs no unit.
enum Quantity {
    /// The longest delay accepted, one minute: anything longer is a mistaken unit.
    static let delayMillisecondsMax = 60_000.0
    /// The greatest bandwidth accepted, 1 Ebit/s.
    static let bitsPerSecondMax = 1e18

    /// A finite decimal number; `nil` for anything else (`Double("nan")` and `Double("0x1p3")`
    /// exist).
    static func number(_ text: some StringProtocol) -> Double? {
        let isDecimal = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "+"),
                UInt8(ascii: "-"), UInt8(ascii: "e"), UInt8(ascii: "E"):
                true
            default: false
            }
        }
        guard isDecimal, let value = Double(text), value.isFinite else { return nil }
        return value
    }

    /// A delay in milliseconds from `5ms`, `200us`, `1s`, `300ns`.
    static func milliseconds(_ text: String) -> Result<Double, ValueError> {
        if let refusal = commaRefusal(of: text) { return .failure(refusal) }
        let (digits, unit) = split(text)
        guard let value = number(digits) else {
            return .failure(
                ValueError("\(quoted(text)) is not a delay; write such as 5ms or 200us")
            )
        }
        let scale: Double? =
            switch unit {
            case "ms": 1
            case "us", "µs", "μs": 1e-3
            case "ns": 1e-6
            case "s": 1000
            case "" where value == 0: 1
            default: nil
            }
        guard let scale else {
            let example = unit.isEmpty ? "\(digits)ms" : "5ms or 200us"
            return .failure(
                ValueError(
                    "the delay \(quoted(text)) needs a unit (s, ms, us, ns), such as \(example)"
                )
            )
        }
        return checkedDelay(milliseconds: value * scale, text: text)
    }

    /// A bare number of milliseconds, for formats whose delays have no unit, or a delay with one.
    static func millisecondsByDefault(_ text: String) -> Result<Double, ValueError> {
        guard let value = number(text) else { return milliseconds(text) }
        return checkedDelay(milliseconds: value, text: text)
    }

    static func checkedDelay(
        milliseconds: Double,
        text: String
    ) -> Result<Double, ValueError> {
        guard milliseconds >= 0 else {
            return .failure(
                ValueError("the delay \(quoted(text)) is negative; a delay is 0 or more")
            )
        }
        guard milliseconds <= delayMillisecondsMax else {
            return .failure(
                ValueError(
                    "the delay \(quoted(text)) is over a minute; check its unit (s, ms, us, ns)"
                )
            )
        }
        return .success(milliseconds)
    }

    /// Bit/s from `10Gbps`, `2.5 Gbit/s`, `64kbps`.
    static func bitsPerSecond(_ text: String) -> Result<Double, ValueError> {
        if let refusal = commaRefusal(of: text) { return .failure(refusal) }
        let (digits, unit) = split(text)
        guard let value = number(digits), let scale = bandwidthScale(of: unit) else {
            return .failure(
                ValueError(
                    "\(quoted(text)) is not a bandwidth; write bit/s with a unit, such as 10Gbps"
                )
            )
        }
        guard value > 0, value * scale <= bitsPerSecondMax else {
            return .failure(
                ValueError("the bandwidth \(quoted(text)) must be over 0 and at most 1e18 bit/s")
            )
        }
        return .success(value * scale)
    }

    /// The factor of `Gbps` or `Gbit/s`. Prefixes are taken in any case, as nobody writes
    /// millibits; the `b` is not, as `GB/s` and `GBps` are bytes.
    private static func bandwidthScale(of unit: String) -> Double? {
        var prefix = unit
        if unit.hasSuffix("bps") {
            prefix.removeLast(3)
        } else if unit.hasSuffix("bit/s") {
            prefix.removeLast(5)
        } else {
            return nil
        }
        return switch prefix {
        case "": 1
        case "k", "K": 1e3
        case "m", "M": 1e6
        case "g", "G": 1e9
        case "t", "T": 1e12
        default: nil
        }
    }

    /// A count of plans.
    static func epoch(_ text: String) -> Result<Int, ValueError> {
        guard let epoch = Int(text), (0...1_000_000_000_000).contains(epoch) else {
            return .failure(
                ValueError("\(quoted(text)) must be a whole number from 0 to 1000000000000")
            )
        }
        return .success(epoch)
    }

    /// What to say of a number with a comma in it, as `4,5ms` and `1,000ms`; `nil` for one without. Which of the two meanings
    /// a comma has differs from country to country, so it is not guessed.
    static func commaRefusal(of text: some StringProtocol) -> ValueError? {
        let sign = text.prefix { $0 == "+" || $0 == "-" }
        let number = text.dropFirst(sign.count)
        guard let comma = number.firstIndex(of: ","), comma > number.startIndex,
            number[..<comma].allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }),
            number[number.index(after: comma)...].first?.isNumber == true
        else { return nil }
        let point = String(text.map { $0 == "," ? "." : $0 })
        let isGrouped = number.filter { $0 == "," }.count > 1 || number[..<comma].contains(".")
        let example = isGrouped ? "4.5" : point
        return ValueError(
            "\(quoted(text)) has a comma; write a decimal point, as in \(example), and nothing between thousands"
        )
    }

    /// `"2.5 Gbps"` → `("2.5", "Gbps")`.
    private static func split(_ text: String) -> (digits: Substring, unit: String) {
        let end = text.firstIndex { !($0.isASCII && ($0.isNumber || "+-.".contains($0))) }
        guard let end else { return (text[...], "") }
        return (text[..<end], String(text[end...].drop { $0 == " " }))
    }
}

/// Why a value was refused, before it is known where it stands.
struct ValueError: Error, Equatable {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}

/// `text` in quotes, shortened and stripped of line breaks, to be shown in an error.
func quoted(_ text: some StringProtocol) -> String {
    var shown = String(text.prefix(40)).map { $0.isNewline || $0 == "\t" ? " " : $0 }
    if text.dropFirst(40).first != nil { shown.append("…") }
    return "\"\(String(shown))\""
}

extension Quantity {
    /// A time with its unit, or `never`.
    static func stall(_ text: String) -> Result<StallTimeout, ValueError> {
        do throws(StallTimeout.InvalidText) {
            return .success(try StallTimeout(text: text))
        } catch {
            return .failure(ValueError(error.description))
        }
    }
}
