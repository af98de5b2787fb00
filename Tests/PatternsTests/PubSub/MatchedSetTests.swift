import Patterns
import Simulation
import Testing

@Suite struct MatchedSetTests {
    @Test func `a set follows every change on its path`() {
        var index = SubscriptionIndex()
        _ = index.subscribe("a.b.c", by: 5)
        #expect(index.subscribers(of: "a.b.c") == [5])
        _ = index.subscribe("a.", by: 2)
        #expect(index.subscribers(of: "a.b.c") == [2, 5])
        _ = index.subscribe("", by: 9)
        #expect(index.subscribers(of: "a.b.c") == [2, 5, 9])
        _ = index.subscribe("a.b.c", by: 0)
        #expect(index.subscribers(of: "a.b.c") == [0, 2, 5, 9])
        _ = index.cancel("a.", by: 2)
        #expect(index.subscribers(of: "a.b.c") == [0, 5, 9])
        _ = index.remove(9)
        #expect(index.subscribers(of: "a.b.c") == [0, 5])
    }

    // The node whose subscribers changed is merged away before the set below is asked for again.
    @Test func `a set notices a change at a node that is no longer there`() {
        var index = SubscriptionIndex()
        _ = index.subscribe("ab", by: 1)
        _ = index.subscribe("abcd", by: 2)
        _ = index.subscribe("abcd", by: 3)
        _ = index.subscribe("", by: 4)
        #expect(index.subscribers(of: "abcd") == [1, 2, 3, 4])
        #expect(index.cancel("ab", by: 1) == .lastForTopic)
        #expect(index.subscribers(of: "abcd") == [2, 3, 4])
    }

    @Test func `a branch keeps its history until it is merged`() {
        var index = SubscriptionIndex()
        _ = index.subscribe("", by: 0)
        _ = index.subscribe("ab", by: 1)
        _ = index.subscribe("abc", by: 2)
        _ = index.subscribe("abd", by: 3)
        #expect(index.subscribers(of: "abc") == [0, 1, 2])
        // "ab" stays as a branch without subscribers, then "abc" swallows it.
        _ = index.cancel("ab", by: 1)
        _ = index.cancel("abd", by: 3)
        #expect(index.subscribers(of: "abc") == [0, 2])
    }

    @Test func `a change elsewhere leaves a set where it is`() {
        var index = SubscriptionIndex()
        _ = index.subscribe("", by: 0)
        _ = index.subscribe("a", by: 1)
        _ = index.subscribe("b", by: 2)
        guard let terminal = index.match([0x61]) else {
            Issue.record("no match")
            return
        }
        let before = index.matchedSet(of: terminal).baseAddress
        _ = index.subscribe("b", by: 3)
        _ = index.subscribe("c", by: 3)
        #expect(index.matchedSet(of: terminal).baseAddress == before)
        #expect(index.matchedSet(of: terminal).map(\.rawValue) == [0, 1])
    }

    @Test func `a terminal's set is not inherited by the next topic with its id`() {
        var index = SubscriptionIndex()
        _ = index.subscribe("", by: 0)
        _ = index.subscribe("a", by: 1)
        let first = index.match([0x61])
        #expect(index.subscribers(of: "a") == [0, 1])
        _ = index.cancel("a", by: 1)
        _ = index.subscribe("b", by: 2)
        #expect(index.match([0x62]) == first)
        #expect(index.subscribers(of: "b") == [0, 2])
    }

    @Test(arguments: [21, 22] as [UInt64])
    func `thousands of subscribers on one topic, in any order`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var index = SubscriptionIndex()
        let ids = (0..<UInt32(8_000)).shuffled(using: &random)
        var held: Set<UInt32> = []
        for (step, id) in ids.enumerated() {
            _ = index.subscribe("x", by: id)
            held.insert(id)
            if step % 1_501 == 0 { #expect(index.subscribers(of: "x") == held.sorted(), "\(seed)") }
        }
        #expect(index.subscribers(of: "x") == Array(0..<8_000))
        for (step, id) in ids.shuffled(using: &random).enumerated() {
            _ =
                step % 2 == 0
                ? index.cancel("x", by: id) == .lastForSubscriber : index.remove(id) == []
            held.remove(id)
            if step % 1_501 == 0 { #expect(index.subscribers(of: "x") == held.sorted(), "\(seed)") }
        }
        #expect(index.topicCount == 0)
    }

    // Dense ids are kept as bits; far ones must not blow the bits up.
    @Test func `a set with ids far apart stays small`() {
        var index = SubscriptionIndex()
        for id in 0..<UInt32(64) { _ = index.subscribe("x", by: id) }
        let dense = index.storageByteCount
        _ = index.subscribe("y", by: 1_000_000)
        let withFarSubscriber = index.storageByteCount
        _ = index.subscribe("x", by: 1_000_000)
        #expect(index.storageByteCount - withFarSubscriber < dense)
        #expect(index.subscribers(of: "x") == Array(0..<64) + [1_000_000])
        _ = index.cancel("x", by: 1_000_000)
        #expect(index.subscribers(of: "x") == Array(0..<64))
    }

    @Test func `the cached sets stay within their bound`() {
        var index = SubscriptionIndex(cachedSubscriberCountMax: 1_000)
        for id in 0..<UInt32(200) { _ = index.subscribe("", by: id) }
        for topic in 0..<UInt32(100) { _ = index.subscribe("t\(topic).", by: topic + 200) }
        #expect(index.subscribers(of: "t7.") == Array(0..<200) + [207])
        let before = index.storageByteCount
        for round in 0..<3 {
            for topic in 0..<UInt32(100) {
                #expect(
                    index.subscribers(of: "t\(topic).") == Array(0..<200) + [topic + 200],
                    "round \(round)"
                )
            }
        }
        #expect(index.storageByteCount - before <= 1_000 * 4 + 1_024)
    }

    @Test func `one set larger than the bound is still served`() {
        var index = SubscriptionIndex(cachedSubscriberCountMax: 10)
        for id in 0..<UInt32(100) { _ = index.subscribe("", by: id) }
        _ = index.subscribe("a", by: 100)
        #expect(index.subscribers(of: "a") == Array(0...100))
        #expect(index.subscribers(of: "b") == Array(0..<100))
        #expect(index.subscribers(of: "a") == Array(0...100))
    }
}
