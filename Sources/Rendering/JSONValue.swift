/// JSON as a value, written without Foundation: keys keep their order, so equal reports are equal octets.
public indirect enum JSONValue: Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    /// Already written as a number, for decimals that must be exact.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([(key: String, value: JSONValue)])

    public static func object(_ members: KeyValuePairs<String, JSONValue>) -> JSONValue {
        .object(members.map { (key: $0.key, value: $0.value) })
    }

    /// A value or `null`.
    public static func optional(_ value: Int?) -> JSONValue { value.map { .integer($0) } ?? .null }
    public static func optional(_ value: String?) -> JSONValue {
        value.map { .string($0) } ?? .null
    }

    /// A time since 1970 as RFC 3339 text with nanoseconds, which a JSON number cannot hold exactly.
    public static func time(_ nanoseconds: Int64?) -> JSONValue {
        nanoseconds.map { .string(CalendarTime($0).text) } ?? .null
    }

    /// A duration in milliseconds, exact to the nanosecond: `44.013`.
    public static func milliseconds(_ nanoseconds: Int64?) -> JSONValue {
        guard let nanoseconds else { return .null }
        let sign = nanoseconds < 0 ? "-" : ""
        let magnitude = nanoseconds.magnitude
        var fraction = String(magnitude % 1_000_000)
        fraction = String(repeating: "0", count: 6 - fraction.count) + fraction
        while fraction.last == "0" { fraction.removeLast() }
        let whole = sign + String(magnitude / 1_000_000)
        return .number(fraction.isEmpty ? whole : whole + "." + fraction)
    }

    /// A finite number with at most so many decimals.
    public static func decimal(_ value: Double, decimals: Int = 3) -> JSONValue {
        guard value.isFinite else { return .null }
        var text = Figures.fixed(value, decimals: decimals)
        if text.contains(".") {
            while text.last == "0" { text.removeLast() }
            if text.last == "." { text.removeLast() }
        }
        return .number(text)
    }

    /// A finite number in the shortest form that reads back as the same value.
    public static func shortest(_ value: Double) -> JSONValue {
        .number(
            value == value.rounded() && value.magnitude < 1e15 ? "\(Int64(value))" : "\(value)"
        )
    }

    /// On one line.
    public var compact: String {
        var text = ""
        write(to: &text)
        return text
    }

    /// For people and diffs: what fits a line stands on one.
    public var pretty: String {
        var text = ""
        writePretty(to: &text, depth: 0)
        return text + "\n"
    }

    /// For files that are compared line by line: every member of an object and every object of a list has a line of its own.
    public var outlined: String {
        var text = ""
        writeOutlined(to: &text, depth: 0)
        return text + "\n"
    }

    private func write(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .number(let value): text += value
        case .string(let value): Self.writeQuoted(value, to: &text)
        case .array(let values):
            text += "["
            for (index, value) in values.enumerated() {
                if index > 0 { text += ", " }
                value.write(to: &text)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { text += ", " }
                Self.writeQuoted(member.key, to: &text)
                text += ": "
                member.value.write(to: &text)
            }
            text += "}"
        }
    }

    private func writePretty(to text: inout String, depth: Int) {
        let indentation = String(repeating: "  ", count: depth + 1)
        switch self {
        case .array(let values) where !isShort(indentation.utf8.count):
            text += "["
            for (index, value) in values.enumerated() {
                text += (index > 0 ? ",\n" : "\n") + indentation
                value.writePretty(to: &text, depth: depth + 1)
            }
            text += "\n" + indentation.dropLast(2) + "]"
        case .object(let members) where depth == 0 || !isShort(indentation.utf8.count):
            text += "{"
            for (index, member) in members.enumerated() {
                text += (index > 0 ? ",\n" : "\n") + indentation
                Self.writeQuoted(member.key, to: &text)
                text += ": "
                member.value.writePretty(to: &text, depth: depth + 1)
            }
            text += "\n" + indentation.dropLast(2) + "}"
        default: write(to: &text)
        }
    }

    private func writeOutlined(to text: inout String, depth: Int) {
        let end = "\n" + String(repeating: "  ", count: depth)
        switch self {
        case .object(let members) where !members.isEmpty:
            text += "{"
            for (index, member) in members.enumerated() {
                text += (index > 0 ? "," : "") + end + "  "
                Self.writeQuoted(member.key, to: &text)
                text += ": "
                member.value.writeOutlined(to: &text, depth: depth + 1)
            }
            text += end + "}"
        case .array(let values) where values.contains(where: \.isObject):
            text += "["
            for (index, value) in values.enumerated() {
                text += (index > 0 ? "," : "") + end + "  "
                value.writeOutlined(to: &text, depth: depth + 1)
            }
            text += end + "]"
        default: write(to: &text)
        }
    }

    private var isObject: Bool { if case .object = self { true } else { false } }

    /// Whether it fits a line of 120 characters; a long list is not written to find out.
    private func isShort(_ indentation: Int) -> Bool {
        switch self {
        case .array(let values) where values.count > 40: false
        case .array, .object: indentation + compact.utf8.count <= 120
        default: true
        }
    }

    // RFC 8259 §7: quotation mark, reverse solidus and U+0000 … U+001F must be escaped.
    private static func writeQuoted(_ value: String, to text: inout String) {
        text += "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{0}"..."\u{1F}", "\u{7F}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
