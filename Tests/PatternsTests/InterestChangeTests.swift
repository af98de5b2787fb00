import Patterns
import Simulation
import Testing

/// What a publisher's side makes of subscriptions and cancellations, and what one subscriber may hold.
@Suite struct InterestChangeTests {
    private static func handle(
        _ index: inout SubscriptionIndex,
        _ topic: String,
        isSubscribe: Bool = true,
        by subscriber: UInt32 = 0,
        limit: SubscriptionLimit = SubscriptionLimit()
    ) -> InterestChange {
        Array(topic.utf8).withUnsafeBytes {
            index.handle($0, isSubscribe: isSubscribe, by: SubscriberID(subscriber), limit: limit)
        }
    }

    @Test func `the first subscription and the last cancellation concern the topic`() {
        var index = SubscriptionIndex()
        #expect(Self.handle(&index, "a", by: 1) == .topic)
        #expect(Self.handle(&index, "a", by: 2) == .subscriber)
        #expect(Self.handle(&index, "a", by: 2) == .repeated)
        #expect(Self.handle(&index, "a", isSubscribe: false, by: 2) == .subscriber)
        #expect(Self.handle(&index, "a", isSubscribe: false, by: 2) == .none)
        #expect(Self.handle(&index, "a", isSubscribe: false, by: 1) == .topic)
        #expect(Self.handle(&index, "a", isSubscribe: false, by: 1) == .none)
    }

    @Test func `a subscriber may hold so many topics and no more`() {
        var index = SubscriptionIndex()
        let limit = SubscriptionLimit(topicCount: 2)
        #expect(Self.handle(&index, "a", limit: limit) == .topic)
        #expect(Self.handle(&index, "b", limit: limit) == .topic)
        // Once more is not one more.
        #expect(Self.handle(&index, "b", limit: limit) == .repeated)
        // Others have limits of their own.
        #expect(Self.handle(&index, "c", by: 1, limit: limit) == .topic)
        #expect(Self.handle(&index, "a", isSubscribe: false, limit: limit) == .topic)
        #expect(Self.handle(&index, "c", limit: limit) == .subscriber)
        #expect(Self.handle(&index, "d", limit: limit) == .overLimit)
    }

    @Test func `a subscriber may hold so many octets of topics and no more`() {
        var index = SubscriptionIndex()
        let limit = SubscriptionLimit(byteCount: 10)
        #expect(Self.handle(&index, "12345", limit: limit) == .topic)
        #expect(Self.handle(&index, "54321", limit: limit) == .topic)
        #expect(Self.handle(&index, "54321", limit: limit) == .repeated)
        #expect(Self.handle(&index, "", limit: limit) == .topic)
        #expect(Self.handle(&index, "6", limit: limit) == .overLimit)
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func `the octets held are those of the topics held`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var index = SubscriptionIndex()
        var held: [Set<String>] = [[], [], []]
        for _ in 0..<3_000 {
            let subscriber = Int.random(in: 0..<3, using: &generator)
            if Int.random(in: 0..<500, using: &generator) == 0 {
                index.removeSubscriber(SubscriberID(UInt32(subscriber))) { _ in }
                held[subscriber] = []
            }
            let letter = ["x", "yy", ""].randomElement(using: &generator) ?? ""
            let count = Int.random(in: 0..<12, using: &generator)
            let topic = String(repeating: letter, count: count)
            let isSubscribe = Bool.random(using: &generator)
            _ = Self.handle(&index, topic, isSubscribe: isSubscribe, by: UInt32(subscriber))
            if isSubscribe {
                held[subscriber].insert(topic)
            } else {
                held[subscriber].remove(topic)
            }
            let byteCount = held[subscriber].reduce(0) { $0 + $1.utf8.count }
            let id = SubscriberID(UInt32(subscriber))
            #expect(index.topicByteCount(of: id) == byteCount, "seed \(seed)")
            #expect(index.subscriptionCount(of: id) == held[subscriber].count, "seed \(seed)")
        }
    }
}
