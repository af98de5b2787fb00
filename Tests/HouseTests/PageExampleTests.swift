import Foundation
import Testing

/// Every Swift example of the sockets' documentation compiles as it stands there, in a program that imports `ZeroMQ`.
@Suite struct PageExampleTests {
    struct Example: Equatable {
        /// The number of its first line in the page, from 1.
        var line: Int
        var text: String
    }

    /// What pages take for granted, beside what an example declares itself.
    private static let prelude = """
        import ZeroMQ

        let publisher = XPublisher()
        let subscriber = Subscriber()
        func answer(to message: Message) -> Message { message }

        """

    /// Of the sockets. Other modules' tutorials have parts that build on each other, and how to write a test is shown where tests see more.
    private static func isChecked(_ path: String) -> Bool {
        guard path.hasSuffix(".md"), path != "docs/TESTING.md" else { return false }
        return path == "README.md" || path.hasPrefix("docs/") || path.hasPrefix("Sources/ZeroMQ/")
    }

    private static func examples(in page: String) -> [Example] {
        var examples: [Example] = []
        var begun: Example?
        for (index, line) in page.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            if line == "```swift" {
                begun = Example(line: index + 2, text: "")
            } else if line.hasPrefix("```") {
                if let begun { examples.append(begun) }
                begun = nil
            } else if !line.hasPrefix("import ") {
                begun?.text += line + "\n"
            }
        }
        return examples
    }

    @Test func `every example of every page compiles`() throws {
        var program = Self.prelude
        var count = 0
        for page in try Repository.textFiles() where Self.isChecked(page.path) {
            for example in Self.examples(in: page.text) {
                count += 1
                program += "func example\(count)() async throws {\n"
                program += "#sourceLocation(file: \"\(page.path)\", line: \(example.line))\n"
                program += example.text + "#sourceLocation()\n}\n\n"
            }
        }
        #expect(count > 10)
        let file = FileManager.default.temporaryDirectory
            .appending(path: "xylem-examples-\(UUID().uuidString).swift")
        defer { try? FileManager.default.removeItem(at: file) }
        try program.write(to: file, atomically: true, encoding: .utf8)
        let outcome = try TypeCheck.run([file.path], allowsWarnings: true)
        #expect(outcome.status == 0, "\(outcome.output)")
    }

    @Test func `examples are found, and their imports taken out`() {
        let page =
            "text\n```swift\nimport ZeroMQ\nlet a = 1\n```\n```sh\nls\n```\n```swift\nb()\n```\n"
        #expect(
            Self.examples(in: page) == [
                Example(line: 3, text: "let a = 1\n"), Example(line: 10, text: "b()\n"),
            ]
        )
    }
}
