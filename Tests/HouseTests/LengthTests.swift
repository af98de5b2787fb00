import Testing

/// No file, function or type is so long that a reader loses it.
@Suite struct LengthTests {
    private static let fileLineCountMax = 400
    private static let functionLineCountMax = 70
    private static let typeLineCountMax = 450

    /// Types that are longer over all their files, and how long they may be until somebody splits them. Rows are taken away and numbers get smaller; a new
    /// row is no way to pass this test.
    private static let longTypes = [
        "RouterNode.Relay": 800,
        "PGM.Peer": 520,
        "PGM.Source": 500,
        "Topology.YAMLDecoder": 700,
        "Topology.Validation": 520,
        "Patterns.TopicTrie": 600,
        "Transports.MulticastSource": 560,
    ]

    private static func sources(under folders: String...) throws -> [SwiftSource] {
        try folders.flatMap { try Repository.swiftFiles(under: $0) }.map(SwiftSource.init)
    }

    @Test func `no Swift file is too long`() throws {
        for file in try Repository.textFiles() where file.path.hasSuffix(".swift") {
            let lineCount = file.text.split(separator: "\n", omittingEmptySubsequences: false).count
            #expect(
                lineCount <= Self.fileLineCountMax,
                "\(file.path) has \(lineCount) lines: split it by concept"
            )
        }
    }

    @Test func `no function is too long`() throws {
        for source in try Self.sources(under: "Sources", "Tests") {
            #expect(
                source.depths.last == 0,
                "the braces of \(source.path) do not match: write regular expressions that hold braces as #/…/#"
            )
            for function in Lengths.functions(in: source)
            where function.lineCount > Self.functionLineCountMax {
                Issue.record(
                    "\(function.path):\(function.line): \(function.name) has \(function.lineCount) lines: split it by step"
                )
            }
        }
    }

    @Test func `no type is too long over all its files`() throws {
        for (name, lineCount) in Lengths.types(in: try Self.sources(under: "Sources")) {
            let lineCountMax = Self.longTypes[name] ?? Self.typeLineCountMax
            #expect(
                lineCount <= lineCountMax,
                "\(name) has \(lineCount) lines over all its files: split it into types with names of their own"
            )
        }
    }

    @Test func `the table of long types only shrinks`() throws {
        let lineCounts = Lengths.types(in: try Self.sources(under: "Sources"))
        for (name, lineCountMax) in Self.longTypes {
            let lineCount = lineCounts[name] ?? 0
            #expect(
                lineCount > Self.typeLineCountMax,
                "\(name) is no longer long: take its row away"
            )
            #expect(
                lineCount * 5 >= lineCountMax * 4,
                "\(name) has \(lineCount) lines: lower the number in its row"
            )
        }
    }

    @Test func `CONTRIBUTING names these limits`() throws {
        let page = try #require(
            try Repository.textFiles().first { $0.path == "CONTRIBUTING.md" }
        )
        let words = page.text.split { $0 == " " || $0 == "\n" }.joined(separator: " ")
        let sentence =
            "stays within \(Self.fileLineCountMax) lines, a function within \(Self.functionLineCountMax), "
            + "a type within \(Self.typeLineCountMax) over all its files"
        #expect(words.contains(sentence))
    }

    // MARK: The checks can fail

    private static func planted(
        _ text: String,
        at path: String = "Sources/Wire/Planted.swift"
    )
        -> SwiftSource
    {
        SwiftSource(Repository.File(path: path, text: text))
    }

    @Test func `a long function is seen, whatever its head looks like`() {
        let body = String(repeating: "    step()\n", count: 70)
        let heads = [
            "func long() {", "@inlinable public static func long(_ a: Int) throws -> Int {",
            "private func long(\n    a: Int,\n    b: String = \"}\"\n) -> [Int] where T: P {",
            "init?(text: String) {", "func `a name {`() {", "subscript(index: Int) -> Int {",
        ]
        for head in heads {
            let source = Self.planted("struct S {\n\(head)\n\(body)}\nfunc short() {}\n}\n")
            let long = Lengths.functions(in: source).filter { $0.lineCount > 70 }
            #expect(long.map(\.line) == [2], "\(head)")
        }
    }

    @Test func `braces in strings and comments are no braces`() {
        let source = Self.planted(
            """
            func one() {
                print("{", #"{"\\("}")"#, "\\(names.map { "{\\($0)" })") // {
                /* { /* { */ */
                let text = \"""
                    {
                    \"""
            }
            func two() {}

            """
        )
        #expect(Lengths.functions(in: source).map(\.lineCount) == [7, 1])
        #expect(source.depths.last == 0)
    }

    @Test func `a requirement has no length of its own`() {
        let source = Self.planted(
            "protocol P {\n    func a()\n    func b()\n}\nstruct S: P {\n    func a() {\n    }\n}\n"
        )
        #expect(Lengths.functions(in: source).map(\.name) == ["func a"])
    }

    @Test func `a type is as long as all its files`() {
        let one = Self.planted("public struct Long<T>: P {\n    struct Inner {\n    }\n}\n")
        let other = Self.planted(
            "extension Long {\n    func a() {}\n}\n\nextension Long.Inner {\n}\nenum Short {}\n",
            at: "Sources/Wire/Long+Other.swift"
        )
        let elsewhere = Self.planted("extension Long {\n}\n", at: "Sources/PGM/Long.swift")
        #expect(
            Lengths.types(in: [one, other, elsewhere]) == [
                "Wire.Long": 7, "Wire.Long.Inner": 2, "Wire.Short": 1, "PGM.Long": 2,
            ]
        )
    }
}
