import Testing

/// Pure modules replay: a seed and a clock of the test decide everything.
@Suite struct PurityTests {
    private static func pureSources() throws -> [SwiftSource] {
        let pure = Layering.house.layers.filter { $0.kind == .pure }.map(\.module)
        return try Repository.swiftFiles(under: "Sources").map(SwiftSource.init)
            .filter { pure.contains($0.module) }
    }

    @Test func `pure modules ask for no time, no chance and no threads`() throws {
        for source in try Self.pureSources() {
            for finding in Purity.impureWords(in: source) {
                Issue.record(
                    "\(source.path):\(finding.line): \(finding.what) in a pure module: take it as an argument, or move it to a shell"
                )
            }
        }
    }

    @Test func `pure modules do not loop over dictionaries and sets`() throws {
        let sources = try Self.pureSources()
        let names = Purity.UnorderedNames(sources)
        for source in sources {
            for finding in Purity.unorderedLoops(in: source, knowing: names) {
                Issue.record(
                    """
                    \(source.path):\(finding.line): the order of '\(finding.what)' differs in every process: sort it, keep an array \
                    beside it, or say "any order: " and why
                    """
                )
            }
        }
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

    @Test(arguments: [
        "let now = ContinuousClock().now",
        "var ts = timespec(); clock_gettime(CLOCK_REALTIME, &ts)",
        "let day = Date()", "let now: Instant = Instant.now", "usleep(10); sleep(1)",
        "let die = Int.random(in: 1...6)", "cards.shuffle()", "let one = all.randomElement()",
        "var generator = SystemRandomNumberGenerator()", "var hasher = Hasher()",
        "let slot = name.hashValue % 8", "Task { work() }",
        "Task.detached(priority: .low) { work() }",
        "actor Worker {", "public actor Worker {", "func work() async {", "await work()",
        "let lock = Mutex(0)", "let count: Atomic<Int>", "pthread_create(&thread, nil, work, nil)",
        "DispatchQueue.global().async {", "ProcessInfo.processInfo.environment",
    ])
    func `an impure word is seen`(line: String) {
        #expect(Purity.impureWords(in: Self.planted(line)).isEmpty == false)
    }

    @Test(arguments: [
        "func handle(_ event: Event, at now: Instant) {",
        "let die = Int.random(in: 1...6, using: &random)",
        "cards.shuffle(using: &random)", "// Date() is what a shell would ask",
        "print(\"Task { }\")",
        "let factor = 2", "struct TaskReport {", "let isAsynchronous = true", "let update = 1",
    ])
    func `an innocent line is not`(line: String) {
        #expect(Purity.impureWords(in: Self.planted(line)) == [])
    }

    private static let declarations = """
        struct Planted {
            var peers: [PeerID: Peer] = [:]
            private(set) var waiting = Set<PeerID>()
            var order: [PeerID] = []

        """

    @Test(arguments: [
        "for (id, peer) in peers {", "for id in peers.keys where id.isKnown {",
        "for peer in self.peers.values {", "for id in waiting {", "let first = waiting.first",
        "let names = peers.map(\\.name)", "return peers.values.compactMap { $0 }",
        "waiting.forEach(drop)",
        "if let next = waiting.popFirst() {", "let text = peers.keys.joined()",
        "let last = peers.values.max { $0.age < $1.age }", "for peer in state.peers {",
    ])
    func `a loop over a dictionary or set is seen`(line: String) {
        let source = Self.planted(Self.declarations + line)
        let findings = Purity.unorderedLoops(in: source, knowing: Purity.UnorderedNames([source]))
        #expect(findings.map(\.line) == [5])
    }

    @Test(arguments: [
        "for id in order {", "for id in waiting.sorted() {", "let ids = peers.keys.sorted()",
        "let peer = peers[id]", "waiting.insert(id)", "let old = peers.filter { $0.value.isOld }",
        "for id in order where waiting.contains(id) {", "// for id in waiting {",
        "for id in waiting { count(id) } // any order: a sum",
        "let all = waiting.allSatisfy(isOld)",
    ])
    func `what has an order, or needs none, is not`(line: String) {
        let source = Self.planted(Self.declarations + line)
        #expect(Purity.unorderedLoops(in: source, knowing: Purity.UnorderedNames([source])) == [])
    }

    @Test func `a loop in another file of the type is seen`() {
        let main = Self.planted(Self.declarations)
        let other = Self.planted(
            "extension Planted {\n    func all() { for id in waiting {} }\n}\n",
            at: "Sources/Wire/Planted+Other.swift"
        )
        let names = Purity.UnorderedNames([main, other])
        #expect(Purity.unorderedLoops(in: other, knowing: names).map(\.line) == [2])
    }
}
