/// A value of YAML, to be written on one line: `{label: Oslo, coordinates: [59.91, 10.75]}`.
struct FlowValue {
    /// As it is written.
    let text: String
    /// What is in a list; none in anything else.
    let items: [FlowValue]

    private init(_ written: String, items: [FlowValue] = []) {
        text = written
        self.items = items
    }

    static func text(_ text: String) -> FlowValue { FlowValue(scalar(text)) }

    /// A number or word that needs no quotes.
    static func plain(_ text: String) -> FlowValue { FlowValue(text) }

    static func list(_ items: [FlowValue]) -> FlowValue {
        FlowValue("[" + items.map(\.text).joined(separator: ", ") + "]", items: items)
    }

    static func mapping(_ pairs: [(key: String, value: FlowValue)]) -> FlowValue {
        let texts = pairs.map { "\(scalar($0.key)): \($0.value.text)" }
        return FlowValue("{" + texts.joined(separator: ", ") + "}")
    }

    static func number(_ value: Double) -> FlowValue { .plain(Self.digits(value)) }

    /// The shortest digits that read back as the same value.
    static func digits(_ value: Double) -> String {
        value == value.rounded() && value.magnitude < 1e15 ? "\(Int64(value))" : "\(value)"
    }

    /// A text as YAML 1.1 reads it back, in quotes where a sign, a blank or a word could mean something.
    static func scalar(_ text: String) -> String {
        isPlain(text) ? text : quoted(text)
    }

    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLetterOrDigit(first) || first == UInt8(ascii: "_"),
            text.utf8.count <= 128, !["null", "Null", "NULL"].contains(text)
        else { return false }
        var previous: UInt8 = 0
        for byte in text.utf8 {
            // One blank between words is no sign; in front of a `#` or behind a `:` it would be.
            let isBlank = byte == 0x20 && previous != 0x20
            guard isLetterOrDigit(byte) || "_-.+/".utf8.contains(byte) || isBlank else {
                return false
            }
            previous = byte
        }
        return previous != 0x20
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    /// In double quotes, on one line whatever the text, and with no two blanks side by side: readers of
    /// other formats make one of them.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        var previous: Unicode.Scalar = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case " " where previous == " " || previous == "\"": result += "\\x20"
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{A0}":
                let digits = String(scalar.value, radix: 16)
                result += "\\x" + String(repeating: "0", count: 2 - digits.count) + digits
            case "\u{1680}", "\u{2000}"..."\u{200F}", "\u{2028}"..."\u{202F}", "\u{205F}",
                "\u{3000}", "\u{FEFF}", "\u{FFFE}"..."\u{FFFF}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
            previous = scalar
        }
        return result + "\""
    }
}
