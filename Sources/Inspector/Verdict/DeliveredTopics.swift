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

    private let order: MessageOrder
    /// The first and the last message with a topic that is surely known.
    private var spans: [Key: ClosedRange<Int>] = [:]

    init(of target: VerdictTarget, _ matching: MessageMatching) {
        order = matching.order
        for message in 0..<matching.count
        where target.wasSeen(message) && (target.isTimed || !matching.matcher.isRepeated(message)) {
            let topic = matching.topic(of: message)
            guard topic.isIdentity else { continue }
            let key = Key(topic: topic, block: order.block(of: message))
            let first = spans[key]?.lowerBound ?? message
            spans[key] = first...message
        }
    }

    /// Whether a message with this topic would have come.
    func isSubscribed(_ topic: TopicPrefix, _ message: Int) -> Bool {
        if topic.isIdentity, contains(topic, message) { return true }
        return (0...Int(topic.count)).contains { contains(topic.prefix($0), message) }
    }

    private func contains(_ topic: TopicPrefix, _ message: Int) -> Bool {
        func span(_ block: Int) -> ClosedRange<Int>? { spans[Key(topic: topic, block: block)] }
        return order.hasEarlier(than: message) { span($0)?.lowerBound }
            && order.hasLater(than: message) { span($0)?.upperBound }
    }
}
