import Foundation
import Testing

/// A text file of scenarios, each with the report that is expected of it:
///
///     === a receiver loses a packet and gets it again
///     0 odata 0..9 every 1
///     --->
///     GOOD …
///
/// With `XYLEM_UPDATE_GOLDENS=1` the expectations are written anew, to be reviewed as a diff.
struct ScenarioFile {
    let url: URL

    init(_ name: String, file: String = #filePath) {
        url = URL(filePath: file).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Golden/\(name)")
    }

    func check(_ outcome: (String) throws -> String) throws {
        let text = try String(contentsOf: url, encoding: .utf8)
        let parts = text.components(separatedBy: "\n=== ")
        var rewritten = parts[0].trimmingCharacters(in: .newlines) + "\n"
        #expect(parts.count > 1, "no scenarios in \(url.lastPathComponent)")
        for part in parts.dropFirst() {
            let halves = part.components(separatedBy: "\n--->\n")
            let lines = halves[0].components(separatedBy: "\n")
            let actual = try outcome(lines.dropFirst().joined(separator: "\n"))
            rewritten += "\n=== \(halves[0].trimmingCharacters(in: .newlines))\n--->\n\(actual)\n"
            guard !Self.isUpdating else { continue }
            let expected = halves.count > 1 ? halves[1].trimmingCharacters(in: .newlines) : ""
            #expect(actual == expected, "\(url.lastPathComponent): \(lines[0])")
        }
        if Self.isUpdating { try rewritten.write(to: url, atomically: true, encoding: .utf8) }
    }

    private static var isUpdating: Bool {
        ProcessInfo.processInfo.environment["XYLEM_UPDATE_GOLDENS"] == "1"
    }
}
