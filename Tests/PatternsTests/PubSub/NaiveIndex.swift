import Glibc
import Patterns

/// What a `SubscriptionIndex` means, written as plainly as possible.
struct NaiveIndex {
    /// For every topic held, how often each subscriber has subscribed.
    private(set) var counts: [[UInt8]: [UInt32: Int]] = [:]

    mutating func subscribe(_ topic: [UInt8], by subscriber: UInt32) -> SubscribeOutcome {
        let outcome: SubscribeOutcome =
            if counts[topic] == nil {
                .firstForTopic
            } else if counts[topic]?[subscriber] == nil {
                .firstForSubscriber
            } else {
                .repeated
            }
        counts[topic, default: [:]][subscriber, default: 0] += 1
        return outcome
    }

    mutating func cancel(_ topic: [UInt8], by subscriber: UInt32) -> CancelOutcome {
        guard let count = counts[topic]?[subscriber] else { return .notHeld }
        if count > 1 {
            counts[topic]?[subscriber] = count - 1
            return .stillHeld
        }
        counts[topic]?[subscriber] = nil
        guard counts[topic]?.isEmpty == true else { return .lastForSubscriber }
        counts[topic] = nil
        return .lastForTopic
    }

    /// Returns the topics nobody holds any more, sorted.
    mutating func remove(_ subscriber: UInt32) -> [[UInt8]] {
        var gone: [[UInt8]] = []
        for topic in topics(of: subscriber) {
            counts[topic]?[subscriber] = nil
            if counts[topic]?.isEmpty == true {
                counts[topic] = nil
                gone.append(topic)
            }
        }
        return gone
    }

    /// All topics held, sorted.
    var topics: [[UInt8]] { counts.keys.sorted(by: precedes) }

    func topics(of subscriber: UInt32) -> [[UInt8]] {
        counts.filter { $0.value[subscriber] != nil }.keys
            .sorted(by: precedes)
    }

    var pairCount: Int { counts.values.reduce(0) { $0 + $1.count } }

    /// The topics held that begin the message, shortest first.
    func prefixes(of message: [UInt8]) -> [[UInt8]] {
        // Whichever is less work: trying every prefix, or every topic.
        guard message.count > counts.count else {
            return (0...message.count).map { Array(message[..<$0]) }.filter { counts[$0] != nil }
        }
        return counts.keys.filter { begins(message, with: $0) }.sorted { $0.count < $1.count }
    }

    func matchedSet(of message: [UInt8]) -> [UInt32] {
        var subscribers: Set<UInt32> = []
        for topic in prefixes(of: message) { subscribers.formUnion((counts[topic] ?? [:]).keys) }
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
