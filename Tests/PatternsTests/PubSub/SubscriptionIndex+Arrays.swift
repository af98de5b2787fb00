import Patterns

/// The index with arrays in place of raw buffers, for tests only.
extension SubscriptionIndex {
    mutating func subscribe(_ topic: [UInt8], by subscriber: UInt32) -> SubscribeOutcome {
        topic.withUnsafeBytes { subscribe($0, by: SubscriberID(subscriber)) }
    }

    mutating func cancel(_ topic: [UInt8], by subscriber: UInt32) -> CancelOutcome {
        topic.withUnsafeBytes { cancel($0, by: SubscriberID(subscriber)) }
    }

    /// Returns the topics reported as no longer held, in the order of the reports.
    mutating func remove(_ subscriber: UInt32) -> [[UInt8]] {
        var gone: [[UInt8]] = []
        removeSubscriber(SubscriberID(subscriber)) { gone.append([UInt8]($0)) }
        return gone
    }

    func match(_ message: [UInt8]) -> TerminalID? {
        message.withUnsafeBytes { match($0) }
    }

    mutating func subscribers(of message: [UInt8]) -> [UInt32] {
        guard let terminal = match(message) else { return [] }
        return matchedSet(of: terminal).map(\.rawValue)
    }

    var topics: [[UInt8]] {
        var all: [[UInt8]] = []
        forEachTopic { all.append([UInt8]($0)) }
        return all
    }

    mutating func topics(of subscriber: UInt32) -> [[UInt8]] {
        var all: [[UInt8]] = []
        forEachTopic(of: SubscriberID(subscriber)) { all.append([UInt8]($0)) }
        return all
    }

    // Text is easier to read where the bytes do not matter.

    mutating func subscribe(_ topic: String, by subscriber: UInt32) -> SubscribeOutcome {
        subscribe(Array(topic.utf8), by: subscriber)
    }

    mutating func cancel(_ topic: String, by subscriber: UInt32) -> CancelOutcome {
        cancel(Array(topic.utf8), by: subscriber)
    }

    mutating func subscribers(of message: String) -> [UInt32] {
        subscribers(of: Array(message.utf8))
    }

    func matchedTopic(of message: String) -> String? {
        match(Array(message.utf8)).map { String(decoding: topic(of: $0), as: UTF8.self) }
    }
}
