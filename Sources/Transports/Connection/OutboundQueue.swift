import DequeModule
import NIOCore
import Patterns
import Wire

/// What waits for one peer, bounded.
///
///     appendControl ─▶ control ───────────────────────────────── first ─┐
///     append(run) ─┬─▶ open buffer (small runs, copied) ─ seal ─┐       ├─▶ popFirst
///                  └─▶ slices that all subscribers share ───────┴─▶ runs ┘
///
/// Small runs are copied together, because copying 64 octets is cheaper than a write of their own; so are larger ones that
/// would pin too much (`SlackBudget`). The limit counts octets of messages; in the worst case three times as much
/// memory is held: the messages, as much slack, and the rounding of copies to powers of two.
///
/// A struct, so that the fan-out's inner loop pays for one access to it and not for one to every field.
struct OutboundQueue {
    /// Its own, or less when memory is short.
    private(set) var limit: QueueLimit
    private let ownByteCountMax: Int
    private let budget: MemoryBudget?
    /// What the budget has been told that is held here.
    private var chargedByteCount = 0
    private var runs = Deque<OutboundSegment>()
    /// `nil` while it is empty.
    private var open: ByteBuffer?
    private var openMessageCount = 0
    private var openByteCount = 0
    /// What the last one came to: the next one needs about as much, and does not grow step by step.
    private var lastOpenByteCount = 0
    private var control = ByteBuffer()
    private var slack: SlackBudget
    /// Of frames in pieces.
    private(set) var pieceByteCount = 0
    private var isInsideFrame = false
    /// Of the runs.
    private(set) var messageCount = 0
    private(set) var byteCount = 0

    init(limit: QueueLimit, budget: MemoryBudget? = nil) {
        self.limit = limit
        self.budget = budget
        ownByteCountMax = limit.byteCount
        slack = SlackBudget(limit: limit)
    }

    var isEmpty: Bool {
        messageCount == 0 && pieceByteCount == 0 && control.readableBytes == 0
    }

    var isOver: Bool { messageCount > limit.messageCount || byteCount > limit.byteCount }

    /// Whether one more message would be taken without going over the limit.
    var hasRoom: Bool { messageCount < limit.messageCount && byteCount < limit.byteCount }

    var roomMessageCount: Int { hasRoom ? limit.messageCount - messageCount : 0 }

    /// Whether it is over its own limit, and not only over what memory allows.
    var isOverOwnLimit: Bool {
        messageCount > limit.messageCount || byteCount > ownByteCountMax
    }

    /// Tells the budget what is held here, and takes from it how much may be. Once for each flush: what keeps up holds nothing
    /// then, and costs a comparison.
    mutating func settle() {
        guard let budget else { return }
        let held = byteCount + slack.byteCount
        guard held > 0 || chargedByteCount > 0 else { return }
        budget.add(held - chargedByteCount)
        chargedByteCount = held
        limit.byteCount = min(ownByteCountMax, budget.share)
    }

    var isHalfEmpty: Bool {
        messageCount <= limit.messageCount / 2 && byteCount <= limit.byteCount / 2
    }

    var controlByteCount: Int { control.readableBytes }

    /// The memory that runs keep beyond their octets.
    var slackByteCount: Int { slack.byteCount }

    mutating func appendControl(_ octets: [UInt8]) {
        control.writeBytes(octets)
    }

    /// Takes whole frames, in pieces that leave one behind the other: what is not to be limited, and keeps its place among the runs.
    mutating func append(pieces: [ByteBuffer]) {
        seal()
        for (place, piece) in pieces.enumerated() {
            pieceByteCount += piece.readableBytes
            runs.append(
                OutboundSegment(buffer: piece, kind: .piece(isLast: place == pieces.count - 1))
            )
        }
    }

    /// Takes whole messages: the octets `range` of `bytes`, which are `buffer`'s readable octets. Gives whether the
    /// queue is over its limit now.
    mutating func append(
        _ buffer: ByteBuffer,
        _ bytes: UnsafeRawBufferPointer,
        _ range: Range<Int>,
        messageCount: Int
    ) -> Bool {
        if range.count >= Self.sharedByteCountMin,
            slack.charge(SlackBudget.slack(of: buffer, byteCount: range.count))
        {
            seal()
            runs.append(
                OutboundSegment(
                    buffer: buffer.slice(range),
                    kind: .run(messageCount: messageCount)
                )
            )
        } else {
            appendToOpen(UnsafeRawBufferPointer(rebasing: bytes[range]))
            openMessageCount += messageCount
        }
        self.messageCount += messageCount
        byteCount += range.count
        return isOver
    }

    /// What is to be written next: control, then the oldest run.
    mutating func popFirst() -> OutboundSegment? {
        if control.readableBytes > 0, !isInsideFrame {
            defer { control = ByteBuffer() }
            return OutboundSegment(buffer: control, kind: .control)
        }
        if let run = runs.popFirst() {
            if case .piece(let isLast) = run.kind {
                isInsideFrame = !isLast
                pieceByteCount -= run.byteCount
            } else {
                remove(run)
            }
            return run
        }
        guard let run = takeOpen() else { return nil }
        messageCount -= run.messageCount
        byteCount -= run.byteCount
        return run
    }

    /// Takes out all messages. Frames in pieces were for this stream alone, and are gone.
    mutating func takeRuns() -> Deque<OutboundSegment> {
        seal()
        var taken = runs
        if pieceByteCount > 0 || isInsideFrame { taken.removeAll { $0.kind.isPiece } }
        runs = []
        pieceByteCount = 0
        isInsideFrame = false
        messageCount = 0
        byteCount = 0
        slack = SlackBudget(byteCountMax: ownByteCountMax)
        settle()
        return taken
    }

    /// Puts these before all that waits, however many they are.
    mutating func prepend(_ segments: Deque<OutboundSegment>) {
        for segment in segments.reversed() {
            runs.prepend(segment)
            messageCount += segment.messageCount
            byteCount += segment.byteCount
            slack.recharge(segment.buffer)
        }
    }

    private mutating func appendToOpen(_ octets: UnsafeRawBufferPointer) {
        if openByteCount + octets.count > Self.openByteCountMax { seal() }
        if openByteCount == 0 {
            let capacity = max(octets.count, min(lastOpenByteCount, Self.expectedByteCountMax))
            open = ByteBufferAllocator().buffer(capacity: capacity)
        }
        openByteCount += octets.count
        open?.writeWithUnsafeMutableBytes(minimumWritableBytes: octets.count) { room in
            room.copyMemory(from: octets)
            return octets.count
        }
    }

    /// Moves the copied messages into the queue, so that order is kept.
    private mutating func seal() {
        guard let run = takeOpen() else { return }
        slack.recharge(run.buffer)
        runs.append(run)
    }

    private mutating func takeOpen() -> OutboundSegment? {
        guard let buffer = open.take() else { return nil }
        let messageCount = openMessageCount
        lastOpenByteCount = openByteCount
        openMessageCount = 0
        openByteCount = 0
        return OutboundSegment(buffer: buffer, kind: .run(messageCount: messageCount))
    }

    private mutating func remove(_ run: OutboundSegment) {
        messageCount -= run.messageCount
        byteCount -= run.byteCount
        slack.release(run.buffer)
    }

    private static let sharedByteCountMin = 4 << 10
    private static let openByteCountMax = 64 << 10
    /// No more is held on a guess.
    private static let expectedByteCountMax = 4 << 10
}

// MARK: - At the limit

extension OutboundQueue {
    /// Drops everything, and takes nothing any more: whatever comes is over the limit. Gives what was dropped.
    mutating func close() -> TrafficCount {
        let dropped = TrafficCount(messageCount: messageCount, byteCount: byteCount)
        budget?.add(-chargedByteCount)
        self = OutboundQueue(limit: limit)
        limit.messageCount = 0
        limit.byteCount = 0
        return dropped
    }

    /// Drops the newest messages until the rest fits, `countMax` at most: what was there before stays, also when it is
    /// over the limit, for another tree's policy may be `block`. Gives what was dropped.
    mutating func dropNewest(atMost countMax: Int) -> TrafficCount {
        seal()
        var dropped = TrafficCount()
        while isOver, dropped.messageCount < countMax, let last = runs.popLast() {
            keepOldest(of: last, dropCountMax: countMax - dropped.messageCount, &dropped)
        }
        return dropped
    }

    /// Drops the oldest messages until the rest fits. Gives what was dropped.
    mutating func dropOldest() -> TrafficCount {
        seal()
        var dropped = TrafficCount()
        while isOver, let first = runs.popFirst() { keepNewest(of: first, &dropped) }
        return dropped
    }

    /// Puts back as many of the run's first messages as fit, and drops the rest, `dropCountMax` at most.
    private mutating func keepOldest(
        of run: OutboundSegment,
        dropCountMax: Int,
        _ dropped: inout TrafficCount
    ) {
        remove(run)
        let keptMin = run.messageCount - min(run.messageCount, dropCountMax)
        // Only a run that is cut needs its octets looked at.
        let isCut = keptMin > 0 || hasRoom
        let kept = isCut ? fitting(of: run.buffer, countMin: keptMin) : TrafficCount()
        if kept.messageCount > 0 {
            let rest = run.buffer.slice(0..<kept.byteCount)
            runs.append(
                OutboundSegment(buffer: rest, kind: .run(messageCount: kept.messageCount))
            )
            messageCount += kept.messageCount
            byteCount += kept.byteCount
            slack.recharge(rest)
        }
        dropped.messageCount += run.messageCount - kept.messageCount
        dropped.byteCount += run.byteCount - kept.byteCount
    }

    /// The first messages that fit into the limit, `countMin` at least.
    private func fitting(of buffer: ByteBuffer, countMin: Int) -> TrafficCount {
        var kept = TrafficCount()
        buffer.withUnsafeReadableBytes { bytes in
            var walker = MessageWalker(bytes)
            while walker.next() {
                let isFitting =
                    messageCount + kept.messageCount < limit.messageCount
                    && byteCount + walker.end <= limit.byteCount
                guard kept.messageCount < countMin || isFitting else { break }
                kept.messageCount += 1
                kept.byteCount = walker.end
            }
        }
        return kept
    }

    /// Puts back what follows the first messages that must go.
    private mutating func keepNewest(of run: OutboundSegment, _ dropped: inout TrafficCount) {
        let excessMessages = messageCount - limit.messageCount
        let excessBytes = byteCount - limit.byteCount
        remove(run)
        guard excessMessages < run.messageCount, excessBytes < run.byteCount else {
            dropped.messageCount += run.messageCount
            dropped.byteCount += run.byteCount
            return
        }
        var gone = TrafficCount()
        run.buffer.withUnsafeReadableBytes { bytes in
            var walker = MessageWalker(bytes)
            while gone.messageCount < excessMessages || gone.byteCount < excessBytes,
                walker.next()
            {
                gone.messageCount += 1
                gone.byteCount = walker.end
            }
        }
        let left = run.messageCount - gone.messageCount
        if left > 0 {
            let rest = run.buffer.slice(gone.byteCount..<run.byteCount)
            runs.prepend(OutboundSegment(buffer: rest, kind: .run(messageCount: left)))
            messageCount += left
            byteCount += rest.readableBytes
            slack.recharge(rest)
        }
        dropped.messageCount += gone.messageCount
        dropped.byteCount += gone.byteCount
    }
}
