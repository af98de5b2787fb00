import Wire

/// Checksums that a sender leaves to its network card, and a capture at the sender sees unfilled.
///
/// Of IP's own checksum zero is one. A wrong one is another if no packet of that sender and protocol has had a right one: then nobody fills it
/// before the capture. From a sender of right ones it is damage, and every receiver drops the packet. Of TCP and UDP the kernel fills in the sum of the
/// pseudo header, for the card to go on with: the first datagrams of each capture are looked at for that.
struct SenderSums {
    private(set) var counts: [UnfilledSums] = []

    /// Senders of right ones, by a hash of their key.
    private var rightSenders = [UInt64](repeating: 0, count: Self.senderCountMax)
    private var lastRight: UInt64 = 0
    private var sampledCapture = 0
    private var sampleCount = 0

    /// False when the header is damaged.
    @inline(__always)
    mutating func accept(_ header: IPHeader, of capture: Int) -> Bool {
        let key =
            header.source.low << 8 | UInt64(header.protocolNumber)
            | UInt64(truncatingIfNeeded: capture &+ 1) << 40
        guard header.hasWrongSum || header.hasNoSum else {
            if key != lastRight { noteRight(key) }
            return true
        }
        return acceptUnfilled(header, key, capture)
    }

    private mutating func noteRight(_ key: UInt64) {
        lastRight = key
        rightSenders[Self.index(of: key)] = key
    }

    private mutating func acceptUnfilled(_ header: IPHeader, _ key: UInt64, _ capture: Int) -> Bool
    {
        if header.hasWrongSum, rightSenders[Self.index(of: key)] == key { return false }
        count(of: capture) { counts in
            counts.ipCount += 1
            counts.add(sender: header.source)
        }
        return true
    }

    // TCP and UDP

    func wantsSample(of capture: Int) -> Bool {
        sampleCount < Self.sampleCountMax || capture != sampledCapture
    }

    /// Looks at the checksum of a datagram whose header and payload have so many octets on the wire.
    mutating func sample(_ datagram: Datagram, checksum: UInt16, byteCount: Int) {
        if datagram.capture != sampledCapture {
            sampledCapture = datagram.capture
            sampleCount = 0
        }
        sampleCount += 1
        guard checksum != 0, checksum == Self.pseudoSum(datagram, byteCount: byteCount) else {
            return
        }
        count(of: datagram.capture) { counts in
            if datagram.protocolNumber == 17 { counts.udpCount += 1 } else { counts.tcpCount += 1 }
            counts.add(sender: datagram.source)
        }
    }

    /// RFC 793 §3.1, RFC 8200 §8.1, folded and not complemented.
    private static func pseudoSum(_ datagram: Datagram, byteCount: Int) -> UInt16 {
        var sum = UInt64(datagram.protocolNumber) + UInt64(max(0, byteCount))
        for address in [datagram.source, datagram.destination] {
            for half in [address.high, address.low] {
                sum += half >> 32
                sum += half & 0xFFFF_FFFF
            }
        }
        while sum > 0xFFFF { sum = (sum & 0xFFFF) + (sum >> 16) }
        return UInt16(sum)
    }

    private mutating func count(of capture: Int, _ body: (inout UnfilledSums) -> Void) {
        while counts.count <= capture { counts.append(UnfilledSums()) }
        body(&counts[capture])
    }

    private static func index(of key: UInt64) -> Int {
        Int((key &* 0x9E37_79B9_7F4A_7C15) >> 54)
    }

    private static let senderCountMax = 1 << 10
    private static let sampleCountMax = 4_096
}

/// Checksums of one capture that their senders had not filled in yet.
public struct UnfilledSums: Sendable, Equatable {
    /// Datagrams whose IP header has none, or a wrong one of a sender that never has a right one.
    public var ipCount = 0
    /// Of the first 4,096 datagrams.
    public var udpCount = 0
    public var tcpCount = 0
    /// The first of those that sent them.
    public private(set) var senders: [IPAddress] = []

    public init() {}

    mutating func add(sender: IPAddress) {
        guard senders.count < Self.senderCountMax, !senders.contains(sender) else { return }
        senders.append(sender)
    }

    private static let senderCountMax = 8
}
