import DataPlane
import NIOCore
import Patterns
import Transports
import Vocabulary
import Wire

/// The subscribers of a publisher: what each holds, and who gets a message. Confined to the publisher's loop.
struct Audience: ~Copyable {
    private var index = SubscriptionIndex()
    private let limit: SubscriptionLimit
    /// Whether a subscription says what is not wanted (`ZMQ_INVERT_MATCHING`).
    private let inverts: Bool
    /// Where matching is inverted: all subscribers, in ascending order.
    private var members: [SubscriberID] = []
    /// Who gets the next message alone.
    private var last: SubscriberID?
    /// Subscribers that have any subscription.
    private(set) var activeCount = 0

    init(limit: SubscriptionLimit, inverts: Bool) {
        self.limit = limit
        self.inverts = inverts
    }

    /// Distinct topics that somebody holds.
    var topicCount: Int { index.topicCount }

    /// How many get a message that begins with the topic; `nil`: how many have any subscription.
    mutating func count(to topic: [UInt8]?) -> Int {
        guard let topic else { return activeCount }
        let terminal = topic.withUnsafeBytes { index.match($0) }
        let matchedCount = terminal.map { index.matchedSet(of: $0).count } ?? 0
        return inverts ? members.count - matchedCount : matchedCount
    }

    mutating func enter(_ id: SubscriberID) {
        if inverts { members.insert(id, at: place(of: id)) }
    }

    /// The subscriber is gone; `onLastForTopic` is called with every topic that nobody holds any more.
    mutating func remove(
        _ id: SubscriberID,
        onLastForTopic: (UnsafeRawBufferPointer) -> Void
    ) {
        if index.subscriptionCount(of: id) > 0 { activeCount -= 1 }
        index.removeSubscriber(id, onLastForTopic: onLastForTopic)
        if last == id { last = nil }
        if inverts { members.remove(at: place(of: id)) }
    }

    /// Where a subscriber stands, or would stand, among all of them.
    private func place(of id: SubscriberID) -> Int {
        members.firstIndex { $0.rawValue >= id.rawValue } ?? members.count
    }

    /// Enters a subscription, or takes it out.
    mutating func change(
        _ topic: UnsafeRawBufferPointer,
        isSubscribe: Bool,
        by id: SubscriberID
    ) -> InterestChange {
        let before = index.subscriptionCount(of: id)
        let outcome = index.handle(topic, isSubscribe: isSubscribe, by: id, limit: limit)
        activeCount += min(index.subscriptionCount(of: id), 1) - min(before, 1)
        return outcome
    }

    /// The next message is for this subscriber alone, if it wants it.
    mutating func setLast(_ id: SubscriberID) {
        last = id
    }

    /// Delivers each message to who wants it. Gives how many messages nobody wanted.
    mutating func distribute(
        _ chunk: SendQueue.Chunk,
        through fanOut: FanOut,
        policy: OverflowPolicy
    ) -> Int {
        if let id = last.take() {
            let (first, rest) = chunk.split()
            let isWanted = deliver(first, toOnly: id, through: fanOut, policy: policy)
            let unwantedCount =
                rest.map { distribute($0, through: fanOut, policy: policy) } ?? 0
            return (isWanted ? 0 : 1) + unwantedCount
        }
        guard inverts else {
            return fanOut.distribute(
                chunk.buffer,
                messageCount: chunk.messageCount,
                by: &index,
                policy: policy
            )
        }
        return distributeInverted(chunk, through: fanOut, policy: policy)
    }

    private mutating func deliver(
        _ chunk: SendQueue.Chunk,
        toOnly id: SubscriberID,
        through fanOut: FanOut,
        policy: OverflowPolicy
    ) -> Bool {
        chunk.buffer.withUnsafeReadableBytes { bytes in
            var walker = MessageWalker(bytes)
            guard walker.next() else { return false }
            let terminal = index.match(UnsafeRawBufferPointer(rebasing: bytes[walker.topic]))
            let isMatch = terminal.map { index.matchedSet(of: $0).contains(id) } ?? false
            guard isMatch != inverts else { return false }
            Self.deliver(chunk.buffer, bytes, walker, to: [id], fanOut, policy)
            return true
        }
    }

    private mutating func distributeInverted(
        _ chunk: SendQueue.Chunk,
        through fanOut: FanOut,
        policy: OverflowPolicy
    ) -> Int {
        chunk.buffer.withUnsafeReadableBytes { bytes in
            var walker = MessageWalker(bytes)
            var unwantedCount = 0
            while walker.next() {
                let topic = UnsafeRawBufferPointer(rebasing: bytes[walker.topic])
                var receivers = members
                if let terminal = index.match(topic) {
                    receivers = SubscriberID.difference(
                        of: members,
                        without: index.matchedSet(of: terminal)
                    )
                }
                if receivers.isEmpty { unwantedCount += 1 }
                Self.deliver(chunk.buffer, bytes, walker, to: receivers, fanOut, policy)
            }
            return unwantedCount
        }
    }

    private static func deliver(
        _ buffer: ByteBuffer,
        _ bytes: UnsafeRawBufferPointer,
        _ walker: MessageWalker,
        to ids: [SubscriberID],
        _ fanOut: FanOut,
        _ policy: OverflowPolicy
    ) {
        ids.withUnsafeBufferPointer {
            fanOut.deliver(
                buffer,
                bytes,
                walker.start..<walker.end,
                messageCount: 1,
                policy: policy,
                to: $0
            )
        }
    }
}

extension SendQueue.Chunk {
    /// The first message, and all that follow it.
    fileprivate func split() -> (first: SendQueue.Chunk, rest: SendQueue.Chunk?) {
        guard messageCount > 1 else { return (self, nil) }
        let byteCount = buffer.withUnsafeReadableBytes {
            MessageWalker.byteCount(ofFirst: 1, in: $0)
        }
        return (
            SendQueue.Chunk(buffer: buffer.slice(0..<byteCount), messageCount: 1),
            SendQueue.Chunk(
                buffer: buffer.slice(byteCount..<buffer.readableBytes),
                messageCount: messageCount - 1
            )
        )
    }
}
