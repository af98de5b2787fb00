import DequeModule
import NIOCore
import Patterns
import Wire

/// The messages that wait for one peer, bounded.
///
///     append(run) ─▶ open buffer (small runs, copied) ─ seal ─┐
///                └─▶ slices that all subscribers share ───────┴─▶ queue ─▶ popFirst
///
/// Small runs are copied together, because copying 64 octets is cheaper than a write of their own. A struct, so that the
/// fan-out's inner loop pays for one access to it and not for one to every field.
struct OutboundQueue {
    struct Segment {
        var buffer: ByteBuffer
        var messageCount: Int
    }

    let limit: QueueLimit
    private var segments = Deque<Segment>()
    private var open = ByteBuffer()
    private var openMessageCount = 0
    private(set) var messageCount = 0
    private(set) var byteCount = 0

    init(limit: QueueLimit) {
        self.limit = limit
    }

    var isEmpty: Bool { messageCount == 0 }

    var isOver: Bool { messageCount > limit.messageCount || byteCount > limit.byteCount }

    var isHalfEmpty: Bool {
        messageCount <= limit.messageCount / 2 && byteCount <= limit.byteCount / 2
    }

    /// Takes whole messages: the octets `range` of `bytes`, which are `buffer`'s readable octets. Gives whether the
    /// queue is over its limit now.
    mutating func append(
        _ buffer: ByteBuffer,
        _ bytes: UnsafeRawBufferPointer,
        _ range: Range<Int>,
        messageCount: Int
    ) -> Bool {
        if range.count < Self.sharedByteCountMin {
            if open.readableBytes + range.count > Self.openByteCountMax { seal() }
            open.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[range]))
            openMessageCount += messageCount
        } else {
            seal()
            segments.append(Segment(buffer: buffer.slice(range), messageCount: messageCount))
        }
        self.messageCount += messageCount
        byteCount += range.count
        return isOver
    }

    /// The oldest messages, as they are to be written.
    mutating func popFirst() -> Segment? {
        if segments.isEmpty { seal() }
        guard let segment = segments.popFirst() else { return nil }
        messageCount -= segment.messageCount
        byteCount -= segment.buffer.readableBytes
        return segment
    }

    /// Moves the copied messages into the queue, so that order is kept.
    private mutating func seal() {
        guard openMessageCount > 0 else { return }
        segments.append(Segment(buffer: open, messageCount: openMessageCount))
        open = ByteBuffer()
        openMessageCount = 0
    }

    private static let sharedByteCountMin = 4 << 10
    private static let openByteCountMax = 64 << 10
}

// MARK: - At the limit

extension OutboundQueue {
    /// Drops the newest messages until the rest fits, `countMax` at most: what was there before stays, also when it is
    /// over the limit, for another tree's policy may be `block`. Gives what was dropped.
    mutating func dropNewest(atMost countMax: Int) -> TrafficCount {
        seal()
        var dropped = TrafficCount()
        while isOver, dropped.messageCount < countMax, let last = segments.popLast() {
            keepOldest(of: last, dropCountMax: countMax - dropped.messageCount, &dropped)
        }
        return dropped
    }

    /// Drops the oldest messages until the rest fits. Gives what was dropped.
    mutating func dropOldest() -> TrafficCount {
        seal()
        var dropped = TrafficCount()
        while isOver, let first = segments.popFirst() { keepNewest(of: first, &dropped) }
        return dropped
    }

    /// Puts back as many of the segment's first messages as fit, and drops the rest, `dropCountMax` at most.
    private mutating func keepOldest(
        of segment: Segment,
        dropCountMax: Int,
        _ dropped: inout TrafficCount
    ) {
        remove(segment)
        let keptMin = segment.messageCount - min(segment.messageCount, dropCountMax)
        var kept = 0
        var keptByteCount = 0
        segment.buffer.withUnsafeReadableBytes { bytes in
            var walker = MessageWalker(bytes)
            while walker.next() {
                let isFitting =
                    messageCount + kept < limit.messageCount
                    && byteCount + walker.end <= limit.byteCount
                guard kept < keptMin || isFitting else { break }
                kept += 1
                keptByteCount = walker.end
            }
        }
        if kept > 0 {
            let rest = segment.buffer.slice(0..<keptByteCount)
            segments.append(Segment(buffer: rest, messageCount: kept))
            messageCount += kept
            byteCount += keptByteCount
        }
        dropped.messageCount += segment.messageCount - kept
        dropped.byteCount += segment.buffer.readableBytes - keptByteCount
    }

    /// Puts back what follows the first messages that must go.
    private mutating func keepNewest(of segment: Segment, _ dropped: inout TrafficCount) {
        let excessMessages = messageCount - limit.messageCount
        let excessBytes = byteCount - limit.byteCount
        remove(segment)
        var gone = 0
        var goneByteCount = 0
        segment.buffer.withUnsafeReadableBytes { bytes in
            var walker = MessageWalker(bytes)
            while gone < excessMessages || goneByteCount < excessBytes, walker.next() {
                gone += 1
                goneByteCount = walker.end
            }
        }
        if gone < segment.messageCount {
            let rest = segment.buffer.slice(goneByteCount..<segment.buffer.readableBytes)
            segments.prepend(Segment(buffer: rest, messageCount: segment.messageCount - gone))
            messageCount += segment.messageCount - gone
            byteCount += rest.readableBytes
        }
        dropped.messageCount += gone
        dropped.byteCount += goneByteCount
    }

    private mutating func remove(_ segment: Segment) {
        messageCount -= segment.messageCount
        byteCount -= segment.buffer.readableBytes
    }
}
