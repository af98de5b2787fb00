import Wire

/// Tunnels in UDP datagrams. Those of a known port are believed when their header is in order; VXLAN is also found at any port, by its header and by
/// the packet that follows it. What does not fit is a plain datagram.
enum UDPTunnel {
    static func read(_ wire: WireBytes, to port: UInt16) throws(SkipFailure) -> TunnelHeader? {
        guard wire.byteCount >= 8 else { return nil }
        switch port {
        case 4789, 8472, 48_879: return try vxlan(wire)
        case 4790: return try genericVXLAN(wire)
        case 6081: return try geneve(wire)
        case 37_008: return try tzsp(wire)
        case 2152: return try gtp(wire)
        case 6635:
            try wire.require(4)
            return TunnelHeader(carried: .mpls, byteCount: 0)
        case 4754: return TunnelHeader(carried: .gre, byteCount: 0)
        default: return vxlanElsewhere(wire)
        }
    }

    /// VXLAN (RFC 7348 §5): a flag that the identifier is there, identifier, reserved octets. The group policy extension has other flags besides.
    private static func vxlan(_ wire: WireBytes) throws(SkipFailure) -> TunnelHeader? {
        try wire.require(8)
        let flags = wire.bytes[0]
        guard flags & 0x08 != 0 else { return nil }
        if flags & 0x04 != 0 { return try genericVXLAN(wire) }
        return vxlanHeader(wire, .ethernet)
    }

    /// VXLAN-GPE (draft-ietf-nvo3-vxlan-gpe §3): the last of the reserved octets says what comes next.
    private static func genericVXLAN(_ wire: WireBytes) throws(SkipFailure) -> TunnelHeader? {
        try wire.require(8)
        guard wire.bytes[0] & 0x08 != 0 else { return nil }
        guard wire.bytes[0] & 0x04 != 0 else { return vxlanHeader(wire, .ethernet) }
        return vxlanHeader(wire, ServiceHeader.carried(wire.bytes[3]))
    }

    private static func vxlanHeader(_ wire: WireBytes, _ carried: Carried) -> TunnelHeader {
        TunnelHeader(
            carried: carried,
            byteCount: 8,
            layer: OuterLayer(
                .vxlan,
                identifier: BigEndian.loadUInt32(wire.bytes, at: 4) >> 8
            )
        )
    }

    /// At another port: no flag but the one, nothing reserved in use, and a frame with an IP header that is in order.
    private static func vxlanElsewhere(_ wire: WireBytes) -> TunnelHeader? {
        guard wire.bytes.count >= 42, BigEndian.loadUInt32(wire.bytes, at: 0) == 0x0800_0000,
            wire.bytes[7] == 0, LinkTag.isPlausible(wire.after(8))
        else { return nil }
        let type = BigEndian.loadUInt16(wire.bytes, at: 20)
        guard type == LinkHeader.ipv4 || type == LinkHeader.ipv6,
            MPLSHeader.isPlausibleIP(wire.after(22))
        else { return nil }
        return vxlanHeader(wire, .ethernet)
    }

    /// GENEVE (RFC 8926 §3.4): version and length of the options, flags, EtherType, identifier.
    private static func geneve(_ wire: WireBytes) throws(SkipFailure) -> TunnelHeader? {
        try wire.require(8)
        let byteCount = 8 + Int(wire.bytes[0] & 0x3F) * 4
        guard wire.bytes[0] >> 6 == 0, wire.byteCount >= byteCount else { return nil }
        try wire.require(byteCount)
        return TunnelHeader(
            carried: .etherType(BigEndian.loadUInt16(wire.bytes, at: 2)),
            byteCount: byteCount,
            layer: OuterLayer(
                .geneve,
                identifier: BigEndian.loadUInt32(wire.bytes, at: 4) >> 8
            )
        )
    }

    /// TZSP: version, type, what is carried, then tags up to one that ends them.
    private static func tzsp(_ wire: WireBytes) throws(SkipFailure) -> TunnelHeader? {
        // Types 0 and 1 are packets that were received, and that are to be sent.
        guard wire.bytes.count >= 5, wire.bytes[0] == 1, wire.bytes[1] <= 1 else { return nil }
        var offset = 4
        while true {
            guard wire.byteCount > offset else { return nil }
            try wire.require(offset + 1)
            let tag = wire.bytes[offset]
            if tag == 1 { break }
            if tag == 0 {
                offset += 1
                continue
            }
            guard wire.byteCount > offset + 1 else { return nil }
            try wire.require(offset + 2)
            offset += 2 + Int(wire.bytes[offset + 1])
        }
        let number = UInt32(BigEndian.loadUInt16(wire.bytes, at: 2))
        return TunnelHeader(
            carried: number == 1 ? .ethernet : .unread(UnreadProtocol(.tzsp, number)),
            byteCount: offset + 1,
            layer: OuterLayer(.tzsp)
        )
    }

    /// GTP-U (3GPP TS 29.281 §5.1): only messages that carry a packet, with their extension headers.
    private static func gtp(_ wire: WireBytes) throws(SkipFailure) -> TunnelHeader? {
        try wire.require(8)
        let flags = wire.bytes[0]
        guard flags >> 4 == 3, wire.bytes[1] == 0xFF else { return nil }
        var byteCount = 8
        if flags & 7 != 0 {
            byteCount = 12
            guard wire.byteCount >= byteCount else { return nil }
            try wire.require(byteCount)
            var next = flags & 4 == 0 ? 0 : wire.bytes[11]
            while next != 0 {
                guard wire.byteCount > byteCount else { return nil }
                try wire.require(byteCount + 1)
                let length = Int(wire.bytes[byteCount]) * 4
                guard length > 0, wire.byteCount >= byteCount + length else { return nil }
                try wire.require(byteCount + length)
                byteCount += length
                next = wire.bytes[byteCount - 1]
            }
        }
        return TunnelHeader(
            carried: .ip,
            byteCount: byteCount,
            layer: OuterLayer(.gtp, identifier: BigEndian.loadUInt32(wire.bytes, at: 4))
        )
    }
}

/// The network service header (RFC 8300 §2.2), and the numbers of what follows it, which VXLAN-GPE shares.
enum ServiceHeader {
    static func read(_ wire: WireBytes) throws(SkipFailure) -> TunnelHeader {
        try wire.require(8)
        let byteCount = Int(wire.bytes[1] & 0x3F) * 4
        guard wire.bytes[0] >> 6 == 0, byteCount >= 8 else {
            throw SkipFailure(.badTunnelHeader)
        }
        try wire.require(byteCount)
        return TunnelHeader(
            carried: carried(wire.bytes[3]),
            byteCount: byteCount,
            layer: OuterLayer(.nsh, identifier: BigEndian.loadUInt32(wire.bytes, at: 4) >> 8)
        )
    }

    static func carried(_ number: UInt8) -> Carried {
        switch number {
        case 1: .ipv4
        case 2: .ipv6
        case 3: .ethernet
        case 4: .nsh
        case 5: .mpls
        default: .unread(UnreadProtocol(.nextProtocol, UInt32(number)))
        }
    }
}
