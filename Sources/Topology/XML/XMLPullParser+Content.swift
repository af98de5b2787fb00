extension XMLPullParser {
    /// The text of the element whose start was just read, without blanks around it, up to its end. The
    /// text of elements inside is skipped, but for that of those named.
    mutating func elementText(throughout: Set<String> = []) throws(TopologyError) -> String {
        var text = ""
        var depth = 1
        while depth > 0, let event = try next() {
            switch event {
            case .end: depth -= 1
            case .text(let part): text += part
            case .start(let name, _) where throughout.contains(name): depth += 1
            case .start: try skipElement()
            }
        }
        let trimmed = text.drop(while: \.isWhitespace)
        guard let last = trimmed.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(trimmed[...last])
    }

    /// Reads up to the end of the element whose start was just read.
    mutating func skipElement() throws(TopologyError) {
        var depth = 1
        while depth > 0, let event = try next() {
            switch event {
            case .start: depth += 1
            case .end: depth -= 1
            case .text: continue
            }
        }
    }
}

extension [XMLPullParser.Attribute] {
    subscript(name: String) -> String? {
        first { $0.name == name }?.value
    }
}
