package import Vocabulary
package import NIOCore
import Patterns
package import ZMTP

/// What waits to be sent to one peer, and the way into its stream.
///
///     append(run) ──▶ OutboundQueue, bounded ─┐
///     appendControl ──▶ exempt, goes first ───┴─▶ drain ─▶ stream (256 KiB at most) ─▶ kernel
///
/// The limit counts what the stream has not taken yet. What happens at the limit is the sender's choice: it gives a policy
/// with every run, or asks `hasRoom` first and is told by `setRoomHandler` when there is room again. The 256 KiB in
/// the stream may be slices of 4 KiB, each of a read of 256 KiB: 16 MiB at most are pinned there by one stalled peer.
package final class Outbox {
    /// What the sender must know after an append.
    package enum Admission {
        case accepted
        /// Some messages were dropped, and counted.
        case dropped
        /// The policy is `disconnect`: close this peer.
        case disconnect
    }

    private let stream: any ByteStream
    private var egress: Egress
    private var queue: OutboundQueue
    private let controlByteCountMax: Int
    private var isDraining = false
    private var isBlocking = false
    /// Whether somebody asked for room and there was none.
    private var isRoomAwaited = false
    private var onRoom: () -> Void = {}
    package private(set) var counters = OutboxCounters()

    package init(
        stream: any ByteStream,
        limit: QueueLimit,
        controlByteCountMax: Int = PeerLimits().controlByteCount,
        egress: Egress = .v3
    ) {
        self.stream = stream
        self.egress = egress
        self.controlByteCountMax = controlByteCountMax
        queue = OutboundQueue(limit: limit)
    }

    package var isEmpty: Bool { queue.isEmpty }

    package var queuedMessageCount: Int { queue.messageCount }

    package var queuedByteCount: Int { queue.byteCount }

    /// The memory that queued messages keep beyond their octets.
    var slackByteCount: Int { queue.slackByteCount }

    /// Under the `block` policy a queue over its limit asks the sender to pause, until it is half empty. Half, so
    /// that the sender does not stop and go for every message.
    package var wantsPause: Bool {
        if isBlocking, queue.isHalfEmpty { isBlocking = false }
        return isBlocking
    }

    /// Whether one more message would be taken without going over the limit. After a `false` the room handler is called
    /// once, when the queue is half empty.
    package var hasRoom: Bool {
        if queue.hasRoom { return true }
        isRoomAwaited = true
        return false
    }

    /// Called on the stream's loop after a drain that made room; it may append and drain.
    package func setRoomHandler(_ handler: @escaping () -> Void) {
        onRoom = handler
    }

    /// Commands and subscriptions: never dropped, never counted, sent before the messages that wait. `false`: the peer
    /// does not read, and they have piled up beyond what any honest peer needs; close it.
    package func appendControl(_ octets: [UInt8]) -> Bool {
        guard octets.count <= controlByteCountMax - queue.controlByteCount else { return false }
        queue.appendControl(octets)
        return true
    }

    /// Answers to what the peer asks, which a peer that asks and never reads must not pile up: above a bound the answer
    /// is left out.
    package func appendReply(_ octets: [UInt8]) {
        guard queue.controlByteCount < Self.replyByteCountMax else { return }
        queue.appendControl(octets)
    }

    /// Takes `messageCount` whole messages: the octets `range` of `bytes`, which are `buffer`'s readable octets.
    /// At the limit `policy` decides.
    package func append(
        _ buffer: ByteBuffer,
        _ bytes: UnsafeRawBufferPointer,
        _ range: Range<Int>,
        messageCount: Int,
        policy: OverflowPolicy
    ) -> Admission {
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
        while stream.isWritable, !isEmpty {
            var sent = TrafficCount()
            while stream.isWritable, let segment = queue.popFirst() {
                if case .run(let messageCount) = segment.kind {
                    sent.messageCount += messageCount
                    sent.byteCount += segment.byteCount
                }
                write(segment.buffer)
            }
            counters.sentMessageCount += sent.messageCount
            counters.sentByteCount += sent.byteCount
            stream.flush()
        }
        isDraining = false
        guard isRoomAwaited, queue.isHalfEmpty else { return }
        isRoomAwaited = false
        onRoom()
    }

    /// Writes frames at once, before all that waits: a handshake's, or a farewell.
    func sendAhead(_ frames: [UInt8]) {
        write(ByteBuffer(bytes: frames))
        stream.flush()
    }

    private func write(_ frames: ByteBuffer) {
        guard case .rewritten(var encoder) = egress else { return stream.write(frames) }
        var octets = ByteBuffer()
        let room = encoder.byteCountMax(encoding: frames.readableBytes)
        frames.withUnsafeReadableBytes { frames in
            _ = octets.writeWithUnsafeMutableBytes(minimumWritableBytes: room) {
                encoder.encode(frames, into: $0)
            }
        }
        egress = .rewritten(encoder)
        stream.write(octets)
    }

    private func handleOverflow(
        _ policy: OverflowPolicy,
        arrivedMessageCount: Int
    ) -> Admission {
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
