import Testing

@testable import xylem

@Suite struct UsageLinesTests {
    private static let usage =
        "USAGE: xylem status [<file>] [--state <file>] [--control <host:port> ...] [--watch]"

    @Test func `usage is folded between options`() {
        let text = "OVERVIEW: Show.\n\n\(Self.usage)\n\nARGUMENTS:\n"
        #expect(
            UsageLines.folded(text, width: 50) == """
                OVERVIEW: Show.

                USAGE: xylem status [<file>] [--state <file>]
                       [--control <host:port> ...] [--watch]

                ARGUMENTS:

                """
        )
        #expect(UsageLines.folded(text, width: 100) == text)
        #expect(UsageLines.folded(text, width: .max) == text)
    }

    @Test func `nothing of it is lost, however narrow`() {
        for width in 1...90 {
            let lines = UsageLines.folded(Self.usage, width: width).split(separator: "\n")
            let words = lines.map { $0.drop { $0 == " " } }.joined(separator: " ")
            #expect(words == Self.usage)
            if width >= 34 { #expect(lines.allSatisfy { $0.count <= width }) }
        }
    }
}
