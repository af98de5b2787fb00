/// What the messages that a target had say of its subscriptions, where these were made before the capture began.
///
/// A topic that came before and after a message shows that its subscription stood when the message passed. A subscription is
/// a prefix, so whatever begins with a whole topic that came is subscribed to as well:
///
///     came        wx    wx.oslo          wx        wx.oslo
///     missing                   wx.oslo     wx.rome       news
///                                 yes         yes       unknown
struct DeliveredTopics {
    private struct Key: Hashable {
        var topic: TopicPrefix
        var block: Int
    }

    /// The first and the last message with a topic that is surely known.
    private var spans: [Key: ClosedRange<Int>] = [:]

    init(of target: VerdictTarget, _ matching: MessageMatching) {
        let starts = matching.blockStarts
        var block = 0
        for message in 0..<matching.count {
            while block + 1 < starts.count, starts[block + 1] <= message { block += 1 }
            guard target.wasSeen(message), target.isTimed || !matching.matcher.isRepeated(message)
            else { continue }
            let topic = matching.topic(of: message)
            guard topic.isIdentity else { continue }
            let key = Key(topic: topic, block: block)
            let first = spans[key]?.lowerBound ?? message
            spans[key] = first...message
        }
    }

    /// Whether a message with this topic would have come.
    func isSubscribed(_ topic: TopicPrefix, _ message: Int, block: Int) -> Bool {
        if topic.isIdentity, contains(topic, message, block) { return true }
        for count in 0...Int(topic.count) where contains(topic.prefix(count), message, block) {
            return true
        }
        return false
    }

    private func contains(_ topic: TopicPrefix, _ message: Int, _ block: Int) -> Bool {
        guard let span = spans[Key(topic: topic, block: block)] else { return false }
        return span.lowerBound < message && message < span.upperBound
    }
}
