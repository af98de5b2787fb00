import Wire

/// What an EtherType announces when it is neither a network protocol nor a tunnel of its own: tags in front of the next EtherType, frames inside
/// frames, and IEEE 802.2.
enum LinkTag {
    /// Ethernet's addresses and type.
    static func readEthernet(_ wire: WireBytes) throws(SkipFailure) -> TunnelHeader {
        try wire.require(14)
        return TunnelHeader(
            carried: .etherType(BigEndian.loadUInt16(wire.bytes, at: 12)),
            byteCount: 14
        )
    }

    static func read(_ type: UInt16, _ wire: WireBytes) throws(SkipFailure) -> TunnelHeader {
        switch type {
        case LinkHeader.ipv4: TunnelHeader(carried: .ipv4, byteCount: 0)
        case LinkHeader.ipv6: TunnelHeader(carried: .ipv6, byteCount: 0)
        // 802.1Q, 802.1ad, and what was used for QinQ before it.
        case 0x8100, 0x88A8, 0x9100, 0x9200, 0x9300:
            try tag(wire, .vlan, byteCount: 4, identifier: (0, 0xFFF))
        // The virtual interface that the frame is for.
        case 0x8926: try tag(wire, .vnTag, byteCount: 6, identifier: (0, 0x3FFF))
        // 802.1BR: six octets, of which the second pair names the channel.
        case 0x893F: try tag(wire, .eTag, byteCount: 8, identifier: (2, 0x3FFF))
        case 0x88E7: try backbone(wire)
        case 0x88E5: try macsec(wire)
        case 0x6558: TunnelHeader(carried: .ethernet, byteCount: 0)
        case 0x8847, 0x8848: TunnelHeader(carried: .mpls, byteCount: 0)
        case 0x8864: try PPPHeader.readPPPoE(wire)
        case 0x880B: TunnelHeader(carried: .ppp, byteCount: 0)
        case 0x894F: TunnelHeader(carried: .nsh, byteCount: 0)
        // Below 1536 it is the length of an IEEE 802.3 frame.
        case ..<0x0600: TunnelHeader(carried: .llc, byteCount: 0)
        default:
            TunnelHeader(carried: .unread(UnreadProtocol(.etherType, UInt32(type))), byteCount: 0)
        }
    }

    /// A tag, the next EtherType at its end.
    private static func tag(
        _ wire: WireBytes,
        _ kind: OuterLayer.Kind,
        byteCount: Int,
        identifier: (offset: Int, mask: UInt16)
    ) throws(SkipFailure) -> TunnelHeader {
        try wire.require(byteCount)
        let field = BigEndian.loadUInt16(wire.bytes, at: identifier.offset) & identifier.mask
        return TunnelHeader(
            carried: .etherType(BigEndian.loadUInt16(wire.bytes, at: byteCount - 2)),
            byteCount: byteCount,
            layer: OuterLayer(kind, identifier: UInt32(field))
        )
    }

    /// 802.1ah: four octets, of which three are the service, then the customer's whole frame.
    private static func backbone(_ wire: WireBytes) throws(SkipFailure) -> TunnelHeader {
        try wire.require(4)
        return TunnelHeader(
            carried: .ethernet,
            byteCount: 4,
            layer: OuterLayer(
                .pbb,
                identifier: BigEndian.loadUInt32(wire.bytes, at: 0) & 0xFF_FFFF
            )
        )
    }

    /// What is only signed can be read (IEEE 802.1AE §9): neither E nor C is set.
    private static func macsec(_ wire: WireBytes) throws(SkipFailure) -> TunnelHeader {
        try wire.require(6)
        let control = wire.bytes[0]
        guard control & 0x0C == 0 else {
            return TunnelHeader(carried: .unread(UnreadProtocol(.etherType, 0x88E5)), byteCount: 0)
        }
        let byteCount = control & 0x20 != 0 ? 14 : 6
        try wire.require(byteCount + 2)
        return TunnelHeader(
            carried: .etherType(BigEndian.loadUInt16(wire.bytes, at: byteCount)),
            byteCount: byteCount + 2,
            layer: OuterLayer(.macsec)
        )
    }

    /// IEEE 802.2: two access points and a control field; SNAP gives the EtherType after all.
    static func readLLC(_ wire: WireBytes) -> TunnelHeader {
        let bytes = wire.bytes
        guard bytes.count >= 3 else { return unread(0) }
        let points = UInt32(BigEndian.loadUInt16(bytes, at: 0))
        if points == 0x0606, bytes[2] == 3 { return TunnelHeader(carried: .ipv4, byteCount: 3) }
        guard points == 0xAAAA, bytes[2] == 3, bytes.count >= 8 else { return unread(points) }
        let type = BigEndian.loadUInt16(bytes, at: 6)
        switch BigEndian.loadUInt32(bytes, at: 2) & 0xFF_FFFF {
        case 0, 0xF8: return TunnelHeader(carried: .etherType(type), byteCount: 8)
        // A bridged frame, with or without its check sequence (RFC 2684 §5.2).
        case 0x80C2 where type == 1 || type == 7:
            return TunnelHeader(carried: .ethernet, byteCount: 8)
        default: return unread(points)
        }
    }

    private static func unread(_ points: UInt32) -> TunnelHeader {
        TunnelHeader(carried: .unread(UnreadProtocol(.llc, points)), byteCount: 0)
    }

    /// Whether this could be a frame: for places where nothing says so.
    static func isPlausible(_ wire: WireBytes) -> Bool {
        guard wire.bytes.count >= 14 else { return false }
        let type = BigEndian.loadUInt16(wire.bytes, at: 12)
        let next = wire.bytes.count > 14 ? wire.bytes[14] >> 4 : nil
        return switch type {
        case LinkHeader.ipv4: next == 4
        case LinkHeader.ipv6: next == 6
        case 0x8100, 0x88A8, 0x8847, 0x8848, 0x8863, 0x8864, 0x0806, 0x88CC, 0x88E5, 0x88F7: true
        case ..<0x0600:
            Int(type) <= wire.byteCount - 14 && wire.bytes.count >= 16
                && [0x4242, 0xAAAA].contains(BigEndian.loadUInt16(wire.bytes, at: 14))
        default: false
        }
    }
}
