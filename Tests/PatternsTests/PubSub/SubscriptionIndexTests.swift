import Patterns
import Simulation
import Testing

@Suite struct SubscriptionIndexTests {
    @Test func `a new index matches nothing`() {
        var index = SubscriptionIndex()
        #expect(index.match(Array("a".utf8)) == nil)
        #expect(index.match([]) == nil)
        #expect(index.topics.isEmpty)
        #expect(index.remove(3).isEmpty)
        #expect(index.cancel("a", by: 3) == .notHeld)
        #expect(index.cancel("", by: 3) == .notHeld)
    }

    @Test func `the empty topic matches every message`() {
        var index = SubscriptionIndex()
        #expect(index.subscribe("", by: 2) == .firstForTopic)
        #expect(index.subscribers(of: "") == [2])
        #expect(index.subscribers(of: "anything") == [2])
        #expect(index.topics == [[]])
        #expect(index.cancel("", by: 2) == .lastForTopic)
        #expect(index.match([]) == nil)
    }

    @Test func `a topic is a prefix of bytes, not of words`() {
        var index = SubscriptionIndex()
        _ = index.subscribe("weather.os", by: 0)
        #expect(index.subscribers(of: "weather.oslo") == [0])
        #expect(index.subscribers(of: "weather.os") == [0])
        #expect(index.subscribers(of: "weather.o") == [])
        #expect(index.subscribers(of: "weather.or") == [])
    }

    @Test func `the deepest topic names the matched set of the whole path`() {
        var index = SubscriptionIndex()
        _ = index.subscribe("md.eurusd", by: 1)
        _ = index.subscribe("md.", by: 4)
        _ = index.subscribe("", by: 0)
        _ = index.subscribe("md.", by: 1)
        #expect(index.matchedTopic(of: "md.eurusd 1.08") == "md.eurusd")
        #expect(index.subscribers(of: "md.eurusd 1.08") == [0, 1, 4])
        #expect(index.matchedTopic(of: "md.eurchf") == "md.")
        #expect(index.subscribers(of: "md.eurchf") == [0, 1, 4])
        #expect(index.matchedTopic(of: "news") == "")
        #expect(index.subscribers(of: "news") == [0])
    }

    // As libzmq's XPUB holds them; 37/ZMTP would count.
    @Test func `a topic is held once however often it is asked for`() {
        var index = SubscriptionIndex()
        #expect(index.subscribe("a", by: 0) == .firstForTopic)
        #expect(index.subscribe("a", by: 0) == .repeated)
        #expect(index.subscribe("a", by: 1) == .firstForSubscriber)
        #expect(index.subscribe("a", by: 1) == .repeated)
        #expect(index.subscriptionCount == 2)
        #expect(index.cancel("a", by: 0) == .lastForSubscriber)
        #expect(index.cancel("a", by: 0) == .notHeld)
        #expect(index.cancel("a", by: 1) == .lastForTopic)
        #expect(index.topicCount == 0)
    }

    // zeromq/libzmq#2942: a cancel whose subscription was lost crashed the publisher.
    @Test(arguments: ["", "a", "ab", "abc", "abd", "abcd", "b"])
    func `a cancel of what is not held is ignored`(topic: String) {
        var index = SubscriptionIndex()
        _ = index.subscribe("abc", by: 0)
        _ = index.subscribe("abd", by: 0)
        #expect(index.cancel(topic, by: 1) == .notHeld)
        if topic != "abc", topic != "abd" { #expect(index.cancel(topic, by: 0) == .notHeld) }
        #expect(index.topicCount == 2)
        #expect(index.topics == [Array("abc".utf8), Array("abd".utf8)])
    }

    @Test func `a terminal keeps its id while its edge is split and merged`() {
        var index = SubscriptionIndex()
        _ = index.subscribe("abcdefghijklmnop", by: 0)
        let terminal = index.match(Array("abcdefghijklmnop".utf8))
        for topic in ["abcdefghijklmn", "abc", "abcdefg", "abcx", "", "abcdefghijklmnopq"] {
            _ = index.subscribe(topic, by: 1)
            #expect(index.match(Array("abcdefghijklmnop".utf8)) == terminal)
        }
        #expect(index.remove(1).count == 6)
        #expect(index.match(Array("abcdefghijklmnop".utf8)) == terminal)
        #expect(index.topics == [Array("abcdefghijklmnop".utf8)])
    }

    @Test func `a subscriber's topics come in the order of subscription`() {
        var index = SubscriptionIndex()
        for topic in ["b", "a", "c", "b"] { _ = index.subscribe(topic, by: 0) }
        _ = index.subscribe("d", by: 1)
        _ = index.cancel("a", by: 0)
        _ = index.subscribe("a", by: 0)
        #expect(index.topics(of: 0).map { String(decoding: $0, as: UTF8.self) } == ["b", "a", "c"])
        #expect(index.topics(of: 9) == [])
    }

    @Test func `a subscriber's id can be used again`() {
        var index = SubscriptionIndex()
        _ = index.subscribe("a", by: 0)
        _ = index.subscribe("b", by: 0)
        #expect(Set(index.remove(0)) == [Array("a".utf8), Array("b".utf8)])
        #expect(index.subscriptionCount(of: SubscriberID(0)) == 0)
        #expect(index.subscribe("b", by: 0) == .firstForTopic)
        #expect(index.remove(0) == [Array("b".utf8)])
        #expect(index.remove(0) == [])
    }

    // Every size of child table is passed on the way up and down.
    @Test(arguments: [1, 2] as [UInt64])
    func `a node may have 256 children`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var index = SubscriptionIndex()
        var held: Set<UInt8> = []
        for byte in (UInt8.min...UInt8.max).shuffled(using: &random) {
            #expect(index.subscribe([7, byte], by: 0) == .firstForTopic)
            held.insert(byte)
            for probe in UInt8.min...UInt8.max {
                #expect(
                    (index.match([7, probe, 1]) != nil) == held.contains(probe),
                    "seed \(seed)"
                )
            }
        }
        #expect(index.topics == (0...255).map { [7, UInt8($0)] })
        for byte in (UInt8.min...UInt8.max).shuffled(using: &random) {
            #expect(index.cancel([7, byte], by: 0) == .lastForTopic)
            held.remove(byte)
            #expect(index.topics == held.sorted().map { [7, $0] }, "seed \(seed)")
        }
    }

    @Test func `memory of cancelled topics is used again`() {
        var index = SubscriptionIndex()
        let topic = { (round: Int, item: Int) in Array("topic-\(round)-number-\(item)".utf8) }
        _ = index.subscribe("stays", by: 0)
        var afterFirstRound = 0
        for round in 0..<20 {
            for item in 0..<500 { _ = index.subscribe(topic(round, item), by: 1) }
            for item in 0..<250 { _ = index.cancel(topic(round, item), by: 1) }
            #expect(index.remove(1).count == 250)
            if round == 0 { afterFirstRound = index.storageByteCount }
        }
        #expect(index.storageByteCount <= afterFirstRound)
        #expect(index.topics == [Array("stays".utf8)])
    }

    @Test func `an index that becomes empty gives its memory back`() {
        var index = SubscriptionIndex()
        _ = index.subscribe("", by: 0)
        let small = index.storageByteCount
        for item in 0..<5_000 { _ = index.subscribe("\(item * 7_919)", by: 0) }
        #expect(index.storageByteCount > small * 10)
        _ = index.remove(0)
        #expect(index.storageByteCount <= small)
    }

    @Test func `a subscriber that changes its mind all day keeps a short list`() {
        var index = SubscriptionIndex()
        _ = index.subscribe("stays", by: 0)
        _ = index.subscribe("a", by: 0)
        _ = index.cancel("a", by: 0)
        let atFirst = index.storageByteCount
        for _ in 0..<5_000 {
            _ = index.subscribe("a", by: 0)
            _ = index.cancel("a", by: 0)
        }
        #expect(index.storageByteCount < atFirst + 1_000)
        #expect(index.topics(of: 0) == [Array("stays".utf8)])
    }
}
