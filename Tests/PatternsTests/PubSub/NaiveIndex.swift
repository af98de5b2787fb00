import Glibc
import Patterns

/// What a `SubscriptionIndex` means, written as plainly as possible.
struct NaiveIndex {
    /// For every topic held, who holds it.
    private(set) var holders: [[UInt8]: Set<UInt32>] = [:]

    mutating func subscribe(_ topic: [UInt8], by subscriber: UInt32) -> SubscribeOutcome {
        let outcome: SubscribeOutcome =
            if holders[topic] == nil {
                .firstForTopic
            } else if holders[topic]?.contains(subscriber) == false {
                .firstForSubscriber
            } else {
                .repeated
            }
        holders[topic, default: []].insert(subscriber)
        return outcome
    }

    mutating func cancel(_ topic: [UInt8], by subscriber: UInt32) -> CancelOutcome {
        guard holders[topic]?.remove(subscriber) != nil else { return .notHeld }
        guard holders[topic]?.isEmpty == true else { return .lastForSubscriber }
        holders[topic] = nil
        return .lastForTopic
    }

    /// Returns the topics nobody holds any more, sorted.
    mutating func remove(_ subscriber: UInt32) -> [[UInt8]] {
        var gone: [[UInt8]] = []
        for topic in topics(of: subscriber) {
            holders[topic]?.remove(subscriber)
            if holders[topic]?.isEmpty == true {
                holders[topic] = nil
                gone.append(topic)
            }
        }
        return gone
    }

    /// All topics held, sorted.
    var topics: [[UInt8]] { holders.keys.sorted(by: precedes) }

    func topics(of subscriber: UInt32) -> [[UInt8]] {
        holders.filter { $0.value.contains(subscriber) }.keys
            .sorted(by: precedes)
    }

    var pairCount: Int { holders.values.reduce(0) { $0 + $1.count } }

    /// The topics held that begin the message, shortest first.
    func prefixes(of message: [UInt8]) -> [[UInt8]] {
        // Whichever is less work: trying every prefix, or every topic.
        guard message.count > holders.count else {
            return (0...message.count).map { Array(message[..<$0]) }.filter { holders[$0] != nil }
        }
        return holders.keys.filter { begins(message, with: $0) }.sorted { $0.count < $1.count }
    }

    func matchedSet(of message: [UInt8]) -> [UInt32] {
        var subscribers: Set<UInt32> = []
        for topic in prefixes(of: message) { subscribers.formUnion(holders[topic] ?? []) }
        return subscribers.sorted()
    }
}

/// Byte order. The standard library's own comparison takes a millisecond for a long topic in a
/// debug build.
func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    let order = memcmp(left, right, min(left.count, right.count))
    return order == 0 ? left.count < right.count : order < 0
}

private func begins(_ message: [UInt8], with topic: [UInt8]) -> Bool {
    message.count >= topic.count && memcmp(message, topic, topic.count) == 0
}
