import Wire

/// Generic routing encapsulation (RFC 2784, RFC 2890; version 1: RFC 2637), and the mirrors that come in it.
///
///     C|R|K|S|s|recursion|A|…|version (16) | protocol (16) | checksum, offset | key | sequence | acknowledgement | routing
enum GREHeader {
    static func read(_ wire: WireBytes) throws(SkipFailure) -> TunnelHeader {
        try wire.require(4)
        let flags = BigEndian.loadUInt16(wire.bytes, at: 0)
        let type = BigEndian.loadUInt16(wire.bytes, at: 2)
        let version = flags & 7
        guard version <= 1 else { throw SkipFailure(.badTunnelHeader) }
        var byteCount = 4
        if flags & (checksumFlag | routingFlag) != 0 { byteCount += 4 }
        var key: UInt32?
        if flags & keyFlag != 0 {
            try wire.require(byteCount + 4)
            let field = BigEndian.loadUInt32(wire.bytes, at: byteCount)
            // Version 1 has the payload's length in the upper half, and the call in the lower.
            key = version == 1 ? field & 0xFFFF : field
            byteCount += 4
        }
        let hasSequence = flags & sequenceFlag != 0
        if hasSequence { byteCount += 4 }
        if version == 1, flags & acknowledgementFlag != 0 { byteCount += 4 }
        if version == 0, flags & routingFlag != 0 {
            byteCount = try endOfRouting(wire, from: byteCount)
        }
        try wire.require(byteCount)
        return TunnelHeader(
            carried: carried(type, hasSequence: hasSequence, wire.after(byteCount)),
            byteCount: byteCount,
            layer: OuterLayer(.gre, identifier: key)
        )
    }

    private static func carried(
        _ type: UInt16,
        hasSequence: Bool,
        _ payload: WireBytes
    ) -> Carried {
        switch type {
        // Without a sequence number there is no ERSPAN header either: type I.
        case 0x88BE: hasSequence ? .erspan2 : .erspan1
        case 0x22EB: .erspan3
        // PPTP's acknowledgements carry nothing.
        case 0x880B where payload.byteCount > 0: .ppp
        // Web caches: version 2 puts four octets in front (draft-wilson-wrec-wccp-v2 §4.12).
        case 0x883E: payload.bytes.first.map { $0 >> 4 == 4 } ?? true ? .ipv4 : .wccp
        case ..<0x0600: .unread(UnreadProtocol(.etherType, UInt32(type)))
        default: .etherType(type)
        }
    }

    /// Source routes (RFC 1701): family, offset, length, addresses; an empty one ends them.
    private static func endOfRouting(
        _ wire: WireBytes,
        from start: Int
    ) throws(SkipFailure) -> Int {
        var offset = start
        for _ in 0..<routeCountMax {
            try wire.require(offset + 4)
            let family = BigEndian.loadUInt16(wire.bytes, at: offset)
            let length = Int(wire.bytes[offset + 3])
            offset += 4 + length
            if family == 0, length == 0 { return offset }
        }
        throw SkipFailure(.badTunnelHeader)
    }

    /// ERSPAN II (draft-foschiano-erspan §4.2): version 1, VLAN, session of ten bits, eight octets in all.
    static func readERSPAN2(_ wire: WireBytes) throws(SkipFailure) -> TunnelHeader {
        try wire.require(8)
        guard wire.bytes[0] >> 4 == 1 else { throw SkipFailure(.badTunnelHeader) }
        return TunnelHeader(
            carried: .ethernet,
            byteCount: 8,
            layer: OuterLayer(.erspan, identifier: session(wire), version: 2)
        )
    }

    /// ERSPAN III (§4.3): version 2, and the kind of frame; the last bit announces eight octets more.
    static func readERSPAN3(_ wire: WireBytes) throws(SkipFailure) -> TunnelHeader {
        try wire.require(12)
        guard wire.bytes[0] >> 4 == 2 else { throw SkipFailure(.badTunnelHeader) }
        let fields = BigEndian.loadUInt16(wire.bytes, at: 10)
        let byteCount = fields & 1 == 0 ? 12 : 20
        try wire.require(byteCount)
        return TunnelHeader(
            carried: fields >> 10 & 0x1F == 2 ? .ip : .ethernet,
            byteCount: byteCount,
            layer: OuterLayer(.erspan, identifier: session(wire), version: 3)
        )
    }

    private static func session(_ wire: WireBytes) -> UInt32 {
        UInt32(BigEndian.loadUInt16(wire.bytes, at: 2) & 0x3FF)
    }

    private static let checksumFlag: UInt16 = 0x8000
    private static let routingFlag: UInt16 = 0x4000
    private static let keyFlag: UInt16 = 0x2000
    private static let sequenceFlag: UInt16 = 0x1000
    private static let acknowledgementFlag: UInt16 = 0x0080
    private static let routeCountMax = 16
}
