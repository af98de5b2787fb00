import Patterns
import Simulation
import Testing

/// Random operations on the index and on a naive one, compared at every step.
@Suite struct SubscriptionIndexModelTests {
    /// What the random operations draw from.
    struct Workload: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var seed: UInt64
        var alphabet: [UInt8]
        var topicByteCountMax = 12
        var subscriberCount: UInt32
        var operationCount: Int
    }

    static let workloads = [
        Workload(
            testDescription: "two letters, deep",
            seed: 1,
            alphabet: [0x61, 0x62],
            subscriberCount: 6,
            operationCount: 7_000
        ),
        Workload(
            testDescription: "three letters, many subscribers",
            seed: 2,
            alphabet: [0x00, 0x80, 0xFF],
            topicByteCountMax: 6,
            subscriberCount: 300,
            operationCount: 7_000
        ),
        Workload(
            testDescription: "all bytes, wide",
            seed: 3,
            alphabet: Array(UInt8.min...UInt8.max),
            topicByteCountMax: 2,
            subscriberCount: 40,
            operationCount: 5_000
        ),
        Workload(
            testDescription: "one letter, a chain",
            seed: 4,
            alphabet: [0x2E],
            topicByteCountMax: 40,
            subscriberCount: 100,
            operationCount: 5_000
        ),
    ]

    @Test(arguments: workloads)
    func `the index does what the naive one does`(workload: Workload) {
        var run = ModelRun(seed: workload.seed)
        for step in 0..<workload.operationCount {
            let length = Int.random(in: 0...workload.topicByteCountMax, using: &run.random)
            let topic = (0..<length).map { _ in run.pick(workload.alphabet) }
            let subscriber = UInt32.random(in: 0..<workload.subscriberCount, using: &run.random)
            run.perform(topic: topic, subscriber: subscriber)
            if step % 1_000 == 0 { run.compareEverything() }
            guard run.isRight else { break }
        }
        run.compareEverything()
        run.removeEverybody(below: workload.subscriberCount)
        let difference = run.firstDifference
        #expect(difference.isEmpty, "\(workload): seed \(workload.seed), \(difference)")
    }

    // A recursive trie overflows its stack on topics like these.
    @Test(arguments: [11, 12] as [UInt64])
    func `topics of 70,000 bytes`(seed: UInt64) {
        var run = ModelRun(seed: seed)
        let trunk = (0..<70_000).map { _ in run.pick([1, 2, 3] as [UInt8]) }
        let cuts = (0..<12).map { _ in Int.random(in: 0...trunk.count, using: &run.random) }
        for _ in 0..<150 where run.isRight {
            var topic = Array(trunk[..<run.pick(cuts)])
            if Bool.random(using: &run.random) { topic += [run.pick([1, 2, 3, 4])] }
            run.perform(
                topic: topic,
                subscriber: .random(in: 0..<4, using: &run.random),
                probing: topic
            )
        }
        run.compareEverything()
        run.removeEverybody(below: 4)
        let difference = run.firstDifference
        #expect(difference.isEmpty, "seed \(seed), \(difference)")
    }

    // One byte more each time: every node is the only child of the one above.
    @Test func `a chain of 2,000 nested topics`() {
        var index = SubscriptionIndex()
        let trunk = [UInt8](repeating: 0x61, count: 2_000)
        for count in 0...trunk.count { _ = index.subscribe(Array(trunk[..<count]), by: 0) }
        #expect(index.match(trunk).map { index.topic(of: $0) } == trunk)
        var expected = 0
        var isInOrder = true
        index.forEachTopic {
            isInOrder = isInOrder && $0.count == expected
            expected += 1
        }
        #expect(isInOrder && expected == 2_001)
        #expect(index.remove(0).count == 2_001)
        #expect(index.topicCount == 0)
    }
}

/// One random run. It remembers the first difference instead of failing at every step.
private struct ModelRun: ~Copyable {
    var random: SeededGenerator
    private var index = SubscriptionIndex(cachedSubscriberCountMax: 200)
    private var model = NaiveIndex()
    /// The terminals seen, which must not change while their topic is held.
    private var terminals: [[UInt8]: TerminalID] = [:]
    /// The latest subscriptions: random topics alone are rarely held, and hardly ever cancelled.
    private var recent: [(topic: [UInt8], subscriber: UInt32)] = []
    private(set) var firstDifference = ""

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    var isRight: Bool { firstDifference.isEmpty }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &random)]
    }

    mutating func perform(topic: [UInt8], subscriber: UInt32, probing message: [UInt8]? = nil) {
        switch Int.random(in: 0..<1_000, using: &random) {
        case ..<450:
            let expected = model.subscribe(topic, by: subscriber)
            check(index.subscribe(topic, by: subscriber) == expected, "subscribe \(expected)")
            checkTerminal(of: topic)
            if recent.count == 32 { recent.removeFirst() }
            recent.append((topic, subscriber))
        case ..<650:
            checkCancel(topic, subscriber)
        case ..<750:
            let (topic, subscriber) = recent.isEmpty ? (topic, subscriber) : pick(recent)
            checkCancel(topic, subscriber)
        case ..<755:
            checkRemoval(of: subscriber)
        default:
            checkMatch(message ?? topic + [pick(topic.isEmpty ? [0] : topic)])
        }
        check(index.topicCount == model.holders.count, "topicCount")
    }

    mutating func compareEverything() {
        check(index.topics == model.topics, "forEachTopic")
        check(index.subscriptionCount == model.pairCount, "subscriptionCount")
        for subscriber in 0..<UInt32(8) {
            let topics = model.topics(of: subscriber)
            check(
                index.subscriptionCount(of: SubscriberID(subscriber)) == topics.count,
                "subscriptionCount(of: \(subscriber))"
            )
            check(
                index.topics(of: subscriber).sorted(by: precedes) == topics,
                "forEachTopic(of: \(subscriber))"
            )
        }
        for topic in model.topics {
            checkTerminal(of: topic)
            checkMatch(topic)
        }
    }

    mutating func removeEverybody(below subscriberCount: UInt32) {
        for subscriber in (0..<subscriberCount).shuffled(using: &random) {
            checkRemoval(of: subscriber)
        }
        check(index.topicCount == 0 && index.subscriptionCount == 0, "empty at the end")
    }

    private mutating func checkCancel(_ topic: [UInt8], _ subscriber: UInt32) {
        let expected = model.cancel(topic, by: subscriber)
        check(index.cancel(topic, by: subscriber) == expected, "cancel \(expected)")
        if expected == .lastForTopic { terminals[topic] = nil }
    }

    private mutating func checkRemoval(of subscriber: UInt32) {
        let expected = model.remove(subscriber)
        let reported = index.remove(subscriber).sorted(by: precedes)
        check(reported == expected, "removeSubscriber(\(subscriber))")
        for topic in expected { terminals[topic] = nil }
    }

    private mutating func checkTerminal(of topic: [UInt8]) {
        guard let terminal = index.match(topic), index.topic(of: terminal) == topic else {
            return check(false, "a held topic does not match itself")
        }
        if let known = terminals[topic] { check(terminal == known, "a terminal changed its id") }
        terminals[topic] = terminal
    }

    private mutating func checkMatch(_ message: [UInt8]) {
        let terminal = index.match(message)
        check(terminal.map { index.topic(of: $0) } == model.prefixes(of: message).last, "match")
        check(index.subscribers(of: message) == model.matchedSet(of: message), "matchedSet")
    }

    private mutating func check(_ isTrue: Bool, _ what: String) {
        if !isTrue, isRight { firstDifference = what }
    }
}
