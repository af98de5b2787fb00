/// What a packet turned out to carry that is not read any further.
public struct UnreadProtocol: Hashable, Comparable, Sendable {
    /// Whose number it is.
    public enum Space: String, Sendable, CaseIterable {
        case linkType = "link-type"
        /// Of loopback captures.
        case addressFamily = "address-family"
        case etherType = "ethertype"
        case ipProtocol = "ip-protocol"
        case pppProtocol = "ppp-protocol"
        /// Destination and source access point of IEEE 802.2.
        case llc
        /// What a TZSP header says it carries.
        case tzsp
        /// What NSH and VXLAN-GPE say they carry.
        case nextProtocol = "next-protocol"
        /// What lies below MPLS labels and is neither IP nor Ethernet: its first octet.
        case pseudowire
    }

    public var space: Space
    public var number: UInt32

    public init(_ space: Space, _ number: UInt32) {
        self.space = space
        self.number = number
    }

    public static func < (left: UnreadProtocol, right: UnreadProtocol) -> Bool {
        left.space != right.space
            ? left.space.rawValue < right.space.rawValue : left.number < right.number
    }

    /// `ARP`, `IP protocol 253`, `EtherType 0x1234`.
    public var name: String {
        if let name = knownName { return name }
        let digits = String(number, radix: 16, uppercase: true)
        let hexadecimal = "0x" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        return switch space {
        case .linkType: "link type \(number)"
        case .addressFamily: "address family \(number)"
        case .etherType: "EtherType \(hexadecimal)"
        case .ipProtocol: "IP protocol \(number)"
        case .pppProtocol: "PPP protocol \(hexadecimal)"
        case .llc: "LLC \(hexadecimal)"
        case .tzsp: "TZSP of \(number)"
        case .nextProtocol: "next protocol \(number)"
        case .pseudowire: "pseudowire payload \(hexadecimal)"
        }
    }

    private var knownName: String? {
        switch space {
        case .linkType: Self.linkTypes[number]
        case .etherType: Self.etherTypes[number]
        case .ipProtocol: Self.ipProtocols[number]
        case .pppProtocol: Self.pppProtocols[number]
        case .llc: Self.accessPoints[number]
        case .tzsp: number == 18 ? "IEEE 802.11" : nil
        case .addressFamily, .nextProtocol, .pseudowire: nil
        }
    }

    private static let linkTypes: [UInt32: String] = [
        6: "token ring", 7: "ARCNET", 10: "FDDI", 11: "ATM", 100: "ATM", 105: "IEEE 802.11",
        107: "Frame Relay", 117: "pflog", 119: "IEEE 802.11 with Prism header",
        127: "IEEE 802.11 with radiotap header", 143: "DOCSIS", 147: "USER0",
        149: "PKTAP", 163: "IEEE 802.11 with AVS header", 189: "USB", 192: "PPI",
        195: "IEEE 802.15.4", 201: "Bluetooth", 220: "USB", 227: "CAN", 249: "USB",
        253: "netlink", 258: "PKTAP", 271: "vsock",
    ]

    private static let etherTypes: [UInt32: String] = [
        0x0000: "GRE keepalive", 0x0806: "ARP", 0x0842: "wake-on-LAN", 0x2001: "NHRP",
        0x22F0: "AVTP", 0x22F3: "TRILL", 0x22EA: "SRP", 0x6003: "DECnet", 0x8035: "RARP",
        0x809B: "AppleTalk", 0x80F3: "AppleTalk ARP", 0x8100: "VLAN", 0x8137: "IPX",
        0x8808: "Ethernet pause", 0x8809: "LACP", 0x8863: "PPPoE discovery", 0x887B: "HomePlug",
        0x888E: "EAPOL", 0x8892: "PROFINET", 0x88A2: "ATA over Ethernet", 0x88A4: "EtherCAT",
        0x88B8: "GOOSE", 0x88CC: "LLDP", 0x88E1: "HomePlug", 0x88E5: "MACsec, encrypted",
        0x88F5: "MVRP", 0x88F7: "PTP", 0x8902: "CFM", 0x8903: "FabricPath", 0x8906: "FCoE",
        0x8914: "FIP", 0x8915: "RoCE", 0x892F: "HSR", 0x88FB: "PRP", 0x9000: "loopback test",
        0x9003: "slow protocols",
    ]

    private static let ipProtocols: [UInt32: String] = [
        1: "ICMP", 3: "GGP", 8: "EGP", 9: "IGRP", 33: "DCCP", 46: "RSVP", 50: "ESP, encrypted",
        55: "minimal encapsulation", 58: "ICMPv6", 59: "IPv6 without payload", 88: "EIGRP",
        89: "OSPF", 102: "PNNI", 103: "PIM", 108: "IPComp", 112: "VRRP", 115: "L2TPv3",
        132: "SCTP", 136: "UDP-Lite", 2: "IGMP of another kind",
    ]

    private static let pppProtocols: [UInt32: String] = [
        0x002D: "compressed TCP/IP", 0x002F: "uncompressed TCP/IP", 0x003D: "multilink PPP",
        0x0053: "encrypted PPP", 0x00FB: "compressed PPP", 0x00FD: "compressed PPP",
        0x8021: "IPCP", 0x8057: "IPv6CP", 0x80FD: "CCP", 0x8281: "MPLSCP", 0xC021: "LCP",
        0xC023: "PAP", 0xC025: "LQR", 0xC223: "CHAP",
    ]

    private static let accessPoints: [UInt32: String] = [
        0x4242: "spanning tree", 0xE0E0: "IPX", 0xF0F0: "NetBIOS", 0xFEFE: "IS-IS",
        0xFFFF: "IPX", 0xAAAA: "SNAP",
    ]
}
