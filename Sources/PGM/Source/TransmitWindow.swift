import Wire

/// The packets that a source can still repair, by number: sizes and times, not the packets (RFC 3208 §3.3).
///
///              trail                     lead
///     ───────────┼─────────────────────────┼──────────▶ numbers
///      forgotten │ can be repaired         │ not sent
///
/// A ring that is indexed by the number. The trail follows when packets, octets or time pass their bound.
struct TransmitWindow: Sendable {
    struct Slot: Sendable {
        var sentAt: Int64 = 0
        /// When the last NCF and the last repair for this number went out.
        var confirmedAt = Int64.min / 2
        var repairedAt = Int64.min / 2
        var byteCount: Int32 = 0
        var isQueued = false
    }

    private var slots: ContiguousArray<Slot>
    private let mask: UInt32
    private(set) var trail: SequenceNumber
    private(set) var lead: SequenceNumber
    private var byteCount = 0
    private let packetCountMax: Int
    private let byteCountMax: Int
    private let age: Int64

    init(_ options: SourceOptions, first: SequenceNumber) {
        precondition(
            (1...(1 << 24)).contains(options.windowPacketCount),
            "a transmit window holds 1 to 16,777,216 packets"
        )
        packetCountMax = options.windowPacketCount
        byteCountMax = options.windowByteCount
        age = options.windowDuration.nanoseconds
        var capacity = 1
        while capacity < packetCountMax { capacity *= 2 }
        slots = ContiguousArray(repeating: Slot(), count: capacity)
        mask = UInt32(capacity - 1)
        trail = first
        lead = first - 1
    }

    var count: Int { lead.distance(from: trail) + 1 }

    /// Of a number between trail and lead.
    subscript(number: SequenceNumber) -> Slot {
        _read { yield slots[Int(number.rawValue & mask)] }
        _modify { yield &slots[Int(number.rawValue & mask)] }
    }

    func contains(_ number: SequenceNumber) -> Bool {
        number.distance(from: trail) >= 0 && lead.distance(from: number) >= 0
    }

    @inline(__always)
    mutating func append(_ size: Int, at now: Int64) -> SequenceNumber {
        if count >= packetCountMax { dropOldest() }
        lead = lead + 1
        byteCount += size
        slots[Int(lead.rawValue & mask)] = Slot(
            sentAt: now,
            byteCount: Int32(truncatingIfNeeded: min(size, Int(Int32.max)))
        )
        while byteCount > byteCountMax, count > 1 { dropOldest() }
        return lead
    }

    /// Forgets what is older than the window's time.
    @inline(__always)
    mutating func expire(at now: Int64) {
        while count > 0, now - slots[Int(trail.rawValue & mask)].sentAt > age { dropOldest() }
    }

    private mutating func dropOldest() {
        byteCount -= Int(slots[Int(trail.rawValue & mask)].byteCount)
        trail = trail + 1
    }
}
