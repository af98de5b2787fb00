/// A text of the ZeroMQ Property Language (RFC 4): names with values, in levels of four spaces.
///
///     curve
///         public-key = "…"       is  curve/public-key
struct ZPLText {
    struct Property: Equatable {
        /// The names of its levels, joined by `/`.
        var path: String
        /// Empty when there is none.
        var value: String
        /// From 1.
        var line: Int
    }

    /// In the order of the text.
    private(set) var properties: [Property] = []

    init(_ text: String) throws(CertificateError) {
        var path: [Substring] = []
        for (index, line) in text.split(
            omittingEmptySubsequences: false,
            whereSeparator: \.isNewline
        )
        .enumerated() {
            let indent = line.prefix { $0 == " " }.count
            let content = line.dropFirst(indent)
            guard let first = content.first, first != "#" else { continue }
            let name = content.prefix { Self.isName($0) }
            guard !name.isEmpty, indent % 4 == 0, indent / 4 <= path.count else {
                throw CertificateError(
                    line: index + 1,
                    problem: "a name stands four spaces to the right of what it belongs to"
                )
            }
            path = path.prefix(indent / 4) + [name]
            guard let value = Self.value(content.dropFirst(name.count)) else {
                throw CertificateError(
                    line: index + 1,
                    problem:
                        "after a name comes nothing, or '=' and a value, which may be in quotes"
                )
            }
            properties.append(
                Property(path: path.joined(separator: "/"), value: value, line: index + 1)
            )
        }
    }

    subscript(path: String) -> String? {
        properties.first { $0.path == path }?.value
    }

    private static func isName(_ character: Character) -> Bool {
        character.isASCII
            && (character.isLetter || character.isNumber || "$-_@.&+/".contains(character))
    }

    /// What follows a name; `nil` when that is neither nothing nor a value.
    private static func value(_ text: Substring) -> String? {
        let text = text.drop(while: \.isWhitespace)
        guard let first = text.first, first != "#" else { return "" }
        guard first == "=" else { return nil }
        let value = text.dropFirst().drop(while: \.isWhitespace)
        if let quote = value.first, quote == "\"" || quote == "'" {
            let rest = value.dropFirst()
            guard let end = rest.firstIndex(of: quote) else { return nil }
            let after = rest[rest.index(after: end)...].drop(while: \.isWhitespace)
            return after.isEmpty || after.first == "#" ? String(rest[..<end]) : nil
        }
        let plain = value.prefix { $0 != "#" }
        return String(plain.reversed().drop(while: \.isWhitespace).reversed())
    }
}
