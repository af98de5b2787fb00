package import Vocabulary
package import NIOCore
import DequeModule
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
    /// Whether what waits outlives the stream, so that it can be handed to another one.
    package var keepsQueue = false
    /// Whether the stream is gone.
    private var isGone = false
    /// Whether what goes first has yet to come.
    private var awaitsLeftover = false
    /// Why what comes is dropped, once nothing is kept.
    private var ending: DropReason?
    package private(set) var counters = OutboxCounters()

    package init(
        stream: any ByteStream,
        limit: QueueLimit,
        controlByteCountMax: Int = PeerLimits().controlByteCount,
        budget: MemoryBudget? = nil,
        egress: Egress = .v3
    ) {
        self.stream = stream
        self.egress = egress
        self.controlByteCountMax = controlByteCountMax
        queue = OutboundQueue(limit: limit, budget: budget)
    }

    deinit {
        _ = queue.close()
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
        counters.takenMessageCount += messageCount
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
        guard !isGone, !awaitsLeftover else { return queue.settle() }
        isDraining = true
        // It may also end in the middle of it.
        while !isGone, stream.isWritable, !isEmpty {
            var sent = TrafficCount()
            while !isGone, stream.isWritable, let segment = queue.popFirst() {
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
        queue.settle()
        guard isRoomAwaited, !isGone, queue.isHalfEmpty else { return }
        isRoomAwaited = false
        onRoom()
    }

    /// Writes frames at once, before all that waits: a handshake's, or a farewell.
    func sendAhead(_ frames: [UInt8]) {
        write(ByteBuffer(bytes: frames))
        stream.flush()
    }

    /// How what leaves from now on is framed.
    func setEgress(_ egress: Egress) {
        self.egress = egress
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
        if let ending {
            counters.drop(queue.close(), ending)
            return .dropped
        }
        let reason: DropReason = queue.isOverOwnLimit ? .queueFull : .memoryFull
        switch policy {
        case .block:
            isBlocking = true
            return .accepted
        case .disconnect: return .disconnect
        case .dropNewest: counters.drop(queue.dropNewest(atMost: arrivedMessageCount), reason)
        case .dropOldest: counters.drop(queue.dropOldest(), reason)
        }
        return .dropped
    }

    private static let replyByteCountMax = 64 << 10
}

// MARK: - Without a stream

extension Outbox {
    /// The stream is about to be closed: from now on it would swallow what it is given.
    package func handleAbort() {
        isGone = true
    }

    /// The stream is gone. What waits is kept or else dropped for that reason.
    package func handleClose(_ reason: DropReason) {
        isGone = true
        if !keepsQueue { abandon(reason) }
    }

    /// What waits is dropped for that reason, and so is what still comes: a sender on another loop may not know of it yet.
    package func abandon(_ reason: DropReason) {
        guard ending == nil else { return }
        isGone = true
        ending = reason
        isBlocking = false
        counters.drop(queue.close(), reason)
    }

    /// What waited for a stream, on its way to another outbox.
    package struct Leftover: Sendable {
        fileprivate var runs: Deque<OutboundSegment>
        package fileprivate(set) var messageCount: Int
        fileprivate var isBlocking: Bool
    }

    /// Takes out what waits, as if it had never been given.
    package func takeLeftover() -> Leftover {
        let messageCount = queue.messageCount
        counters.takenMessageCount -= messageCount
        defer { isBlocking = false }
        return Leftover(
            runs: queue.takeRuns(),
            messageCount: messageCount,
            isBlocking: isBlocking
        )
    }

    /// Nothing is handed to the stream before `adopt`.
    package func awaitLeftover() {
        awaitsLeftover = true
    }

    /// Takes what waited elsewhere, before all that waits here. A drain is due.
    package func adopt(_ leftover: Leftover) {
        queue.prepend(leftover.runs)
        counters.takenMessageCount += leftover.messageCount
        if leftover.isBlocking { isBlocking = true }
        awaitsLeftover = false
        if let ending { counters.drop(queue.close(), ending) }
    }
}
