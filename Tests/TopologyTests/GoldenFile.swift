import Foundation
import Testing

@testable import Topology

/// A text file of cases, each an input and what is expected to come of it:
///
///     === net.yaml: an unknown end of a link
///     nodes: [a, b]
///     --->
///     net.yaml:1:1: …
///
/// With `XYLEM_UPDATE_GOLDENS=1` the expectations are written anew, to be reviewed as a diff.
struct GoldenFile {
    struct Case {
        let file: String
        let title: String
        let input: String
        let expected: String
    }

    let url: URL
    let cases: [Case]

    init(_ name: String) throws {
        url = Repository.root.appending(path: "Tests/TopologyTests/Golden/\(name)")
        let text = try String(contentsOf: url, encoding: .utf8)
        cases = text.components(separatedBy: "\n=== ").dropFirst().compactMap { part in
            guard let newline = part.firstIndex(of: "\n") else { return nil }
            let header = part[..<newline].components(separatedBy: ": ")
            let body = part[part.index(after: newline)...].components(separatedBy: "--->\n")
            guard header.count >= 2, body.count == 2 else { return nil }
            return Case(
                file: header[0],
                title: header.dropFirst().joined(separator: ": "),
                input: body[0],
                expected: body[1].trimmingCharacters(in: .newlines)
            )
        }
    }

    static var isUpdating: Bool {
        ProcessInfo.processInfo.environment["XYLEM_UPDATE_GOLDENS"] == "1"
    }

    /// Compares every case with what `outcome` makes of it, or rewrites the file.
    func check(outcome: (Case) -> String) throws {
        #expect(!cases.isEmpty, "no cases in \(url.lastPathComponent)")
        var rewritten = try String(contentsOf: url, encoding: .utf8)
        rewritten = rewritten.components(separatedBy: "\n=== ")[0]
        for item in cases {
            let actual = outcome(item)
            rewritten += "\n=== \(item.file): \(item.title)\n\(item.input)--->\n\(actual)\n"
            if !Self.isUpdating { #expect(actual == item.expected, "\(item.title)") }
        }
        if Self.isUpdating { try rewritten.write(to: url, atomically: true, encoding: .utf8) }
    }
}
