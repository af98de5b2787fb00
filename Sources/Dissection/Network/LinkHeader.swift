import Wire

/// The header in front of the network layer: what follows, and where.
struct LinkHeader {
    var etherType: UInt16
    var payloadOffset: Int
    /// Tells packets of one capture apart that passed different interfaces of an "any" capture.
    var scope: UInt32 = 0

    static let ipv4: UInt16 = 0x0800
    static let ipv6: UInt16 = 0x86DD

    enum Failure: Error {
        case unsupported, short
    }

    private init(etherType: UInt16, payloadOffset: Int) {
        self.etherType = etherType
        self.payloadOffset = payloadOffset
    }

    /// Nothing is read behind what was captured.
    @inline(__always)
    static func read(
        _ bytes: UnsafeRawBufferPointer,
        _ linkType: LinkType
    ) throws(Failure) -> LinkHeader {
        guard linkType == .ethernet else { return try LinkHeader(bytes, rareType: linkType) }
        guard bytes.count >= 14 else { throw .short }
        let type = BigEndian.loadUInt16(bytes, at: 12)
        var header = LinkHeader(etherType: type, payloadOffset: 14)
        if type != ipv4 { try header.skipTags(bytes) }
        return header
    }

    private init(_ bytes: UnsafeRawBufferPointer, rareType: LinkType) throws(Failure) {
        switch rareType {
        case .linuxSLL:
            guard bytes.count >= 16 else { throw .short }
            etherType = BigEndian.loadUInt16(bytes, at: 14)
            payloadOffset = 16
            try skipTags(bytes)
        case .linuxSLL2:
            guard bytes.count >= 20 else { throw .short }
            etherType = BigEndian.loadUInt16(bytes, at: 0)
            payloadOffset = 20
            scope = BigEndian.loadUInt32(bytes, at: 4)
            try skipTags(bytes)
        case .null, .loop:
            // The address family is that of the capturing system, in its order; the IP version says the same.
            guard bytes.count >= 5 else { throw .short }
            let family = BigEndian.loadUInt32(bytes, at: 0)
            payloadOffset = 4
            etherType =
                Self.families.contains(family) || Self.families.contains(family.byteSwapped)
                ? Self.etherType(version: bytes[4]) : 0
        case .raw, .raw12, .raw14, .ipv4, .ipv6:
            guard bytes.count >= 1 else { throw .short }
            payloadOffset = 0
            etherType = Self.etherType(version: bytes[0])
        default: throw .unsupported
        }
    }

    /// VLAN tags, several deep, and LLC with SNAP.
    private mutating func skipTags(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        while Self.tagTypes.contains(etherType) {
            guard bytes.count >= payloadOffset + 4 else { throw .short }
            etherType = BigEndian.loadUInt16(bytes, at: payloadOffset + 2)
            payloadOffset += 4
        }
        // Below 1536 it is the length of an IEEE 802.3 frame.
        guard etherType < 0x0600, bytes.count >= payloadOffset + 8,
            BigEndian.loadUInt32(bytes, at: payloadOffset) == 0xAAAA_0300,
            BigEndian.loadUInt16(bytes, at: payloadOffset + 4) == 0
        else { return }
        etherType = BigEndian.loadUInt16(bytes, at: payloadOffset + 6)
        payloadOffset += 8
    }

    private static func etherType(version octet: UInt8) -> UInt16 {
        switch octet >> 4 {
        case 4: ipv4
        case 6: ipv6
        default: 0
        }
    }

    /// 802.1Q, 802.1ad, and what was used for QinQ before it.
    private static let tagTypes: [UInt16] = [0x8100, 0x88A8, 0x9100, 0x9200]
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
        case .raw, .raw12, .raw14: "raw IP"
        case .loop: "OpenBSD loopback"
        case .linuxSLL: "Linux cooked 1"
        case .ipv4: "raw IPv4"
        case .ipv6: "raw IPv6"
        case .linuxSLL2: "Linux cooked 2"
        default: "link type \(rawValue)"
        }
    }
}
