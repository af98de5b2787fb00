/// One packet of a capture as its reader hands it on. The octets are valid only during the call that brings it.
public struct CapturedPacket {
    /// Counted from 1 in its capture, as Wireshark counts frames.
    public var number: Int
    /// Since 1970, UTC.
    public var nanoseconds: Int64
    /// Index into the capture's interfaces; 0 where the format knows none.
    public var interface: Int
    /// The interface of an earlier section that this one goes on with; `interface` where it goes on with none.
    public var continuedInterface: Int
    public var linkType: LinkType
    /// Octets the packet had on the wire; more than `bytes` when the snap length cut it.
    public var originalByteCount: Int
    /// From the link layer's header on.
    public var bytes: UnsafeRawBufferPointer
    /// Packets of this interface that the capture lost since the one before, where the capture says so.
    public var dropCount = 0

    public init(
        number: Int,
        nanoseconds: Int64,
        interface: Int,
        linkType: LinkType,
        originalByteCount: Int,
        bytes: UnsafeRawBufferPointer
    ) {
        self.number = number
        self.nanoseconds = nanoseconds
        self.interface = interface
        continuedInterface = interface
        self.linkType = linkType
        self.originalByteCount = originalByteCount
        self.bytes = bytes
    }
}

/// What a captured packet begins with; the numbers are those of capture files (LINKTYPE_…).
public struct LinkType: Hashable, Sendable, RawRepresentable {
    public var rawValue: UInt32

    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// BSD loopback: the address family in host order of the machine that captured.
    public static let null = LinkType(rawValue: 0)
    public static let ethernet = LinkType(rawValue: 1)
    public static let ppp = LinkType(rawValue: 9)
    public static let pppHDLC = LinkType(rawValue: 50)
    public static let pppEthernet = LinkType(rawValue: 51)
    public static let raw = LinkType(rawValue: 101)
    public static let ciscoHDLC = LinkType(rawValue: 104)
    /// OpenBSD loopback: the address family in network order.
    public static let loop = LinkType(rawValue: 108)
    /// Linux cooked capture 1.
    public static let linuxSLL = LinkType(rawValue: 113)
    /// OpenBSD's inside of IPsec: family, association and flags.
    public static let enc = LinkType(rawValue: 109)
    /// PPP, with the direction in place of the address.
    public static let pppDaemon = LinkType(rawValue: 166)
    /// PPP behind one octet for the direction.
    public static let pppWithDirection = LinkType(rawValue: 204)
    public static let mpls = LinkType(rawValue: 219)
    public static let ipv4 = LinkType(rawValue: 228)
    public static let ipv6 = LinkType(rawValue: 229)
    /// What Linux' netfilter logged.
    public static let nflog = LinkType(rawValue: 239)
    public static let ipOverInfiniBand = LinkType(rawValue: 242)
    /// Linux cooked capture 2.
    public static let linuxSLL2 = LinkType(rawValue: 276)
}
