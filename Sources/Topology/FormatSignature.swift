/// What the beginning of a file certainly is, whatever its name.
enum FormatSignature: Equatable {
    case format(TopologyFormat)
    /// Known, and not read.
    case foreign(ForeignFormat)

    /// How much of a file is looked at, in bytes.
    private static let byteCountMax = 65_536

    init?(of bytes: ArraySlice<UInt8>) {
        let head = bytes.prefix(Self.byteCountMax)
        let isBlank = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
        guard let start = head.firstIndex(where: { !isBlank($0) }) else { return nil }
        let text = head[start...]
        if head[start] == UInt8(ascii: "<") {
            self = Self.xml(root: Self.rootElement(text))
        } else if Self.isSNDlib(text) {
            self = .format(.sndlib)
        } else if Self.isGML(text) {
            self = .format(.gml)
        } else if head[start] == UInt8(ascii: "{") || head[start] == UInt8(ascii: "[") {
            // What tells formats apart may stand behind all nodes.
            guard let signature = JSONOutline(Array(bytes))?.signature else { return nil }
            self = signature
        } else {
            let signs = FormatSigns(text)
            if let format = signs.format {
                self = .format(format)
            } else if let foreign = ForeignFormat.text(signs.lines) {
                self = .foreign(foreign)
            } else if ASRelationshipReader.areRelationships(text) {
                self = .format(.asRelationships)
            } else {
                return nil
            }
        }
    }

    private static func xml(root: String) -> FormatSignature {
        switch root {
        case "gexf": .format(.gexf)
        case "graph": .format(.xgmml)
        default: ForeignFormat.xml(root: root).map { .foreign($0) } ?? .format(.graphML)
        }
    }

    /// The name of the first element, without its prefix; empty when there is none.
    private static func rootElement(_ head: ArraySlice<UInt8>) -> String {
        var rest = head
        while let open = rest.firstIndex(of: UInt8(ascii: "<")) {
            rest = rest[(open + 1)...]
            if rest.starts(with: Array("!--".utf8)) {
                guard let end = firstRange(of: "-->", in: rest) else { return "" }
                rest = rest[end...]
            } else if rest.first == UInt8(ascii: "!") || rest.first == UInt8(ascii: "?") {
                let isPage = String(decoding: rest.prefix(14), as: UTF8.self).lowercased()
                if isPage == "!doctype html>" { return "html" }
            } else {
                let name = rest.prefix { !" \t\r\n/>".utf8.contains($0) }
                return String(decoding: name, as: UTF8.self).split(separator: ":").last.map(
                    String.init
                )
                    ?? ""
            }
        }
        return ""
    }

    private static func firstRange(of text: String, in bytes: ArraySlice<UInt8>) -> Int? {
        let wanted = Array(text.utf8)
        return bytes.indices.first { bytes[$0...].starts(with: wanted) }.map { $0 + wanted.count }
    }

    /// The first line of the format, or its first section.
    private static func isSNDlib(_ head: ArraySlice<UInt8>) -> Bool {
        if head.starts(with: Array("?SNDlib native".utf8)) { return true }
        for line in head.split(separator: 0x0A).prefix(200) {
            let words = line.split { $0 <= 0x20 }
            guard let first = words.first, first.first != UInt8(ascii: "#") else { continue }
            let isSection = ["META", "NODES"].contains(String(decoding: first, as: UTF8.self))
            return isSection && words.count > 1 && words[1].first == UInt8(ascii: "(")
        }
        return false
    }

    /// Keys and values, of which one is `graph [`.
    private static func isGML(_ head: ArraySlice<UInt8>) -> Bool {
        var lexer = GMLLexer(head)
        // Creator, Version, directed, comment and the like may stand before the graph.
        for _ in 0..<16 {
            guard case .word(let key)? = lexer.next(), let value = lexer.next() else {
                return false
            }
            if key.lowercased() == "graph" { return value == .open }
            switch value {
            case .word, .text: continue
            case .open, .close, .unclosed: return false
            }
        }
        return false
    }
}
