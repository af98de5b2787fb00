/// Walks JSON (RFC 8259) from its start to its end, once, without making a tree of it.
///
///     try json.beginObject()
///     while let key = try json.nextKey() { … json.scalar() or beginObject() or skipValue() … }
///
/// Beyond the RFC it reads `NaN` and `Infinity`, which Python writes, and takes them as absent.
/// Work is linear in the file; depth is bounded.
struct JSONCursor {
    /// What a value begins with.
    enum Kind {
        case object, array, scalar
    }

    static let depthMax = 64

    let source: SourceText
    private(set) var offset: Int
    /// Open objects and arrays, innermost last: whether one is an object, and had a member.
    private var open: [(isObject: Bool, hasMember: Bool)] = []

    init(_ source: SourceText, from offset: Int = 0) {
        self.source = source
        self.offset = offset
    }

    private var bytes: [UInt8] { source.bytes }

    /// What comes next; the file must not end here.
    mutating func kind() throws(TopologyError) -> Kind {
        skipBlanks()
        guard offset < bytes.count else { throw cutOff() }
        switch bytes[offset] {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        default: return .scalar
        }
    }

    mutating func beginObject() throws(TopologyError) {
        try begin(UInt8(ascii: "{"), isObject: true)
    }

    mutating func beginArray() throws(TopologyError) {
        try begin(UInt8(ascii: "["), isObject: false)
    }

    /// The next key of the innermost object, whose value must be read then; `nil` = the object has ended.
    mutating func nextKey() throws(TopologyError) -> String? {
        guard try hasNext(closing: UInt8(ascii: "}")) else { return nil }
        guard bytes[offset] == UInt8(ascii: "\"") else {
            throw error("expected a key in quotes here")
        }
        let key = try quotedText()
        skipBlanks()
        guard offset < bytes.count else { throw cutOff() }
        guard bytes[offset] == UInt8(ascii: ":") else {
            throw error("expected : behind the key \(quoted(key))")
        }
        offset += 1
        return key
    }

    /// Whether the innermost array has one more element, which must be read then.
    mutating func nextElement() throws(TopologyError) -> Bool {
        try hasNext(closing: UInt8(ascii: "]"))
    }

    /// A text, number or Boolean as text; `nil` for `null` and for what is no number.
    mutating func scalar() throws(TopologyError) -> String? {
        skipBlanks()
        guard offset < bytes.count else { throw cutOff() }
        if bytes[offset] == UInt8(ascii: "\"") { return try quotedText() }
        let start = offset
        while offset < bytes.count, Self.isOfWord(bytes[offset]) { offset += 1 }
        let word = String(decoding: bytes[start..<offset], as: UTF8.self)
        switch word {
        case "null", "NaN", "Infinity", "-Infinity": return nil
        case "true", "false": return word
        default:
            guard let first = word.utf8.first, Self.isDigit(first) || first == UInt8(ascii: "-"),
                Quantity.number(word) != nil
            else { throw source.error(Self.refusal(of: word), at: start) }
            return word
        }
    }

    /// Passes over a value, whatever it is; its place in the file.
    @discardableResult mutating func skipValue() throws(TopologyError) -> Range<Int> {
        let kind = try kind()
        let start = offset
        let depth = open.count
        switch kind {
        case .scalar: _ = try scalar()
        case .object: try beginObject()
        case .array: try beginArray()
        }
        while open.count > depth {
            if open[open.count - 1].isObject {
                guard try nextKey() != nil else { continue }
            } else {
                guard try nextElement() else { continue }
            }
            switch try self.kind() {
            case .scalar: _ = try scalar()
            case .object: try beginObject()
            case .array: try beginArray()
            }
        }
        return start..<offset
    }

    /// Nothing may follow the outermost value.
    mutating func end() throws(TopologyError) {
        skipBlanks()
        guard offset >= bytes.count else {
            throw error("expected the end of the file; JSON is one value")
        }
    }

    func error(_ message: String) -> TopologyError { source.error(message, at: offset) }

    // MARK: Parts

    private mutating func begin(_ bracket: UInt8, isObject: Bool) throws(TopologyError) {
        skipBlanks()
        guard offset < bytes.count else { throw cutOff() }
        guard bytes[offset] == bracket else {
            throw error("expected \(isObject ? "an object, { … }" : "a list, [ … ]") here")
        }
        guard open.count < Self.depthMax else {
            throw error("brackets are nested more than \(Self.depthMax) deep")
        }
        open.append((isObject, false))
        offset += 1
    }

    /// Passes over the comma, or over the closing bracket.
    private mutating func hasNext(closing: UInt8) throws(TopologyError) -> Bool {
        skipBlanks()
        guard offset < bytes.count else { throw cutOff() }
        if bytes[offset] == closing {
            offset += 1
            open.removeLast()
            return false
        }
        if open[open.count - 1].hasMember {
            guard bytes[offset] == UInt8(ascii: ",") else {
                let bracket = closing == UInt8(ascii: "}") ? "}" : "]"
                throw error("expected , or \(bracket) here")
            }
            offset += 1
            skipBlanks()
            guard offset < bytes.count else { throw cutOff() }
            guard bytes[offset] != closing else {
                throw error("a comma before a closing bracket; JSON has none there")
            }
        }
        open[open.count - 1].hasMember = true
        return true
    }

    private mutating func quotedText() throws(TopologyError) -> String {
        let start = offset
        offset += 1
        while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: "\""):
                defer { offset += 1 }
                return String(decoding: bytes[(start + 1)..<offset], as: UTF8.self)
            case UInt8(ascii: "\\"):
                return try escapedText(from: start)
            default: offset += 1
            }
        }
        throw source.error("this text is not closed; a \" is missing", at: start)
    }

    /// A text with escapes in it, of which the cursor is at the first.
    private mutating func escapedText(from start: Int) throws(TopologyError) -> String {
        var text = Array(bytes[(start + 1)..<offset])
        while offset < bytes.count {
            let byte = bytes[offset]
            offset += 1
            if byte == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                continue
            }
            guard offset < bytes.count else { break }
            let kind = bytes[offset]
            offset += 1
            switch kind {
            case UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"): text.append(0x20)
            case UInt8(ascii: "b"), UInt8(ascii: "f"): break
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(kind)
            case UInt8(ascii: "u"): text.append(contentsOf: try unicodeEscape())
            default: throw source.error("this escape is none of JSON's", at: offset - 2)
            }
        }
        throw source.error("this text is not closed; a \" is missing", at: start)
    }

    /// RFC 8259 §7: beyond the basic plane a character is two escapes. A lone half is U+FFFD.
    private mutating func unicodeEscape() throws(TopologyError) -> [UInt8] {
        let first = try hexDigits()
        var code = UInt32(first)
        if (0xD800..<0xDC00).contains(first), offset + 1 < bytes.count,
            bytes[offset] == UInt8(ascii: "\\"), bytes[offset + 1] == UInt8(ascii: "u")
        {
            let mark = offset
            offset += 2
            let second = try hexDigits()
            if (0xDC00..<0xE000).contains(second) {
                code = 0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00)
            } else {
                offset = mark
            }
        }
        let scalar = Unicode.Scalar(code) ?? "\u{FFFD}"
        // A control character in a name would be refused without its place.
        return scalar.value < 0x20 || scalar.value == 0x7F ? [0x20] : Array(String(scalar).utf8)
    }

    private mutating func hexDigits() throws(TopologyError) -> UInt16 {
        let digits = String(decoding: bytes[offset..<min(offset + 4, bytes.count)], as: UTF8.self)
        guard digits.utf8.count == 4, let code = UInt16(digits, radix: 16) else {
            throw error("expected four hexadecimal digits here")
        }
        offset += 4
        return code
    }

    private mutating func skipBlanks() {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x09, 0x0A, 0x0D: offset += 1
            default: return
            }
        }
    }

    private static func isOfWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: isDigit(byte)
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func refusal(of word: String) -> String {
        word.isEmpty
            ? "expected a value here: a text in quotes, a number, a list or an object"
            : "\(quoted(word)) is no value of JSON; texts stand in quotes"
    }

    private func cutOff() -> TopologyError { error("the file ends here; it is cut off") }
}
