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
    /// Whether what leaves is not what was given.
    private(set) var writesAnew: Bool
    private var egress: Egress
    /// What encrypts all that leaves, before `egress`; `nil` = nothing does.
    private var encoder: ProtectionEncoder?
    /// The pieces of a frame that is to be written anew, until it is whole.
    private var gathered: ByteBuffer?
    private let controlByteCountMax: Int
    // Plain memory, because every access to a class's property is checked for exclusivity at run time, which costs as much as a
    // short message's copy. Nothing in there calls anybody, so no access meets another.
    private let state: UnsafeMutablePointer<OutboxState>
    private var onRoom: () -> Void = {}

    package init(
        stream: any ByteStream,
        limit: QueueLimit,
        controlByteCountMax: Int = PeerLimits().controlByteCount,
        budget: MemoryBudget? = nil,
        egress: Egress = .v3
    ) {
        self.stream = stream
        self.egress = egress
        writesAnew = Self.writesAnew(egress)
        self.controlByteCountMax = controlByteCountMax
        state = .allocate(capacity: 1)
        state.initialize(to: OutboxState(queue: OutboundQueue(limit: limit, budget: budget)))
    }

    deinit {
        _ = state.pointee.queue.close()
        state.deinitialize(count: 1)
        state.deallocate()
    }

    package var counters: OutboxCounters { state.pointee.counters }

    package var isEmpty: Bool { state.pointee.queue.isEmpty }

    package var queuedMessageCount: Int { state.pointee.queue.messageCount }

    package var queuedByteCount: Int { state.pointee.queue.byteCount }

    /// Of frames that were given in pieces.
    package var queuedPieceByteCount: Int { state.pointee.queue.pieceByteCount }

    /// The memory that queued messages keep beyond their octets.
    var slackByteCount: Int { state.pointee.queue.slackByteCount }

    /// Whether what waits outlives the stream, so that it can be handed to another one.
    package var keepsQueue: Bool {
        get { state.pointee.keepsQueue }
        set { state.pointee.keepsQueue = newValue }
    }

    /// Under the `block` policy a queue over its limit asks the sender to pause, until it is half empty. Half, so
    /// that the sender does not stop and go for every message.
    package var wantsPause: Bool { state.pointee.wantsPause() }

    /// Whether one more message would be taken without going over the limit. After a `false` the room handler is called
    /// once, when the queue is half empty.
    package var hasRoom: Bool { state.pointee.asksForRoom() }

    /// How many messages more would be taken without going over the limit, as long as they are small.
    package var roomMessageCount: Int { state.pointee.queue.roomMessageCount }

    /// Called on the stream's loop after a drain that made room; it may append and drain.
    package func setRoomHandler(_ handler: @escaping () -> Void) {
        onRoom = handler
    }

    /// Commands and subscriptions: never dropped, never counted, sent before the messages that wait. `false`: the peer
    /// does not read, and they have piled up beyond what any honest peer needs; close it.
    package func appendControl(_ octets: [UInt8]) -> Bool {
        guard octets.count <= controlByteCountMax - state.pointee.queue.controlByteCount else {
            return false
        }
        state.pointee.queue.appendControl(octets)
        return true
    }

    /// Takes whole frames in pieces, which leave together, in their place among the messages. Never dropped and never limited: whoever
    /// gives them looks at `queuedPieceByteCount`. A drain is due.
    package func append(pieces: [ByteBuffer]) {
        guard !state.pointee.isGone else { return }
        state.pointee.queue.append(pieces: pieces)
    }

    /// Answers to what the peer asks, which a peer that asks and never reads must not pile up: above a bound the answer
    /// is left out.
    package func appendReply(_ octets: [UInt8]) {
        guard state.pointee.queue.controlByteCount < Self.replyByteCountMax else { return }
        state.pointee.queue.appendControl(octets)
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
        guard take(buffer, bytes, range, messageCount: messageCount) else { return .accepted }
        return handleFull(policy, arrivedMessageCount: messageCount)
    }

    /// The first half of `append`, which calls nobody. `true`: the queue is over its limit now, and `handleFull` is due.
    package func take(
        _ buffer: ByteBuffer,
        _ bytes: UnsafeRawBufferPointer,
        _ range: Range<Int>,
        messageCount: Int
    ) -> Bool {
        state.pointee.take(buffer, bytes, range, messageCount: messageCount)
    }

    /// The second half of `append`.
    package func handleFull(_ policy: OverflowPolicy, arrivedMessageCount: Int) -> Admission {
        // What the stream takes at once does not wait.
        drain()
        return state.pointee.queue.isOver
            ? handleOverflow(policy, arrivedMessageCount: arrivedMessageCount) : .accepted
    }

    /// Hands the stream all it takes, control first. Gives whether nothing waits any more.
    @discardableResult
    package func drain() -> Bool {
        switch state.pointee.beginDrain() {
        case .none(let isEmpty): return isEmpty
        case .possible: break
        }
        var isWritable = stream.isWritable
        while true {
            var wrote = false
            while isWritable, let piece = state.pointee.next() {
                write(piece.buffer, isWhole: piece.isWhole)
                wrote = true
                if piece.isLast { break }
                isWritable = stream.isWritable
            }
            // The stream may call back while it flushes, and may end in the middle of it.
            if wrote {
                stream.flush()
                isWritable = stream.isWritable
            }
            switch state.pointee.endRound(isWritable: isWritable) {
            case .again: continue
            case .over(let isEmpty): return isEmpty
            case .room:
                onRoom()
                return state.pointee.queue.isEmpty
            }
        }
    }

    /// Writes frames at once, before all that waits: a handshake's, or a farewell.
    func sendAhead(_ frames: [UInt8]) {
        write(ByteBuffer(bytes: frames))
        stream.flush()
    }

    /// From now on all that leaves is encrypted.
    func encrypt(with encoder: ProtectionEncoder) {
        self.encoder = encoder
        writesAnew = true
    }

    /// How what leaves from now on is framed.
    func setEgress(_ egress: Egress) {
        self.egress = egress
        // What is encrypted stays so.
        writesAnew = encoder != nil || Self.writesAnew(egress)
    }

    private static func writesAnew(_ egress: Egress) -> Bool {
        if case .rewritten = egress { true } else { false }
    }

    private func write(_ buffer: ByteBuffer, isWhole: Bool = true) {
        guard writesAnew else { return stream.write(buffer) }
        var plain = buffer
        if var frame = gathered.take() {
            frame.writeImmutableBuffer(buffer)
            plain = frame
        }
        guard isWhole else {
            gathered = plain
            return
        }
        let frames = encrypted(plain)
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

    private func encrypted(_ frames: ByteBuffer) -> ByteBuffer {
        guard encoder != nil else { return frames }
        var octets = ByteBuffer()
        frames.withUnsafeReadableBytes { frames in
            let room = encoder?.byteCount(encoding: frames) ?? 0
            _ = octets.writeWithUnsafeMutableBytes(minimumWritableBytes: room) {
                encoder?.encode(frames, into: $0) ?? 0
            }
        }
        return octets
    }

    private func handleOverflow(
        _ policy: OverflowPolicy,
        arrivedMessageCount: Int
    ) -> Admission {
        if let ending = state.pointee.ending {
            state.pointee.dropAll(ending)
            return .dropped
        }
        switch policy {
        case .block:
            state.pointee.isBlocking = true
            return .accepted
        case .disconnect: return .disconnect
        case .dropNewest: state.pointee.dropNewest(atMost: arrivedMessageCount)
        case .dropOldest: state.pointee.dropOldest()
        }
        return .dropped
    }

    private static let replyByteCountMax = 64 << 10
}

// MARK: - Without a stream

extension Outbox {
    /// The stream is about to be closed: from now on it would swallow what it is given.
    package func handleAbort() {
        state.pointee.isGone = true
    }

    /// The stream is gone. What waits is kept or else dropped for that reason.
    package func handleClose(_ reason: DropReason) {
        state.pointee.isGone = true
        onRoom = {}
        if !keepsQueue { abandon(reason) }
    }

    /// What waits is dropped for that reason, and so is what still comes: a sender on another loop may not know of it yet.
    package func abandon(_ reason: DropReason) {
        guard state.pointee.ending == nil else { return }
        state.pointee.isGone = true
        state.pointee.ending = reason
        state.pointee.isBlocking = false
        state.pointee.dropAll(reason)
    }

    /// What waited for a stream, on its way to another outbox.
    package struct Leftover: Sendable {
        fileprivate var runs: Deque<OutboundSegment>
        package fileprivate(set) var messageCount: Int
        fileprivate var isBlocking: Bool

        /// Whole messages, oldest first, with their counts.
        package var messages: [(buffer: ByteBuffer, messageCount: Int)] {
            runs.map { ($0.buffer, $0.messageCount) }
        }
    }

    /// Takes out what waits, as if it had never been given.
    package func takeLeftover() -> Leftover {
        let messageCount = queuedMessageCount
        state.pointee.counters.takenMessageCount -= messageCount
        defer { state.pointee.isBlocking = false }
        return Leftover(
            runs: state.pointee.queue.takeRuns(),
            messageCount: messageCount,
            isBlocking: state.pointee.isBlocking
        )
    }

    /// Nothing is handed to the stream before `adopt`.
    package func awaitLeftover() {
        state.pointee.awaitsLeftover = true
    }

    /// Takes what waited elsewhere, before all that waits here. A drain is due.
    package func adopt(_ leftover: Leftover) {
        state.pointee.queue.prepend(leftover.runs)
        state.pointee.counters.takenMessageCount += leftover.messageCount
        if leftover.isBlocking { state.pointee.isBlocking = true }
        state.pointee.awaitsLeftover = false
        if let ending = state.pointee.ending { state.pointee.dropAll(ending) }
    }
}
