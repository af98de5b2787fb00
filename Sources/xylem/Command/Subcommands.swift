import ArgumentParser
import Topology

/// The names of subcommands, which the parser takes for arguments when they are mistyped.
enum Subcommands {
    /// - Throws: When a word stands where a subcommand's name should, and is none.
    static func check(
        _ arguments: some Sequence<String>,
        of root: any ParsableCommand.Type
    ) throws {
        var command = root
        for word in arguments {
            let names = names(of: command)
            guard !names.isEmpty, !word.hasPrefix("-") else { return }
            // What follows it is again the name of a subcommand.
            if command == root, word == "help" { continue }
            let subcommands = command.configuration.subcommands
            guard let next = subcommands.first(where: { $0._commandName == word }) else {
                throw ValidationError(refusal(of: word, names))
            }
            command = next
        }
    }

    private static func refusal(of word: String, _ names: [String]) -> String {
        let hint =
            Spelling.nearest(to: word, among: names).map { "did you mean '\($0)'?" }
            ?? "there are \(names.joined(separator: ", "))"
        return "there is no subcommand '\(word)'; \(hint)"
    }

    private static func names(of command: any ParsableCommand.Type) -> [String] {
        // Not by a key path: the compiler of Swift 6.3 ends at one that begins at a type.
        command.configuration.subcommands.filter { $0.configuration.shouldDisplay }
            .map { $0._commandName }
    }
}
