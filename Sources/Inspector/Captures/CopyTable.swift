/// Tells copies that a capture made from packets that the network, or its sender, repeated.
///
/// One place may see a packet in several ways: on `any` and on `eth0`, on a bridge and on its port, in several tunnels. What came n times on one way and
/// then n times on another is n packets, not 2n.
///
/// ```
///   way A   x     x        y            x is two packets: the third and the fourth sighting are copies
///   way B      x     x     y            y is one packet
/// ```
struct CopyTable {
    /// Sightings of a packet by way; the last lane is that of all further ways.
    private typealias Counts = SIMD16<UInt8>

    private var ways: [UInt64: Int] = [:]
    private var newer: [UInt64: Counts] = [:]
    /// What was seen a while ago; before that nothing is remembered.
    private var older: [UInt64: Counts] = [:]
    private var turnNanoseconds: Int64 = .min

    var wayCount: Int { ways.count }

    /// Whether the place has this packet already.
    mutating func isCopy(_ identity: UInt64, way: UInt64, at now: Int64) -> Bool {
        turn(at: now)
        let lane = lane(of: way)
        var sightings = newer[identity] ?? older[identity] ?? Counts()
        let known = sightings.max()
        if sightings[lane] == .max { sightings = sightings &>> 1 }
        // Nobody knows which of the further ways it was.
        let isCopy = lane == Self.lastLane ? known > 0 : sightings[lane] < known
        if lane != Self.lastLane || known == 0 { sightings[lane] += 1 }
        newer[identity] = sightings
        return isCopy
    }

    private mutating func lane(of way: UInt64) -> Int {
        if let lane = ways[way] { return lane }
        guard ways.count < Self.lastLane else { return Self.lastLane }
        let lane = ways.count
        ways[way] = lane
        return lane
    }

    private mutating func turn(at now: Int64) {
        let (age, overflows) = now.subtractingReportingOverflow(turnNanoseconds)
        guard overflows || age > Self.memoryNanoseconds || newer.count >= Self.packetCountMax
        else { return }
        swap(&newer, &older)
        newer.removeAll(keepingCapacity: true)
        turnNanoseconds = now
    }

    private static let lastLane = 15
    /// Copies come within microseconds; a capture's buffers may hold one back for longer.
    private static let memoryNanoseconds: Int64 = 2_000_000_000
    private static let packetCountMax = 1 << 16
}
