/// The tokens of GraphViz's language.
///
/// E. R. Gansner, E. Koutsofios, S. North, "Drawing graphs with dot", appendix A; the language's
/// reference page. Comments are `//`, `/* */` and lines that begin with `#`. A text in quotes may go on
/// over lines and be joined with `+`; one in `<…>` is HTML.
struct DOTLexer {
    enum Token: Equatable {
        /// An id: a word, a number, a text.
        case id(String, isQuoted: Bool)
        /// `{ } [ ] = ; , :`
        case sign(Unicode.Scalar)
        /// `--`, `->`
        case edge
        /// What begins and does not end: its name.
        case unclosed(String)
        case other
    }

    private let bytes: [UInt8]
    /// Where the last token starts.
    private(set) var tokenOffset = 0
    private(set) var offset = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func next() -> Token? {
        if let unclosed = skipBlanks() { return .unclosed(unclosed) }
        tokenOffset = offset
        guard offset < bytes.count else { return nil }
        let byte = bytes[offset]
        switch byte {
        case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "["), UInt8(ascii: "]"),
            UInt8(ascii: "="), UInt8(ascii: ";"), UInt8(ascii: ","), UInt8(ascii: ":"):
            offset += 1
            return .sign(Unicode.Scalar(byte))
        case UInt8(ascii: "\""): return joinedText()
        case UInt8(ascii: "<"): return html()
        case UInt8(ascii: "-") where isEdge:
            offset += 2
            return .edge
        default: return word()
        }
    }

    private var isEdge: Bool {
        offset + 1 < bytes.count
            && (bytes[offset + 1] == UInt8(ascii: "-") || bytes[offset + 1] == UInt8(ascii: ">"))
    }

    private mutating func word() -> Token {
        let start = offset
        while offset < bytes.count, Self.isOfWord(bytes[offset]) {
            if bytes[offset] == UInt8(ascii: "-"), offset > start { break }
            offset += 1
        }
        guard offset > start else {
            offset += 1
            return .other
        }
        return .id(String(decoding: bytes[start..<offset], as: UTF8.self), isQuoted: false)
    }

    /// `"one" + "two"` is one text.
    private mutating func joinedText() -> Token {
        var text: [UInt8] = []
        while true {
            guard appendText(to: &text) else { return .unclosed("a text in quotes") }
            var ahead = self
            guard ahead.skipBlanks() == nil, ahead.isAt(UInt8(ascii: "+")) else { break }
            ahead.offset += 1
            guard ahead.skipBlanks() == nil, ahead.isAt(UInt8(ascii: "\"")) else { break }
            offset = ahead.offset
        }
        return .id(String(decoding: text, as: UTF8.self), isQuoted: true)
    }

    private func isAt(_ byte: UInt8) -> Bool { offset < bytes.count && bytes[offset] == byte }

    /// Up to the closing quote. `\"` and `\\` stand for their second characters, `\n`, `\l` and `\r`
    /// break a label's line; before a line's end a backslash joins it with the next.
    private mutating func appendText(to text: inout [UInt8]) -> Bool {
        offset += 1
        while offset < bytes.count {
            let byte = bytes[offset]
            offset += 1
            if byte == UInt8(ascii: "\"") { return true }
            guard byte == UInt8(ascii: "\\"), offset < bytes.count else {
                text.append(byte)
                continue
            }
            switch bytes[offset] {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): text.append(bytes[offset])
            case UInt8(ascii: "n"), UInt8(ascii: "l"), UInt8(ascii: "r"): text.append(0x0A)
            case 0x0A: break
            case 0x0D where offset + 1 < bytes.count && bytes[offset + 1] == 0x0A: offset += 1
            default: text += [byte, bytes[offset]]
            }
            offset += 1
        }
        return false
    }

    /// `<<b>Oslo</b><br/>4>`: its text, without tags and with single blanks.
    private mutating func html() -> Token {
        var depth = 0
        var text: [UInt8] = []
        while offset < bytes.count {
            let byte = bytes[offset]
            offset += 1
            switch byte {
            case UInt8(ascii: "<"): depth += 1
            case UInt8(ascii: ">"):
                depth -= 1
                if depth == 0 {
                    let words = GMLEntities.decoded(text[...]).split(whereSeparator: \.isWhitespace)
                    return .id(words.joined(separator: " "), isQuoted: true)
                }
                text.append(0x20)
            default: if depth == 1 { text.append(byte) }
            }
        }
        return .unclosed("a text in < >")
    }

    /// Blanks and comments; the name of what does not end.
    private mutating func skipBlanks() -> String? {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x09, 0x0A, 0x0D: offset += 1
            case UInt8(ascii: "#") where isLineStart: skipLine()
            case UInt8(ascii: "/") where isNext(UInt8(ascii: "/")): skipLine()
            case UInt8(ascii: "/") where isNext(UInt8(ascii: "*")):
                tokenOffset = offset
                offset += 2
                while offset < bytes.count,
                    !(bytes[offset] == UInt8(ascii: "*") && isNext(UInt8(ascii: "/")))
                {
                    offset += 1
                }
                guard offset < bytes.count else { return "a comment" }
                offset += 2
            default: return nil
            }
        }
        return nil
    }

    /// Only blanks stand before it on its line.
    private var isLineStart: Bool {
        var before = offset
        while before > 0, bytes[before - 1] == 0x20 || bytes[before - 1] == 0x09 { before -= 1 }
        return before == 0 || bytes[before - 1] == 0x0A
    }

    private func isNext(_ byte: UInt8) -> Bool {
        offset + 1 < bytes.count && bytes[offset + 1] == byte
    }

    private mutating func skipLine() {
        while offset < bytes.count, bytes[offset] != 0x0A { offset += 1 }
    }

    private static func isOfWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."),
            UInt8(ascii: "-"), 0x80...:
            true
        default: false
        }
    }
}
