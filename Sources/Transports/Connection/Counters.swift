public import Vocabulary

/// Messages and octets that went one way.
public struct TrafficCount: Equatable, Sendable {
    public var messageCount = 0
    public var byteCount = 0

    public init() {}

    package init(messageCount: Int, byteCount: Int) {
        self.messageCount = messageCount
        self.byteCount = byteCount
    }

    mutating func add(_ other: TrafficCount) {
        messageCount += other.messageCount
        byteCount += other.byteCount
    }
}

/// What became of the messages meant for one peer.
///
///     taken ──▶ queued ──▶ sent: handed to the stream
///                 └──────▶ dropped, under a reason
public struct OutboxCounters: Equatable, Sendable {
    /// All that were given to be sent.
    public var takenMessageCount = 0
    public var sentMessageCount = 0
    public var sentByteCount = 0
    public var drops = DropCounts()
    public var droppedByteCount = 0

    public init() {}

    public var droppedMessageCount: Int { drops.total }

    /// Taken, and neither sent nor dropped.
    public var queuedMessageCount: Int {
        takenMessageCount - sentMessageCount - droppedMessageCount
    }

    package mutating func drop(_ count: TrafficCount, _ reason: DropReason) {
        drops.add(count.messageCount, reason)
        droppedByteCount += count.byteCount
    }

    package mutating func add(_ other: OutboxCounters) {
        takenMessageCount += other.takenMessageCount
        sentMessageCount += other.sentMessageCount
        sentByteCount += other.sentByteCount
        drops.add(other.drops)
        droppedByteCount += other.droppedByteCount
    }
}
