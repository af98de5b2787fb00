/// The parser folds everything it says at the terminal's width, but for the lines that begin with `Usage`.
enum UsageLines {
    /// The text with those lines folded, between options and not within one.
    static func folded(_ text: String, width: Int) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .flatMap { $0.lowercased().hasPrefix("usage: ") ? fold($0, width) : [String($0)] }
            .joined(separator: "\n")
    }

    private static func fold(_ line: Substring, _ width: Int) -> [String] {
        guard line.count > width else { return [String(line)] }
        var lines = [""]
        for word in words(line) {
            let last = lines[lines.count - 1]
            if last.isEmpty {
                lines[lines.count - 1] = word
            } else if last.count + 1 + word.count <= width {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(indentation + word)
            }
        }
        return lines
    }

    /// `[--state <file>]` is one word.
    private static func words(_ line: Substring) -> [String] {
        var (words, depth) = ([String](), 0)
        for word in line.split(separator: " ") {
            if depth > 0, let last = words.indices.last {
                words[last] += " " + word
            } else {
                words.append(String(word))
            }
            depth += word.count { $0 == "[" } - word.count { $0 == "]" }
        }
        return words
    }

    private static let indentation = "       "
}
