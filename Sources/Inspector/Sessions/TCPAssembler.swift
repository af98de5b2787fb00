/// Puts the segments of one direction of a connection in order.
///
/// What comes in order passes without a copy. What comes early waits, bounded, until the hole before it is filled; when
/// the receiver acknowledges what the capture never had, or too much waits, the hole is given up as a gap.
///
///               in order ─────────────────────▶ deliver
///     segment ─ old (or partly) ──────────────▶ retransmission, deliver the rest
///               early ──▶ waiting ── filled ──▶ deliver
///                                └── acknowledged or full ──▶ gap, deliver
///
/// Sequence numbers are compared as serial numbers, so a stream may wrap any number of times (RFC 9293 §3.4).
struct TCPAssembler {
    enum Placement: Equatable {
        /// Payload from this offset on is next in the stream; after it the snap length cut off `cutByteCount` new octets.
        case next(from: Int, cutByteCount: Int)
        /// Everything in it was there before.
        case old
        /// It was put aside.
        case early
    }

    private struct Waiting {
        var sequence: UInt32
        var bytes: [UInt8]
        var nanoseconds: Int64
        /// Octets behind the payload that the capture's snap length cut off.
        var cutByteCount: Int

        var end: UInt32 { sequence &+ UInt32(truncatingIfNeeded: bytes.count + cutByteCount) }
    }

    /// The next octet's number; `nil` before the first segment.
    private(set) var next: UInt32?
    private var waiting: [Waiting] = []
    private var waitingByteCount = 0

    /// A SYN or the first segment says where the stream begins.
    mutating func begin(at sequence: UInt32) {
        next = sequence
        waiting = []
        waitingByteCount = 0
    }

    var isWaiting: Bool { !waiting.isEmpty }
    /// When the first of what waits came: since then the hole is known.
    var waitingSince: Int64? { waiting.map(\.nanoseconds).min() }

    /// Whether too much waits for the hole to be filled.
    var isFull: Bool {
        waitingByteCount > Self.waitingByteCountMax || waiting.count > Self.waitingCountMax
    }

    /// Where a segment belongs. The caller delivers what is `next` and calls `advance` for it.
    mutating func place(
        _ sequence: UInt32,
        _ payload: UnsafeRawBufferPointer,
        cutByteCount: Int,
        nanoseconds: Int64
    ) -> Placement {
        guard let next else {
            begin(at: sequence)
            return .next(from: 0, cutByteCount: cutByteCount)
        }
        let distance = Int(Int32(bitPattern: sequence &- next))
        if distance == 0 { return .next(from: 0, cutByteCount: cutByteCount) }
        if distance < 0 {
            let newByteCount = distance + payload.count + cutByteCount
            guard newByteCount > 0 else { return .old }
            let offset = min(-distance, payload.count)
            return .next(from: offset, cutByteCount: newByteCount - (payload.count - offset))
        }
        keep(
            Waiting(
                sequence: sequence,
                bytes: Array(payload),
                nanoseconds: nanoseconds,
                cutByteCount: cutByteCount
            )
        )
        return .early
    }

    private mutating func keep(_ segment: Waiting) {
        var index = waiting.count
        while index > 0, Int32(bitPattern: waiting[index - 1].sequence &- segment.sequence) > 0 {
            index -= 1
        }
        if index > 0, waiting[index - 1].sequence == segment.sequence {
            // The same again: the longer one stays.
            guard waiting[index - 1].bytes.count < segment.bytes.count else { return }
            waitingByteCount += segment.bytes.count - waiting[index - 1].bytes.count
            waiting[index - 1] = segment
            return
        }
        waiting.insert(segment, at: index)
        waitingByteCount += segment.bytes.count
    }

    /// Octets were delivered, or are known to be lost.
    mutating func advance(by count: Int) {
        next = next.map { $0 &+ UInt32(truncatingIfNeeded: count) }
    }

    /// What waited and is next now, with the number of its first octets that are old.
    mutating func nextWaiting() -> (bytes: [UInt8], skip: Int, cutByteCount: Int)? {
        while let first = waiting.first, let next {
            let distance = Int(Int32(bitPattern: first.sequence &- next))
            guard distance <= 0 else { return nil }
            waiting.removeFirst()
            waitingByteCount -= first.bytes.count
            let newByteCount = Int(Int32(bitPattern: first.end &- next))
            guard newByteCount > 0 else { continue }
            let skip = min(-distance, first.bytes.count)
            return (first.bytes, skip, newByteCount - (first.bytes.count - skip))
        }
        return nil
    }

    /// Octets from here to the first that waits; `nil` when none waits.
    var holeByteCount: Int? {
        guard let first = waiting.first, let next else { return nil }
        return Int(Int32(bitPattern: first.sequence &- next))
    }

    private static let waitingByteCountMax = 1 << 20
    private static let waitingCountMax = 2048
}
