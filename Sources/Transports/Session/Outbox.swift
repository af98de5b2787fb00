import DequeModule
package import NIOCore
package import Patterns
import Wire

/// What waits to be sent to one peer, bounded.
///
///     append(run) ─▶ open buffer (small runs, copied) ─┐
///                └─▶ queue of shared slices ───────────┴─▶ drain ─▶ stream (256 KiB at most) ─▶ kernel
///     appendControl ───────────────────────────────────────▲ first, exempt from every limit
///
/// Small runs are copied together, because copying 64 octets is cheaper than a write of their own; large ones are
/// slices that all subscribers share. The limit counts what the stream has not taken yet.
package final class Outbox {
    private struct Segment {
        var buffer: ByteBuffer
        var messageCount: Int
    }

    /// What the sender must know after an append.
    package enum Verdict {
        case accepted
        /// Some messages were dropped, and counted.
        case dropped
        /// The policy is `disconnect`: close this peer.
        case disconnect
    }

    private let stream: any ByteStream
    private let limit: QueueLimit
    private var control = ByteBuffer()
    private var queue = Deque<Segment>()
    private var open = ByteBuffer()
    private var openMessageCount = 0
    private var isDraining = false
    private var isBlocking = false
    package private(set) var queuedMessageCount = 0
    package private(set) var queuedByteCount = 0
    package private(set) var counters = OutboxCounters()

    package init(stream: any ByteStream, limit: QueueLimit) {
        self.stream = stream
        self.limit = limit
    }

    package var isEmpty: Bool {
        queuedByteCount == 0 && control.readableBytes == 0
    }

    /// Under the `block` policy a queue over its limit asks the sender to pause, until it is half empty. Half, so
    /// that the sender does not stop and go for every message.
    package var wantsPause: Bool {
        if isBlocking, queuedMessageCount <= limit.messageCount / 2,
            queuedByteCount <= limit.byteCount / 2
        {
            isBlocking = false
        }
        return isBlocking
    }

    /// Commands and subscriptions: never dropped, never counted, sent before the messages that wait.
    package func appendControl(_ bytes: [UInt8]) {
        control.writeBytes(bytes)
    }

    /// Answers to what the peer asks, which a peer that asks and never reads must not pile up: above a bound the answer
    /// is left out.
    package func appendReply(_ bytes: [UInt8]) {
        guard control.readableBytes < Self.replyByteCountMax else { return }
        control.writeBytes(bytes)
    }

    /// Takes `messageCount` whole messages: the octets `range` of `bytes`, which are `buffer`'s readable octets.
    /// At the limit `policy` decides.
    package func append(
        _ buffer: ByteBuffer,
        _ bytes: UnsafeRawBufferPointer,
        _ range: Range<Int>,
        messageCount: Int,
        policy: OverflowPolicy
    ) -> Verdict {
        if range.count < Self.sharedByteCountMin {
            if open.readableBytes + range.count > Self.openByteCountMax { seal() }
            open.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[range]))
            openMessageCount += messageCount
        } else {
            seal()
            if let slice = buffer.getSlice(
                at: buffer.readerIndex + range.lowerBound,
                length: range.count
            ) {
                queue.append(Segment(buffer: slice, messageCount: messageCount))
            }
        }
        queuedMessageCount += messageCount
        queuedByteCount += range.count
        if queuedMessageCount > limit.messageCount || queuedByteCount > limit.byteCount {
            return handleOverflow(policy)
        }
        return .accepted
    }

    /// Hands the stream all it takes, control first.
    package func drain() {
        // The stream may call back while it flushes.
        guard !isDraining else { return }
        isDraining = true
        defer { isDraining = false }
        seal()
        while stream.isWritable, !isEmpty {
            if control.readableBytes > 0 {
                stream.write(control)
                control = ByteBuffer()
            }
            while stream.isWritable, let segment = queue.popFirst() {
                counters.sentMessageCount += segment.messageCount
                counters.sentByteCount += segment.buffer.readableBytes
                queuedMessageCount -= segment.messageCount
                queuedByteCount -= segment.buffer.readableBytes
                stream.write(segment.buffer)
            }
            stream.flush()
        }
    }

    /// Moves the copied messages into the queue, so that order is kept.
    private func seal() {
        guard openMessageCount > 0 else { return }
        queue.append(Segment(buffer: open, messageCount: openMessageCount))
        open = ByteBuffer()
        openMessageCount = 0
    }

    private static let replyByteCountMax = 64 << 10
    private static let sharedByteCountMin = 4 << 10
    private static let openByteCountMax = 64 << 10
}

// MARK: - At the limit

extension Outbox {
    private func handleOverflow(_ policy: OverflowPolicy) -> Verdict {
        drain()
        guard queuedMessageCount > limit.messageCount || queuedByteCount > limit.byteCount else {
            return .accepted
        }
        switch policy {
        case .block:
            isBlocking = true
            return .accepted
        case .disconnect: return .disconnect
        case .dropNewest:
            seal()
            while isOver, let last = queue.popLast() { keepOldest(of: last) }
        case .dropOldest:
            seal()
            while isOver, let first = queue.popFirst() { keepNewest(of: first) }
        }
        return .dropped
    }

    private var isOver: Bool {
        queuedMessageCount > limit.messageCount || queuedByteCount > limit.byteCount
    }

    /// Puts back as many of the segment's first messages as fit; the rest is dropped.
    private func keepOldest(of segment: Segment) {
        remove(segment)
        var kept = 0
        var keptByteCount = 0
        segment.buffer.withUnsafeReadableBytes { bytes in
            var walker = MessageWalker(bytes)
            while queuedMessageCount + kept < limit.messageCount, walker.next(),
                queuedByteCount + walker.end <= limit.byteCount
            {
                kept += 1
                keptByteCount = walker.end
            }
        }
        var buffer = segment.buffer
        if kept > 0, let slice = buffer.readSlice(length: keptByteCount) {
            restore(Segment(buffer: slice, messageCount: kept), atFront: false)
        }
        countDropped(segment.messageCount - kept, segment.buffer.readableBytes - keptByteCount)
    }

    /// Drops as many of the segment's first messages as must go; the rest goes back.
    private func keepNewest(of segment: Segment) {
        let excessMessages = queuedMessageCount - limit.messageCount
        let excessBytes = queuedByteCount - limit.byteCount
        remove(segment)
        var dropped = 0
        var droppedByteCount = 0
        segment.buffer.withUnsafeReadableBytes { bytes in
            var walker = MessageWalker(bytes)
            while dropped < excessMessages || droppedByteCount < excessBytes, walker.next() {
                dropped += 1
                droppedByteCount = walker.end
            }
        }
        var buffer = segment.buffer
        buffer.moveReaderIndex(forwardBy: droppedByteCount)
        if dropped < segment.messageCount {
            restore(
                Segment(buffer: buffer, messageCount: segment.messageCount - dropped),
                atFront: true
            )
        }
        countDropped(dropped, droppedByteCount)
    }

    private func remove(_ segment: Segment) {
        queuedMessageCount -= segment.messageCount
        queuedByteCount -= segment.buffer.readableBytes
    }

    private func restore(_ segment: Segment, atFront: Bool) {
        queuedMessageCount += segment.messageCount
        queuedByteCount += segment.buffer.readableBytes
        if atFront { queue.prepend(segment) } else { queue.append(segment) }
    }

    private func countDropped(_ messageCount: Int, _ byteCount: Int) {
        counters.droppedMessageCount += messageCount
        counters.droppedByteCount += byteCount
    }
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
