/// IP datagrams that came in pieces, until they are whole.
///
/// Bounded in number and in time: what is not whole after thirty seconds of capture, or is the oldest when too many are
/// open, is given up and counted, as a receiver's kernel does.
struct FragmentTable {
    struct Key: Hashable {
        var capture: Int
        var interface: Int
        /// Tells networks that use the same addresses apart.
        var scope: UInt64
        var source: IPAddress
        var destination: IPAddress
        /// 0 for IPv6, whose first fragment alone knows it.
        var protocolNumber: UInt8
        var identification: UInt32
    }

    enum Outcome {
        case kept
        /// All of it is there: its payload, and how many octets of it the snap length cut off. Valid until the next call.
        case whole(UnsafeRawBufferPointer, missingByteCount: Int, protocolNumber: UInt8)
        case refused(SkipReason)
    }

    /// Datagrams that were put together.
    private(set) var wholeCount = 0
    /// Datagrams that were given up, by capture.
    private(set) var incompleteCounts: [Int] = []

    private var slots: [Key: Int] = [:]
    /// Made when needed, and used again: never more than `datagramCountMax`.
    private var datagrams: [FragmentedDatagram] = []
    /// When the datagram of each slot began; `.max` for a free one.
    private var beginnings: [Int64] = []
    private var freeSlots: [Int] = []
    /// No open datagram began before.
    private var oldestBeginning = Int64.max

    /// Takes one fragment; `bytes` is what was captured of its `byteCount` octets.
    mutating func handle(
        _ key: Key,
        _ fragment: IPHeader.Fragment,
        _ bytes: UnsafeRawBufferPointer,
        byteCount: Int,
        protocolNumber: UInt8,
        at now: Int64
    ) -> Outcome {
        giveUpOld(now)
        let end = fragment.offset + byteCount
        guard byteCount > 0, end <= FragmentedDatagram.byteCountMax,
            !fragment.hasMore || byteCount % 8 == 0
        else { return .refused(.badFragment) }
        let slot = slots[key] ?? open(key, now)
        let datagram = datagrams[slot]
        if let reason = datagram.add(fragment, bytes, end: end, protocolNumber: protocolNumber) {
            return .refused(reason)
        }
        guard datagram.isWhole else { return .kept }
        wholeCount += 1
        close(slot)
        return .whole(
            datagram.payload,
            missingByteCount: datagram.missingByteCount,
            protocolNumber: datagram.protocolNumber
        )
    }

    /// The captures end: what is open stays incomplete.
    mutating func handleEnd() {
        for slot in beginnings.indices where beginnings[slot] != .max { giveUp(slot) }
        oldestBeginning = .max
    }

    private mutating func open(_ key: Key, _ now: Int64) -> Int {
        if freeSlots.isEmpty, datagrams.count == Self.datagramCountMax,
            let oldest = beginnings.indices.min(by: { beginnings[$0] < beginnings[$1] })
        {
            giveUp(oldest)
        }
        let slot: Int
        if let free = freeSlots.popLast() {
            slot = free
        } else {
            slot = datagrams.count
            datagrams.append(FragmentedDatagram(key))
            beginnings.append(.max)
        }
        datagrams[slot].begin(key)
        beginnings[slot] = min(now, .max - 1)
        oldestBeginning = min(oldestBeginning, now)
        slots[key] = slot
        return slot
    }

    private mutating func giveUpOld(_ now: Int64) {
        guard
            now.subtractingReportingOverflow(oldestBeginning).partialValue
                > Self.patienceNanoseconds,
            oldestBeginning <= now
        else { return }
        let latest = now - Self.patienceNanoseconds
        for slot in beginnings.indices where beginnings[slot] < latest { giveUp(slot) }
        oldestBeginning = beginnings.min() ?? .max
    }

    private mutating func giveUp(_ slot: Int) {
        let capture = datagrams[slot].key.capture
        while incompleteCounts.count <= capture { incompleteCounts.append(0) }
        incompleteCounts[capture] += 1
        close(slot)
    }

    private mutating func close(_ slot: Int) {
        slots[datagrams[slot].key] = nil
        beginnings[slot] = .max
        freeSlots.append(slot)
    }

    private static let datagramCountMax = 256
    /// As Linux waits (ip_frag_time).
    private static let patienceNanoseconds: Int64 = 30_000_000_000
}
