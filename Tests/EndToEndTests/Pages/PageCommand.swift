import Foundation

/// One command of a page of documentation, as a reader would type it.
struct PageCommand: Sendable, CustomStringConvertible {
    var page: String
    /// Where it stands in the page, counted from 1.
    var line: Int
    /// Without its comment; continued lines are one.
    var text: String

    var description: String { "\(page):\(line): \(text)" }

    /// The commands of all `sh` blocks of the page, in order.
    static func read(_ page: String, in root: URL) throws -> [PageCommand] {
        let text = try String(contentsOf: root.appending(path: page), encoding: .utf8)
        var commands: [PageCommand] = []
        var isInside = false
        var begun: PageCommand?
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            if line.hasPrefix("```") {
                isInside = line == "```sh"
                continue
            }
            guard isInside else { continue }
            var command = begun ?? PageCommand(page: page, line: index + 1, text: "")
            begun = nil
            command.text += withoutComment(line)
            if command.text.hasSuffix("\\") {
                command.text.removeLast()
                begun = command
            } else if !command.text.isEmpty {
                commands.append(command)
            }
        }
        return commands
    }

    /// The line up to a `#` that begins a word outside of quotes.
    static func withoutComment(_ line: Substring) -> String {
        var quote: Character?
        var previous: Character = " "
        for index in line.indices {
            let character = line[index]
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "'" || character == "\"" {
                quote = character
            } else if character == "#", previous == " " {
                return trimmed(line[..<index])
            }
            previous = character
        }
        return trimmed(line)
    }

    private static func trimmed(_ text: Substring) -> String {
        text.trimmingCharacters(in: .whitespaces)
    }
}
