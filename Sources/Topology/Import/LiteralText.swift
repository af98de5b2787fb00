/// Values as Python prints them, and JSON where it is the same: `('oslo', 'bergen', {'weight': 4.0})`.
///
/// Words without quotes are text, blanks in them included: `(New York, Boston)`.
struct LiteralText {
    indirect enum Value {
        /// What stands between brackets; which ones.
        case list([Value], opening: UInt8, offset: Int)
        case attributes([(key: String, value: String)])
        case text(String, offset: Int)
    }

    /// Brackets in brackets.
    static let depthMax = 16

    let source: SourceText
    private(set) var offset: Int
    private let end: Int

    init(_ source: SourceText, range: Range<Int>? = nil) {
        self.source = source
        offset = range?.lowerBound ?? 0
        end = range?.upperBound ?? source.bytes.count
    }

    /// The next value; `nil` at the end. Commas between values count as blanks.
    mutating func next(depth: Int = 0) throws(TopologyError) -> Value? {
        skipBlanks()
        guard offset < end else { return nil }
        let start = offset
        switch source.bytes[offset] {
        case UInt8(ascii: "("), UInt8(ascii: "["):
            guard depth < Self.depthMax else {
                throw source.error(
                    "brackets are nested more than \(Self.depthMax) deep",
                    at: offset
                )
            }
            let opening = source.bytes[offset]
            offset += 1
            return .list(
                try items(until: opening == UInt8(ascii: "(") ? ")" : "]", from: start, depth),
                opening: opening,
                offset: start
            )
        case UInt8(ascii: "{"):
            offset += 1
            return .attributes(try attributes(from: start, depth))
        case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
            throw source.error("a closing bracket that nothing opened", at: offset)
        case UInt8(ascii: "'"), UInt8(ascii: "\""):
            return .text(try quotedText(), offset: start)
        default:
            let word = word()
            guard offset < end, source.bytes[offset] == UInt8(ascii: "("), Self.isCallable(word)
            else {
                return .text(word, offset: start)
            }
            return try called(depth: depth, offset: start)
        }
    }

    /// What is in the brackets of `np.float64(4.0)` or `EdgeView([…])`.
    private mutating func called(depth: Int, offset start: Int) throws(TopologyError) -> Value? {
        guard let value = try next(depth: depth), case .list(let items, _, _) = value else {
            return nil
        }
        guard items.count == 1, case .text(let text, _) = items[0] else { return value }
        return .text(text, offset: start)
    }

    private static func isCallable(_ word: String) -> Bool {
        word.hasSuffix("View") || word.hasPrefix("np.") || word.hasPrefix("numpy.")
            || word == "array"
            || word == "Decimal"
    }

    private mutating func items(
        until closing: Unicode.Scalar,
        from start: Int,
        _ depth: Int
    ) throws(TopologyError) -> [Value] {
        var items: [Value] = []
        while true {
            skipBlanks()
            guard offset < end else { throw unclosed(start) }
            if source.bytes[offset] == UInt8(ascii: closing) {
                offset += 1
                return items
            }
            guard let item = try next(depth: depth + 1) else { throw unclosed(start) }
            items.append(item)
        }
    }

    private mutating func attributes(
        from start: Int,
        _ depth: Int
    ) throws(TopologyError) -> [(key: String, value: String)] {
        var pairs: [(key: String, value: String)] = []
        while true {
            skipBlanks()
            guard offset < end else { throw unclosed(start) }
            if source.bytes[offset] == UInt8(ascii: "}") {
                offset += 1
                return pairs
            }
            guard case .text(let key, _)? = try next(depth: depth + 1) else {
                throw source.error("expected the name of an attribute here", at: offset)
            }
            skipBlanks()
            guard offset < end, source.bytes[offset] == UInt8(ascii: ":") else {
                throw source.error("expected : behind the attribute \(quoted(key))", at: offset)
            }
            offset += 1
            guard depth < Self.depthMax, let value = try next(depth: depth + 1) else {
                throw unclosed(start)
            }
            if case .text(let text, _) = value, text != "None", text != "null" {
                pairs.append((key, text))
            }
        }
    }

    private mutating func quotedText() throws(TopologyError) -> String {
        let start = offset
        let quote = source.bytes[offset]
        var text: [UInt8] = []
        offset += 1
        while offset < end, source.bytes[offset] != quote {
            if source.bytes[offset] == UInt8(ascii: "\\"), offset + 1 < end {
                offset += 1
                text.append(contentsOf: escaped())
            } else {
                text.append(source.bytes[offset])
                offset += 1
            }
        }
        guard offset < end else { throw source.error("this quote is not closed", at: start) }
        offset += 1
        return String(decoding: text, as: UTF8.self)
    }

    /// What stands behind a backslash: `\u00f8`, `\xf8`, `\n`, or itself.
    private mutating func escaped() -> [UInt8] {
        let kind = source.bytes[offset]
        offset += 1
        switch kind {
        case UInt8(ascii: "u"), UInt8(ascii: "x"):
            let count = kind == UInt8(ascii: "u") ? 4 : 2
            let digits = String(
                decoding: source.bytes[offset..<min(offset + count, end)],
                as: UTF8.self
            )
            guard digits.utf8.count == count, let code = UInt32(digits, radix: 16),
                let scalar = Unicode.Scalar(code)
            else { return [kind] }
            offset += count
            return Array(String(Character(scalar)).utf8)
        case UInt8(ascii: "n"), UInt8(ascii: "t"), UInt8(ascii: "r"): return [0x20]
        default: return [kind]
        }
    }

    private mutating func word() -> String {
        let start = offset
        while offset < end, !Self.endsWord(source.bytes[offset]) { offset += 1 }
        if offset == start { offset += 1 }
        var last = offset
        while last > start, TableScanner.isBlank(source.bytes[last - 1]) { last -= 1 }
        return String(decoding: source.bytes[start..<last], as: UTF8.self)
    }

    private mutating func skipBlanks() {
        while offset < end {
            switch source.bytes[offset] {
            case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ","), UInt8(ascii: ";"): offset += 1
            case UInt8(ascii: "#"):
                offset = source.bytes[offset..<end].firstIndex(of: 0x0A) ?? end
            default: return
            }
        }
    }

    private static func endsWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x0A, UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: ":"), UInt8(ascii: "("),
            UInt8(ascii: ")"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"),
            UInt8(ascii: "}"):
            true
        default: false
        }
    }

    private func unclosed(_ offset: Int) -> TopologyError {
        source.error("this bracket is not closed", at: offset)
    }
}
