/// A pull parser for the part of XML that graph files use: elements, attributes, text, CDATA, the
/// five named entities and numeric references; comments, processing instructions and a prolog are
/// skipped.
///
///     <a k="v">text<b/></a>  ─▶  start a, text, start b, end b, end a, nil
///
/// It reads less than XML 1.0 on purpose: a DOCTYPE with an internal subset, which is where
/// entities are defined, is refused, so that a file never expands to more than its own size. Names
/// are given without their namespace prefix.
struct XMLPullParser {
    enum Event: Equatable {
        case start(name: String, attributes: [Attribute])
        case end(name: String)
        /// Text between tags; one run may come as several events.
        case text(String)
    }

    struct Attribute: Equatable {
        let name: String
        let value: String
    }

    static let depthMax = 64
    static let attributeCountMax = 64
    static let nameByteCountMax = 256

    let source: SourceText
    /// Where the last event starts.
    private(set) var position = SourcePosition(line: 1, column: 1)

    private var offset = 0
    private var cursor = PositionCursor()
    private var openElements: [String] = []
    private var hasRoot = false
    /// The name of an empty element `<a/>` whose end is still to be told.
    private var pendingEnd: String?

    init(_ source: SourceText) {
        self.source = source
    }

    /// The next event; `nil` at the end of a complete document.
    mutating func next() throws(TopologyError) -> Event? {
        if let name = pendingEnd {
            pendingEnd = nil
            openElements.removeLast()
            return .end(name: name)
        }
        while offset < bytes.count {
            position = cursor.advance(to: offset, in: bytes)
            if bytes[offset] != UInt8(ascii: "<") {
                if let text = try textRun() { return .text(text) }
            } else if starts(with: "<!--") {
                try skip(past: "-->", what: "comment")
            } else if starts(with: "<![CDATA[") {
                return .text(try characterData())
            } else if starts(with: "<!DOCTYPE") {
                try skipDocumentType()
            } else if starts(with: "<?") {
                try skip(past: "?>", what: "processing instruction")
            } else if starts(with: "</") {
                return try endTag()
            } else {
                return try startTag()
            }
        }
        if let open = openElements.last {
            throw error("the file ends inside <\(open)>; it is cut off")
        }
        if !hasRoot { throw error("no element found; this is not XML") }
        return nil
    }

    // MARK: Tags

    private mutating func startTag() throws(TopologyError) -> Event {
        if openElements.isEmpty, hasRoot {
            throw error("a second root element; XML has one")
        }
        guard openElements.count < Self.depthMax else {
            throw error("elements are nested more than \(Self.depthMax) deep")
        }
        offset += 1
        let name = try name(of: "element")
        var attributes: [Attribute] = []
        while true {
            let hadBlank = skipBlanks()
            guard offset < bytes.count else {
                throw error("the file ends inside a tag; it is cut off")
            }
            if starts(with: "/>") {
                offset += 2
                pendingEnd = name
                break
            }
            if bytes[offset] == UInt8(ascii: ">") {
                offset += 1
                break
            }
            guard hadBlank else { throw error("expected a blank, > or /> in the tag <\(name)>") }
            attributes.append(try attribute(in: name, after: attributes))
        }
        hasRoot = true
        openElements.append(name)
        return .start(name: name, attributes: attributes)
    }

    private mutating func attribute(
        in element: String,
        after others: [Attribute]
    ) throws(TopologyError) -> Attribute {
        let start = offset
        guard others.count < Self.attributeCountMax else {
            throw error("<\(element)> has more than \(Self.attributeCountMax) attributes")
        }
        let name = try name(of: "attribute", keepsPrefix: true)
        if others.contains(where: { $0.name == name }) {
            throw error("the attribute \(name) is there twice; remove one", at: start)
        }
        _ = skipBlanks()
        guard take(UInt8(ascii: "=")) else { throw error("the attribute \(name) has no value") }
        _ = skipBlanks()
        guard offset < bytes.count,
            bytes[offset] == UInt8(ascii: "\"") || bytes[offset] == UInt8(ascii: "'")
        else { throw error("the value of the attribute \(name) needs quotes") }
        let quote = bytes[offset]
        offset += 1
        let valueStart = offset
        while offset < bytes.count, bytes[offset] != quote {
            if bytes[offset] == UInt8(ascii: "<") {
                throw error(
                    "the value of the attribute \(name) has no closing quote",
                    at: valueStart
                )
            }
            offset += 1
        }
        guard offset < bytes.count else {
            throw error("the value of the attribute \(name) has no closing quote", at: valueStart)
        }
        let value = try decoded(valueStart..<offset)
        offset += 1
        return Attribute(name: name, value: value)
    }

    private mutating func endTag() throws(TopologyError) -> Event {
        offset += 2
        let name = try name(of: "element")
        _ = skipBlanks()
        guard take(UInt8(ascii: ">")) else { throw error("expected > after </\(name)") }
        guard let open = openElements.last else {
            throw TopologyError(
                file: source.file,
                position: position,
                message: "</\(name)> closes an element that is not open"
            )
        }
        guard open == name else {
            throw TopologyError(
                file: source.file,
                position: position,
                message: "</\(name)> found where </\(open)> is due"
            )
        }
        openElements.removeLast()
        return .end(name: name)
    }

    private mutating func name(
        of what: String,
        keepsPrefix: Bool = false
    ) throws(TopologyError) -> String {
        let start = offset
        while offset < bytes.count, Self.isName(bytes[offset]) { offset += 1 }
        guard offset > start, offset - start <= Self.nameByteCountMax else {
            throw error("expected the name of an \(what)", at: start)
        }
        var range = bytes[start..<offset]
        if !keepsPrefix, let colon = range.lastIndex(of: UInt8(ascii: ":")) {
            range = range[(colon + 1)...]
        }
        return String(decoding: range, as: UTF8.self)
    }

    // MARK: Text

    /// The text up to the next tag; `nil` for blanks outside the root.
    private mutating func textRun() throws(TopologyError) -> String? {
        let start = offset
        while offset < bytes.count, bytes[offset] != UInt8(ascii: "<") { offset += 1 }
        if openElements.isEmpty {
            guard let stray = bytes[start..<offset].firstIndex(where: { !Self.isBlank($0) }) else {
                return nil
            }
            throw error(
                hasRoot
                    ? "text after the root element; remove it" : "expected < here; this is not XML",
                at: stray
            )
        }
        return try decoded(start..<offset)
    }

    private mutating func characterData() throws(TopologyError) -> String {
        guard !openElements.isEmpty else { throw error("CDATA outside the root element") }
        let start = offset + "<![CDATA[".utf8.count
        try skip(past: "]]>", what: "CDATA section")
        return String(decoding: bytes[start..<(offset - 3)], as: UTF8.self)
    }

    /// The text of a range with its references replaced.
    private func decoded(_ range: Range<Int>) throws(TopologyError) -> String {
        guard bytes[range].contains(UInt8(ascii: "&")) else {
            return String(decoding: bytes[range], as: UTF8.self)
        }
        var text: [UInt8] = []
        var index = range.lowerBound
        while index < range.upperBound {
            guard bytes[index] == UInt8(ascii: "&") else {
                text.append(bytes[index])
                index += 1
                continue
            }
            // The longest reference is &#x10FFFF; with room for leading zeros.
            let window = bytes[index..<min(range.upperBound, index + 16)]
            guard let end = window.firstIndex(of: UInt8(ascii: ";")),
                let scalar = Self.scalar(String(decoding: bytes[(index + 1)..<end], as: UTF8.self))
            else {
                throw error(
                    "unknown entity; only &amp; &lt; &gt; &quot; &apos; &#…; are read (& is &amp;)",
                    at: index
                )
            }
            text.append(contentsOf: String(Character(scalar)).utf8)
            index = end + 1
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func scalar(_ reference: String) -> Unicode.Scalar? {
        switch reference {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default: break
        }
        let digits = reference.utf8.dropFirst(reference.hasPrefix("#x") ? 2 : 1)
        guard reference.hasPrefix("#"), let first = digits.first, first != UInt8(ascii: "+"),
            let code = UInt32(Substring(digits), radix: reference.hasPrefix("#x") ? 16 : 10),
            code >= 0x20 || code == 0x09 || code == 0x0A || code == 0x0D
        else { return nil }
        return Unicode.Scalar(code)
    }

    // MARK: What is skipped

    private mutating func skip(past end: String, what: String) throws(TopologyError) {
        let last = Array(end.utf8)
        // Past the opening, so that <!--> is not taken for a whole comment.
        offset += what == "comment" ? 4 : 2
        while offset < bytes.count {
            if bytes[offset] == last[0], starts(with: last) {
                offset += last.count
                return
            }
            offset += 1
        }
        throw TopologyError(
            file: source.file,
            position: position,
            message: "this \(what) is not closed; \(end) is missing"
        )
    }

    private mutating func skipDocumentType() throws(TopologyError) {
        guard !hasRoot else { throw error("a DOCTYPE inside the document") }
        while offset < bytes.count, bytes[offset] != UInt8(ascii: ">") {
            if bytes[offset] == UInt8(ascii: "[") {
                throw error("a DOCTYPE with definitions is not read; remove it")
            }
            offset += 1
        }
        offset = min(offset + 1, bytes.count)
    }

    // MARK: Bytes

    private var bytes: [UInt8] { source.bytes }

    private func error(_ message: String, at offset: Int? = nil) -> TopologyError {
        source.error(message, at: offset ?? self.offset)
    }

    private func starts(with text: StaticString) -> Bool {
        starts(with: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private func starts(with other: some Collection<UInt8>) -> Bool {
        bytes[offset...].starts(with: other)
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard offset < bytes.count, bytes[offset] == byte else { return false }
        offset += 1
        return true
    }

    /// Whether there was a blank.
    private mutating func skipBlanks() -> Bool {
        let start = offset
        while offset < bytes.count, Self.isBlank(bytes[offset]) { offset += 1 }
        return offset > start
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }

    private static func isName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: ":"),
            UInt8(ascii: "-"),
            UInt8(ascii: "."), 0x80...0xFF:
            true
        default: false
        }
    }
}
