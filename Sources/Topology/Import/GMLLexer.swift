/// The tokens of GML: words (keys, numbers), quoted text, brackets. `#` starts a comment line.
///
/// M. Himsolt, "GML: A portable Graph File Format", 1996. Text is ASCII with HTML's named and
/// numeric entities there; tools also write UTF-8, and bare ampersands, which are kept.
struct GMLLexer {
    enum Token: Equatable {
        case word(String)
        case text(String)
        case open, close
        /// A text without its closing quote.
        case unclosed
    }

    private let bytes: ArraySlice<UInt8>
    /// Where the last token starts.
    private(set) var tokenOffset: Int
    private var offset: Int
    private var isLineStart = true

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        offset = bytes.startIndex
        tokenOffset = offset
    }

    mutating func next() -> Token? {
        skipBlanks()
        guard offset < bytes.endIndex else {
            tokenOffset = offset
            return nil
        }
        tokenOffset = offset
        isLineStart = false
        switch bytes[offset] {
        case UInt8(ascii: "["):
            offset += 1
            return .open
        case UInt8(ascii: "]"):
            offset += 1
            return .close
        case UInt8(ascii: "\""):
            guard let end = bytes[(offset + 1)...].firstIndex(of: UInt8(ascii: "\"")) else {
                offset = bytes.endIndex
                return .unclosed
            }
            let text = GMLEntities.decoded(bytes[(offset + 1)..<end])
            offset = end + 1
            return .text(text)
        default:
            let end = bytes[offset...].firstIndex(where: Self.isDelimiter) ?? bytes.endIndex
            let word = String(decoding: bytes[offset..<end], as: UTF8.self)
            offset = end
            return .word(word)
        }
    }

    private mutating func skipBlanks() {
        while offset < bytes.endIndex {
            switch bytes[offset] {
            case 0x0A, 0x0D: isLineStart = true
            case 0x20, 0x09, UInt8(ascii: ","): break
            case UInt8(ascii: "#") where isLineStart:
                offset = bytes[offset...].firstIndex(of: 0x0A) ?? bytes.endIndex
                continue
            default: return
            }
            offset += 1
        }
    }

    private static func isDelimiter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "\""): true
        default: false
        }
    }
}

/// The entities of HTML in GML's texts.
enum GMLEntities {
    /// The text with entities replaced; what is no entity stays as it is.
    static func decoded(_ bytes: ArraySlice<UInt8>) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        guard bytes.contains(UInt8(ascii: "&")) else { return text }
        var result = ""
        var rest = text[...]
        while let mark = rest.firstIndex(of: "&") {
            result += rest[..<mark]
            let body = rest[rest.index(after: mark)...]
            let name = body.prefix { $0 != ";" && $0 != "&" && $0 != " " }
            if name.endIndex < body.endIndex, body[name.endIndex] == ";", name.count <= 10,
                let scalar = scalar(String(name))
            {
                result.unicodeScalars.append(scalar)
                rest = body[body.index(after: name.endIndex)...]
            } else {
                result += "&"
                rest = body
            }
        }
        return result + rest
    }

    private static func scalar(_ name: String) -> Unicode.Scalar? {
        if name.hasPrefix("#") {
            let isHex = name.hasPrefix("#x") || name.hasPrefix("#X")
            guard let code = UInt32(name.dropFirst(isHex ? 2 : 1), radix: isHex ? 16 : 10),
                code >= 0x20, code != 0x7F
            else { return nil }
            return Unicode.Scalar(code)
        }
        if let code = others[name] { return Unicode.Scalar(code) }
        return latin1.firstIndex(of: Substring(name)).flatMap { Unicode.Scalar(UInt32(160 + $0)) }
    }

    /// HTML 4, §24.2: the names of U+00A0…U+00FF in order.
    private static let latin1 = """
        nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg \
        plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest \
        Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute \
        Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc \
        Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute \
        ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide \
        oslash ugrave uacute ucirc uuml yacute thorn yuml
        """.split(separator: " ")

    private static let others: [String: UInt32] = [
        "amp": 38, "lt": 60, "gt": 62, "quot": 34, "apos": 39, "OElig": 338, "oelig": 339,
        "Scaron": 352, "scaron": 353, "Yuml": 376, "ndash": 8211, "mdash": 8212, "lsquo": 8216,
        "rsquo": 8217, "ldquo": 8220, "rdquo": 8221, "bull": 8226, "hellip": 8230, "euro": 8364,
        "trade": 8482,
    ]
}
