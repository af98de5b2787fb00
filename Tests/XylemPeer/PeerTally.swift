import ZeroMQ

/// What was received: count, octets, the order of sequence numbers, and what was lost and said so.
struct PeerTally: Sendable {
    private(set) var count = 0
    private(set) var byteCount = 0
    private(set) var first: UInt64?
    private(set) var last: UInt64?
    private(set) var missingCount: UInt64 = 0
    private(set) var outOfOrderCount = 0
    private(set) var damagedCount = 0
    private(set) var otherCount = 0

    mutating func handle(_ message: Message, topic: [UInt8]) {
        guard let sequence = NumberedMessage.sequence(of: message, topic: topic) else {
            otherCount += 1
            return
        }
        count += 1
        byteCount += message.byteCount
        if !NumberedMessage.isIntact(message, sequence: sequence, topic: topic) {
            damagedCount += 1
        }
        if let last, sequence <= last {
            outOfOrderCount += 1
            return
        }
        if let last { missingCount += sequence - last - 1 }
        if first == nil { first = sequence }
        last = sequence
    }

    /// The fields of a `received` event.
    var received: PeerNotice {
        PeerNotice(
            event: "received",
            count: count,
            bytes: byteCount,
            first: first,
            last: last,
            inOrder: outOfOrderCount == 0,
            missing: missingCount,
            outOfOrder: outOfOrderCount,
            damaged: damagedCount,
            other: otherCount
        )
    }
}
