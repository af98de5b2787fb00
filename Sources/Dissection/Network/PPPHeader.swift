import Wire

/// PPP as links, PPPoE and PPTP carry it (RFC 1661, RFC 1662): address, control and the upper octet of the protocol may all be left out.
enum PPPHeader {
    static func read(_ wire: WireBytes) throws(SkipFailure) -> TunnelHeader {
        try wire.require(1)
        // A protocol's upper octet is even, and never 0xFF.
        guard wire.bytes[0] == 0xFF else {
            return TunnelHeader(carried: .pppProtocol, byteCount: 0, layer: OuterLayer(.ppp))
        }
        try wire.require(2)
        return TunnelHeader(carried: .pppProtocol, byteCount: 2, layer: OuterLayer(.ppp))
    }

    /// The protocol field: one octet when that is odd, else two.
    static func readProtocol(_ wire: WireBytes) throws(SkipFailure) -> TunnelHeader {
        try wire.require(1)
        let isCompressed = wire.bytes[0] & 1 == 1
        if !isCompressed { try wire.require(2) }
        let number =
            isCompressed ? UInt16(wire.bytes[0]) : BigEndian.loadUInt16(wire.bytes, at: 0)
        let byteCount = isCompressed ? 1 : 2
        switch number {
        case 0x0021: return TunnelHeader(carried: .ipv4, byteCount: byteCount)
        case 0x0057: return TunnelHeader(carried: .ipv6, byteCount: byteCount)
        case 0x0281, 0x0283: return TunnelHeader(carried: .mpls, byteCount: byteCount)
        case 0x0031: return try bridged(wire, byteCount)
        case 0x003D: return try multilink(wire, byteCount)
        default:
            return TunnelHeader(
                carried: .unread(UnreadProtocol(.pppProtocol, UInt32(number))),
                byteCount: byteCount
            )
        }
    }

    /// A bridged frame (RFC 3518 §4.2): flags, kind of network, and a network's number when the second flag says so.
    private static func bridged(
        _ wire: WireBytes,
        _ start: Int
    ) throws(SkipFailure) -> TunnelHeader {
        try wire.require(start + 2)
        let byteCount = start + (wire.bytes[start] & 0x40 == 0 ? 2 : 6)
        try wire.require(byteCount)
        guard wire.bytes[start + 1] == 1 else {
            return TunnelHeader(
                carried: .unread(UnreadProtocol(.pppProtocol, 0x31)),
                byteCount: start
            )
        }
        return TunnelHeader(carried: .ethernet, byteCount: byteCount)
    }

    /// Multilink (RFC 1990 §3): what is both beginning and end is a whole packet; pieces are not put together.
    private static func multilink(
        _ wire: WireBytes,
        _ start: Int
    ) throws(SkipFailure) -> TunnelHeader {
        try wire.require(start + 4)
        guard wire.bytes[start] & 0xC0 == 0xC0 else {
            return TunnelHeader(
                carried: .unread(UnreadProtocol(.pppProtocol, 0x3D)),
                byteCount: start
            )
        }
        return TunnelHeader(carried: .pppProtocol, byteCount: start + 4)
    }

    /// Address and control of PPP, or Cisco's HDLC.
    static func readHDLC(_ wire: WireBytes) throws(SkipFailure) -> TunnelHeader {
        try wire.require(1)
        let isCisco = wire.bytes[0] == 0x0F || wire.bytes[0] == 0x8F
        return TunnelHeader(carried: isCisco ? .ciscoHDLC : .ppp, byteCount: 0)
    }

    /// Address, control, EtherType.
    static func readCisco(_ wire: WireBytes) throws(SkipFailure) -> TunnelHeader {
        try wire.require(4)
        return TunnelHeader(
            carried: .etherType(BigEndian.loadUInt16(wire.bytes, at: 2)),
            byteCount: 4
        )
    }

    /// PPPoE (RFC 2516 §4): version and type, code, session, length.
    static func readPPPoE(_ wire: WireBytes) throws(SkipFailure) -> TunnelHeader {
        try wire.require(6)
        guard wire.bytes[0] == 0x11 else { throw SkipFailure(.badTunnelHeader) }
        guard wire.bytes[1] == 0 else {
            return TunnelHeader(carried: .unread(UnreadProtocol(.etherType, 0x8863)), byteCount: 0)
        }
        return TunnelHeader(
            carried: .pppProtocol,
            byteCount: 6,
            layer: OuterLayer(
                .pppoe,
                identifier: UInt32(BigEndian.loadUInt16(wire.bytes, at: 2))
            )
        )
    }
}
