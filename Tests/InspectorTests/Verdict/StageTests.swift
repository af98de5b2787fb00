import Testing

@testable import Inspector

/// The stages of a verdict, each by itself.
@Suite struct StageTests {
    private static let second: Int64 = 1_000_000_000

    private static func topic(_ text: String) -> TopicPrefix {
        Array(text.utf8).withUnsafeBytes { TopicPrefix($0) }
    }

    private static func expectation(
        known: Bool,
        _ interests: [(prefix: String, since: Int64, until: Int64?)] = []
    ) -> Inspector.Expectation {
        var expectation = Inspector.Expectation()
        expectation.isKnown = known
        expectation.coverage = Coverage([0...100 * second])
        expectation.endNanoseconds = 100 * second - 250_000_000
        expectation.interests = interests.map {
            Inspector.Expectation.Interest(
                prefix: Array($0.prefix.utf8),
                since: $0.since,
                until: $0.until
            )
        }
        return expectation
    }

    private static func answer(
        _ expectation: Inspector.Expectation,
        _ text: String = "wx",
        at nanoseconds: Int64,
        _ place: Extent.Place,
        isWanted: Bool = false,
        hadBefore: Bool = false
    ) -> Inspector.Expectation.Answer {
        expectation.answer(
            topic(text),
            at: nanoseconds,
            place,
            (10, 0),
            isWanted: isWanted,
            hadBefore: { _ in hadBefore }
        )
    }

    @Test func `coverage joins files that follow each other and keeps holes`() {
        let coverage = Coverage([
            20 * Self.second...30 * Self.second, 0...5 * Self.second,
            5 * Self.second + 1...9 * Self.second,
        ])
        #expect(coverage.firstNanoseconds == 0)
        #expect(coverage.lastNanoseconds == 30 * Self.second)
        #expect(coverage.mayShow(5 * Self.second + 500))
        #expect(!coverage.mayShow(15 * Self.second))
        #expect(Coverage().mayShow(7))
    }

    @Test func `what is known to be subscribed to is expected a moment later`() {
        let known = Self.expectation(known: true, [("wx", 10 * Self.second, nil)])
        #expect(Self.answer(known, at: 12 * Self.second, .before) == .yes)
        #expect(Self.answer(known, at: 10 * Self.second + 5, .before) == .notYet)
        #expect(Self.answer(known, "news", at: 12 * Self.second, .between) == .no)
        // Another subscription made in the middle of the stream takes its moment, too.
        #expect(Self.answer(known, at: 10 * Self.second + 5, .between) == .notYet)
        #expect(Self.answer(known, at: 10 * Self.second + 5, .between, hadBefore: true) == .yes)
        let ended = Self.expectation(
            known: true,
            [("wx", 10 * Self.second, 20 * Self.second)]
        )
        #expect(Self.answer(ended, at: 21 * Self.second, .between) == .notYet)
    }

    @Test func `what is not known accuses nobody`() {
        let unknown = Self.expectation(known: false)
        #expect(Self.answer(unknown, at: 50 * Self.second, .between) == .unknown)
        #expect(Self.answer(unknown, at: 50 * Self.second, .before) == .notYet)
        #expect(Self.answer(unknown, at: 50 * Self.second, .between, isWanted: true) == .yes)
        // What is subscribed to while the capture runs is known from then on.
        let later = Self.expectation(known: false, [("wx", 40 * Self.second, nil)])
        #expect(Self.answer(later, at: 50 * Self.second, .between) == .yes)
        #expect(Self.answer(later, at: 30 * Self.second, .between) == .unknown)
    }

    @Test func `the end is on its way, then undecided, then lost`() {
        let known = Self.expectation(known: true, [("", 0, nil)])
        #expect(Self.answer(known, at: 100 * Self.second - 100_000_000, .after) == .inFlight)
        #expect(Self.answer(known, at: 95 * Self.second, .after) == .pending)
        #expect(Self.answer(known, at: 80 * Self.second, .after) == .yes)
        // Later ones came: the order tells.
        #expect(Self.answer(known, at: 95 * Self.second, .between) == .yes)
        #expect(Self.answer(known, at: 101 * Self.second, .after) == .inFlight)
    }

    @Test func `topics that came say what was subscribed to in between`() {
        var lab = TapLab()
        let (root, leaf) = (lab.addTap("root"), lab.addTap("leaf"))
        // The leaf gets "x" and all that begins with it, and nothing else is known of it.
        let contents = ["x", "y", "x1", "x", "y", "x2", "x"]
        for (index, content) in contents.enumerated() {
            let time = Double(5000 + index * 100)
            lab.see(content, at: root, connection: 1, milliseconds: time)
            guard content != "y", index != 2 else { continue }
            lab.see(content, at: leaf, connection: 2, milliseconds: time + 1, isMidflow: true)
            lab.pass(UInt32(index), from: 1, to: 2, at: root, milliseconds: time)
            lab.pass(UInt32(index), from: 1, to: 2, at: leaf, milliseconds: time + 1)
        }
        let receiver = lab.verdict().receiver("leaf")
        #expect(receiver.deliveredCount == 4)
        // x1 lies between two x, which show that x was subscribed to; y may not have been.
        #expect(receiver.lostCount == 1)
        #expect(receiver.interestUnknownCount == 2)
    }

    @Test func `long topics that begin alike are told apart when they are frames of their own`() {
        let long = Array("a topic of more than sixteen octets, one".utf8)
        let other = Array("a topic of more than sixteen octets, two".utf8)
        let first = MessageHashTests.digest([long, [1]]).topic
        #expect(first == MessageHashTests.digest([long, [2]]).topic)
        #expect(first != MessageHashTests.digest([other, [1]]).topic)
        #expect(first.isIdentity)
        #expect(!MessageHashTests.digest([long]).topic.isIdentity)
    }
}
