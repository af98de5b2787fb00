import Wire

/// The header in front of everything: what follows, and where. Tags and tunnels come after it.
struct LinkHeader {
    var carried: Carried
    var byteCount: Int
    /// Tells packets of one capture apart that passed different interfaces of an "any" capture; 0 where nothing says.
    var interface: UInt32 = 0

    static let ipv4: UInt16 = 0x0800
    static let ipv6: UInt16 = 0x86DD

    /// Nothing is read behind what was captured.
    init(_ bytes: UnsafeRawBufferPointer, _ linkType: LinkType) throws(SkipFailure) {
        switch linkType {
        case .ethernet: self.init(.ethernet)
        case .linuxSLL:
            try Self.require(16, bytes)
            self.init(.etherType(BigEndian.loadUInt16(bytes, at: 14)), 16)
            // The interface is not told, but whether the packet came or went.
            interface = UInt32(BigEndian.loadUInt16(bytes, at: 0))
        case .linuxSLL2:
            try Self.require(20, bytes)
            self.init(.etherType(BigEndian.loadUInt16(bytes, at: 0)), 20)
            interface = BigEndian.loadUInt32(bytes, at: 4)
        case .null, .loop:
            try Self.require(5, bytes)
            self.init(Self.carried(family: BigEndian.loadUInt32(bytes, at: 0)), 4)
        case .raw, .raw12, .raw14, .ipv4, .ipv6:
            try Self.require(1, bytes)
            self.init(.ip)
        case .ppp, .pppHDLC: self.init(.hdlc)
        case .pppEthernet: self.init(.etherType(0x8864))
        case .pppDaemon:
            try Self.require(2, bytes)
            self.init(.pppProtocol, bytes[1] == 0x03 ? 2 : 1)
        case .pppWithDirection:
            try Self.require(1, bytes)
            self.init(.ppp, 1)
        case .ciscoHDLC: self.init(.ciscoHDLC)
        case .mpls: self.init(.mpls)
        case .nflog: self.init(.nflog)
        case .enc:
            try Self.require(12, bytes)
            self.init(.ip, 12)
        case .ipOverInfiniBand:
            // Forty octets of addresses, then an EtherType and two that are reserved.
            try Self.require(44, bytes)
            self.init(.etherType(BigEndian.loadUInt16(bytes, at: 40)), 44)
        default: throw SkipFailure(.unsupportedLinkType)
        }
    }

    private init(_ carried: Carried, _ byteCount: Int = 0) {
        self.carried = carried
        self.byteCount = byteCount
    }

    private static func require(
        _ count: Int,
        _ bytes: UnsafeRawBufferPointer
    ) throws(SkipFailure) {
        guard bytes.count >= count else { throw SkipFailure(.shortLinkHeader) }
    }

    /// The address family is that of the capturing system, in its order; the IP version says the same.
    private static func carried(family: UInt32) -> Carried {
        if families.contains(family) || families.contains(family.byteSwapped) { return .ip }
        let smaller = min(family, family.byteSwapped)
        return .unread(UnreadProtocol(.addressFamily, smaller))
    }

    /// AF_INET everywhere; AF_INET6 of Linux, BSDs, macOS and Windows.
    private static let families: [UInt32] = [2, 10, 23, 24, 28, 30]
}

extension LinkType {
    /// Raw IP of captures that wrote the system's own number.
    static let raw12 = LinkType(rawValue: 12)
    static let raw14 = LinkType(rawValue: 14)

    /// `Ethernet`, `Linux cooked 2`, or the number.
    public var name: String {
        switch self {
        case .null: "BSD loopback"
        case .ethernet: "Ethernet"
        case .ppp: "PPP"
        case .raw, .raw12, .raw14: "raw IP"
        case .pppHDLC: "PPP in HDLC"
        case .pppEthernet: "PPPoE"
        case .ciscoHDLC: "Cisco HDLC"
        case .loop: "OpenBSD loopback"
        case .enc: "OpenBSD IPsec"
        case .linuxSLL: "Linux cooked 1"
        case .pppDaemon, .pppWithDirection: "PPP with direction"
        case .mpls: "MPLS"
        case .ipv4: "raw IPv4"
        case .ipv6: "raw IPv6"
        case .nflog: "NFLOG"
        case .ipOverInfiniBand: "IP over InfiniBand"
        case .linuxSLL2: "Linux cooked 2"
        default: UnreadProtocol(.linkType, rawValue).name
        }
    }
}
