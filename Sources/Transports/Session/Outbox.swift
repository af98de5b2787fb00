package import NIOCore
package import Patterns

/// What waits to be sent to one peer, and the way into its stream.
///
///     append(run) ──▶ OutboundQueue, bounded ─┐
///     appendControl ──▶ exempt, goes first ───┴─▶ drain ─▶ stream (256 KiB at most) ─▶ kernel
///
/// The limit counts what the stream has not taken yet.
package final class Outbox {
    /// What the sender must know after an append.
    package enum Verdict {
        case accepted
        /// Some messages were dropped, and counted.
        case dropped
        /// The policy is `disconnect`: close this peer.
        case disconnect
    }

    private let stream: any ByteStream
    private var queue: OutboundQueue
    private var control = ByteBuffer()
    private var isDraining = false
    private var isBlocking = false
    package private(set) var counters = OutboxCounters()

    package init(stream: any ByteStream, limit: QueueLimit) {
        self.stream = stream
        queue = OutboundQueue(limit: limit)
    }

    package var isEmpty: Bool { queue.isEmpty && control.readableBytes == 0 }

    package var queuedMessageCount: Int { queue.messageCount }

    package var queuedByteCount: Int { queue.byteCount }

    /// Under the `block` policy a queue over its limit asks the sender to pause, until it is half empty. Half, so
    /// that the sender does not stop and go for every message.
    package var wantsPause: Bool {
        if isBlocking, queue.isHalfEmpty { isBlocking = false }
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
        guard queue.append(buffer, bytes, range, messageCount: messageCount) else {
            return .accepted
        }
        // What the stream takes at once does not wait.
        drain()
        return queue.isOver ? handleOverflow(policy, arrivedMessageCount: messageCount) : .accepted
    }

    /// Hands the stream all it takes, control first.
    package func drain() {
        // The stream may call back while it flushes.
        guard !isDraining else { return }
        isDraining = true
        defer { isDraining = false }
        while stream.isWritable, !isEmpty {
            if control.readableBytes > 0 {
                stream.write(control)
                control = ByteBuffer()
            }
            var sent = TrafficCount()
            while stream.isWritable, let segment = queue.popFirst() {
                sent.messageCount += segment.messageCount
                sent.byteCount += segment.buffer.readableBytes
                stream.write(segment.buffer)
            }
            counters.sentMessageCount += sent.messageCount
            counters.sentByteCount += sent.byteCount
            stream.flush()
        }
    }

    private func handleOverflow(
        _ policy: OverflowPolicy,
        arrivedMessageCount: Int
    ) -> Verdict {
        let dropped: TrafficCount
        switch policy {
        case .block:
            isBlocking = true
            return .accepted
        case .disconnect: return .disconnect
        case .dropNewest: dropped = queue.dropNewest(atMost: arrivedMessageCount)
        case .dropOldest: dropped = queue.dropOldest()
        }
        counters.droppedMessageCount += dropped.messageCount
        counters.droppedByteCount += dropped.byteCount
        return .dropped
    }

    private static let replyByteCountMax = 64 << 10
}
