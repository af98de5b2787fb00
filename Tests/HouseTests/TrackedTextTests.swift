import Testing

/// What no file of the repository may say.
@Suite struct TrackedTextTests {
    @Test func `no unfinished business`() throws {
        try expectNone(
            of: Self.unfinishedMark,
            amid: ["TO" + "DO", "FIX" + "ME"],
            "open an issue instead"
        )
    }

    @Test func `no path of somebody's machine`() throws {
        try expectNone(
            of: Self.machinePath,
            amid: Self.homeFolders.map { "/\($0)/" },
            "find files relative to the package root"
        )
    }

    @Test func `no conflict that was committed`() throws {
        try expectNone(of: Self.conflict, amid: ["<<<" + "<<<< ", ">>>" + ">>>> "], "resolve it")
    }

    @Test func `the patterns can match`() {
        #expect("<<<\("<<<<") HEAD".contains(Self.conflict))
        #expect(!"text \("<<<<<<<") more".contains(Self.conflict))
        #expect("// TO\("DO"): later".contains(Self.unfinishedMark))
        #expect("FIX\("ME")".contains(Self.unfinishedMark))
        #expect(!"a TO\("DO")S list".contains(Self.unfinishedMark))
        for folder in Self.homeFolders {
            #expect("let path = \"/\(folder)/ada/zmq\"".contains(Self.machinePath))
            #expect(!"https://example.org/\(folder)/ada".contains(Self.machinePath))
        }
    }

    private static let homeFolders = ["home", "root", "work", "Users"]
    private static var unfinishedMark: Regex<Substring> { /\b(?:TO[D]O|FIX[M]E)\b/ }
    private static var conflict: Regex<Substring> { #/^(?:<{7}|>{7}) /# }
    private static var machinePath: Regex<Substring> {
        /(?:^|[^\w.\-\/])\/(?:home|root|work|Users)\/\w/
    }

    /// Looks line by line only into files that hold one of `words`: most hold none.
    private func expectNone(
        of pattern: Regex<Substring>,
        amid words: [String],
        _ remedy: String
    ) throws {
        for file in try Repository.textFiles() where words.contains(where: file.text.contains) {
            let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
            for (index, line) in lines.enumerated() where line.contains(pattern) {
                Issue.record("\(file.path):\(index + 1): \(line): \(remedy)")
            }
        }
    }
}
