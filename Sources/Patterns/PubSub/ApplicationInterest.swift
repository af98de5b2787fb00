/// What the application of a SUB or XSUB has asked for: the topics, and how often each of them.
///
/// ```
///   subscribe "a" ─▶ tell     subscribe "a" ─▶ (twice now)     cancel "a" ─▶ (once)     cancel "a" ─▶ tell
/// ```
///
/// Counting is this side's business, as it is in libzmq: the publisher's holds every topic once for a connection.
public struct ApplicationInterest: ~Copyable {
    private var index = SubscriptionIndex()
    /// How many more times than once. Only looked up, never iterated.
    private var repeatCounts: [[UInt8]: Int] = [:]

    public init() {}

    /// Adds one subscription or takes one back; a cancellation of what was not asked for is ignored.
    ///
    /// - Returns: whether publishers must be told.
    public mutating func handle(_ topic: [UInt8], isSubscribe: Bool) -> Bool {
        change(topic, isSubscribe: isSubscribe) == .topic
    }

    /// The same; gives `topic` for what publishers must be told, `repeated` for what changed only how often the topic is asked for, and `none`.
    public mutating func change(_ topic: [UInt8], isSubscribe: Bool) -> InterestChange {
        if isSubscribe {
            let outcome = topic.withUnsafeBytes { index.subscribe($0, by: Self.application) }
            guard outcome == .repeated else { return .topic }
            repeatCounts[topic, default: 0] += 1
            return .repeated
        }
        if let repeatCount = repeatCounts[topic] {
            repeatCounts[topic] = repeatCount > 1 ? repeatCount - 1 : nil
            return .repeated
        }
        let outcome = topic.withUnsafeBytes { index.cancel($0, by: Self.application) }
        return outcome == .lastForTopic ? .topic : .none
    }

    /// Distinct topics that are asked for.
    public var topicCount: Int { index.topicCount }

    /// Whether every message is wanted and nothing else is asked for.
    public var isEverything: Bool {
        index.topicCount == 1 && isWanted(UnsafeRawBufferPointer(start: nil, count: 0))
    }

    /// Whether a message whose first frame this is was asked for.
    public func isWanted(_ message: UnsafeRawBufferPointer) -> Bool { index.match(message) != nil }

    /// Calls the body with every topic, in lexicographic order of the bytes: what a new publisher must be told. The bytes are
    /// good during the call.
    public func forEachTopic(_ body: (UnsafeRawBufferPointer) -> Void) {
        index.forEachTopic(body)
    }

    private static let application = SubscriberID(0)
}
