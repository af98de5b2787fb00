/// The code of a Swift file: comments, strings and `#/…/#` are blanked, lines stay where they are.
///
/// Checks of this folder look for words and braces. With only code left, a brace is a brace and a word is a word; no parser is needed.
/// A regular expression between bare slashes cannot be told from divisions, so one that holds a brace is written `#/…/#`.
struct SwiftSource {
    let path: String
    /// Without their line ends.
    let lines: [Substring]
    /// How many braces are open at the start of each line, and after the last.
    let depths: [Int]
    /// The text as it stands, by lines: for comments that a check honours.
    let originalLines: [Substring]

    init(_ file: Repository.File) {
        path = file.path
        let code = Self.blanked(Array(file.text.utf8))
        lines = code.split(separator: "\n", omittingEmptySubsequences: false)
        originalLines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
        var depths = [0]
        for line in lines {
            depths.append(
                line.utf8.reduce(depths.last ?? 0) { depth, octet in
                    octet == UInt8(ascii: "{")
                        ? depth + 1 : octet == UInt8(ascii: "}") ? depth - 1 : depth
                }
            )
        }
        self.depths = depths
    }

    /// The module or test target that the file belongs to.
    var module: String {
        let parts = path.split(separator: "/")
        return parts.count > 1 ? String(parts[1]) : path
    }

    var code: String { lines.joined(separator: "\n") }

    /// The line of the brace that closes what the first brace on `line` or after it opens; `nil` when nothing is opened before the declaration ends.
    func lastLine(ofBlockAt line: Int) -> Int? {
        var opening = line
        // A declaration's head may take several lines; the next declaration is no longer this one's.
        while !lines[opening].contains("{") {
            opening += 1
            guard opening < lines.count, depths[opening] == depths[line] else { return nil }
            if Self.startsDeclaration(lines[opening]) { return nil }
        }
        return lines.indices.dropFirst(opening).first { depths[$0 + 1] <= depths[line] }
    }

    private static func startsDeclaration(_ line: Substring) -> Bool {
        let words = line.split(separator: " ").prefix(4)
        return words.contains {
            ["func", "var", "let", "case", "struct", "enum", "class"].contains($0)
        }
    }

    // MARK: Blanking

    private static func blanked(_ text: [UInt8]) -> String {
        var scanner = Scanner(text: text)
        scanner.skipCode(until: nil)
        return String(decoding: scanner.output, as: UTF8.self)
    }

    private struct Scanner {
        let text: [UInt8]
        var output: [UInt8] = []
        var at = 0

        init(text: [UInt8]) {
            self.text = text
            output.reserveCapacity(text.count)
        }

        /// Copies code; ends behind `closer` where that closes more than the code itself has opened.
        mutating func skipCode(until closer: UInt8?) {
            var openCount = 0
            while at < text.count {
                let octet = text[at]
                // Most octets begin nothing.
                guard
                    octet == UInt8(ascii: "/") || octet == UInt8(ascii: "#")
                        || octet == UInt8(ascii: "\"")
                else {
                    copy()
                    guard let closer else { continue }
                    if octet == UInt8(ascii: "(") { openCount += 1 }
                    if octet == closer {
                        if openCount == 0 { return }
                        openCount -= 1
                    }
                    continue
                }
                if begins("//") {
                    while at < text.count, text[at] != UInt8(ascii: "\n") { blank() }
                } else if begins("/*") {
                    skipComment()
                } else if begins("#/") {
                    while at < text.count, !begins("/#") { blank() }
                    blank(2)
                } else if let hashCount = stringHashCount() {
                    skipString(hashCount: hashCount)
                } else {
                    copy()
                }
            }
        }

        private mutating func skipComment() {
            var depth = 0
            repeat {
                if begins("/*") {
                    depth += 1
                    blank(2)
                } else if begins("*/") {
                    depth -= 1
                    blank(2)
                } else {
                    blank()
                }
            } while depth > 0 && at < text.count
        }

        /// How many `#` stand before the quote that begins here.
        private func stringHashCount() -> Int? {
            var end = at
            while end < text.count, text[end] == UInt8(ascii: "#") { end += 1 }
            return end < text.count && text[end] == UInt8(ascii: "\"") ? end - at : nil
        }

        private mutating func skipString(hashCount: Int) {
            let hashes = String(repeating: "#", count: hashCount)
            blank(hashCount)
            let quote = begins("\"\"\"") ? "\"\"\"" : "\""
            blank(quote.utf8.count)
            while at < text.count {
                if begins("\\" + hashes + "(") {
                    blank(hashCount + 2)
                    // What is interpolated is code again.
                    skipCode(until: UInt8(ascii: ")"))
                } else if begins("\\" + hashes) {
                    blank(hashCount + 2)
                } else if begins(quote + hashes) {
                    blank(quote.utf8.count + hashCount)
                    return
                } else {
                    blank()
                }
            }
        }

        private func begins(_ word: String) -> Bool {
            text[at...].starts(with: word.utf8)
        }

        private mutating func copy() {
            output.append(text[at])
            at += 1
        }

        private mutating func blank(_ count: Int = 1) {
            for _ in 0..<min(count, text.count - at) {
                output.append(text[at] == UInt8(ascii: "\n") ? text[at] : UInt8(ascii: " "))
                at += 1
            }
        }
    }
}
