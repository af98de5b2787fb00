import Testing

/// What no file of the repository may say.
@Suite struct TrackedTextTests {
    @Test func `no unfinished business`() throws {
        try expectNone(of: Self.unfinishedMark, "open an issue instead")
    }

    @Test func `no path of somebody's machine`() throws {
        try expectNone(of: Self.machinePath, "find files relative to the package root")
    }

    @Test func `the patterns can match`() {
        #expect("// TO\("DO"): later".contains(Self.unfinishedMark))
        #expect("FIX\("ME")".contains(Self.unfinishedMark))
        #expect(!"a TO\("DO")S list".contains(Self.unfinishedMark))
        for folder in ["home", "root", "work", "Users"] {
            #expect("let path = \"/\(folder)/ada/zmq\"".contains(Self.machinePath))
            #expect(!"https://example.org/\(folder)/ada".contains(Self.machinePath))
        }
    }

    private static var unfinishedMark: Regex<Substring> { /\b(?:TO[D]O|FIX[M]E)\b/ }
    private static var machinePath: Regex<Substring> {
        /(?:^|[^\w.\-\/])\/(?:home|root|work|Users)\/\w/
    }

    private func expectNone(of pattern: Regex<Substring>, _ remedy: String) throws {
        for file in try Repository.textFiles() {
            let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
            for (index, line) in lines.enumerated() where line.contains(pattern) {
                Issue.record("\(file.path):\(index + 1): \(line): \(remedy)")
            }
        }
    }
}
