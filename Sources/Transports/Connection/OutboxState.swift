import NIOCore
import Vocabulary

/// What an outbox keeps, without the stream.
///
/// Nothing here calls anybody.
struct OutboxState {
    enum Start {
        case possible
        /// Nothing may be sent, or nothing waits.
        case none(isEmpty: Bool)
    }

    enum RoundEnd {
        /// More has come meanwhile, and the stream takes it.
        case again
        case over(isEmpty: Bool)
        /// Over, and somebody waits for the room that there is now.
        case room
    }

    var queue: OutboundQueue
    var counters = OutboxCounters()
    private var isDraining = false
    var isBlocking = false
    /// Whether somebody asked for room and there was none.
    private var isRoomAwaited = false
    var keepsQueue = false
    /// Whether the stream is gone.
    var isGone = false
    /// Whether what goes first has yet to come.
    var awaitsLeftover = false
    /// Why what comes is dropped, once nothing is kept.
    var ending: DropReason?

    init(queue: OutboundQueue) {
        self.queue = queue
    }

    mutating func wantsPause() -> Bool {
        guard isBlocking else { return false }
        if queue.isHalfEmpty { isBlocking = false }
        return isBlocking
    }

    mutating func asksForRoom() -> Bool {
        if queue.hasRoom { return true }
        isRoomAwaited = true
        return false
    }

    /// Gives whether the queue is over its limit now.
    mutating func take(
        _ buffer: ByteBuffer,
        _ bytes: UnsafeRawBufferPointer,
        _ range: Range<Int>,
        messageCount: Int
    ) -> Bool {
        counters.takenMessageCount += messageCount
        return queue.append(buffer, bytes, range, messageCount: messageCount)
    }

    // MARK: - Draining

    mutating func beginDrain() -> Start {
        // The stream may call back while it flushes.
        guard !isDraining else { return .none(isEmpty: queue.isEmpty) }
        guard !isGone, !awaitsLeftover else {
            queue.settle()
            return .none(isEmpty: queue.isEmpty)
        }
        isDraining = true
        return .possible
    }

    /// What the stream is given next: it counts as sent.
    mutating func next() -> (buffer: ByteBuffer, isWhole: Bool, isLast: Bool)? {
        guard !isGone, let segment = queue.popFirst() else { return nil }
        var isWhole = true
        switch segment.kind {
        case .run(let messageCount):
            counters.sentMessageCount += messageCount
            counters.sentByteCount += segment.byteCount
        case .piece(let isLast):
            isWhole = isLast
            counters.sentByteCount += segment.byteCount
        case .control: break
        }
        return (segment.buffer, isWhole, queue.isEmpty)
    }

    /// The stream has flushed what it was given.
    mutating func endRound(isWritable: Bool) -> RoundEnd {
        if isWritable, !isGone, !queue.isEmpty { return .again }
        isDraining = false
        queue.settle()
        guard isRoomAwaited, !isGone, queue.isHalfEmpty else {
            return .over(isEmpty: queue.isEmpty)
        }
        isRoomAwaited = false
        return .room
    }

    // MARK: - Dropping

    mutating func dropAll(_ reason: DropReason) {
        counters.drop(queue.close(), reason)
    }

    mutating func dropNewest(atMost countMax: Int) {
        let reason = limitReason
        counters.drop(queue.dropNewest(atMost: countMax), reason)
    }

    mutating func dropOldest() {
        let reason = limitReason
        counters.drop(queue.dropOldest(), reason)
    }

    private var limitReason: DropReason { queue.isOverOwnLimit ? .queueFull : .memoryFull }
}
