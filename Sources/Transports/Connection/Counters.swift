/// Messages and octets that went one way.
public struct TrafficCount: Equatable, Sendable {
    public var messageCount = 0
    public var byteCount = 0

    public init() {}
}

/// What became of the messages meant for one peer.
public struct OutboxCounters: Equatable, Sendable {
    public var sentMessageCount = 0
    public var sentByteCount = 0
    public var droppedMessageCount = 0
    public var droppedByteCount = 0

    public init() {}

    package mutating func add(_ other: OutboxCounters) {
        sentMessageCount += other.sentMessageCount
        sentByteCount += other.sentByteCount
        droppedMessageCount += other.droppedMessageCount
        droppedByteCount += other.droppedByteCount
    }
}
