import Wire

/// One entry of a label stack (RFC 3032 §2.1), and what may lie below the last, which no field tells.
///
///     label (20) | traffic class (3) | bottom of stack (1) | TTL (8)
enum MPLSHeader {
    static func read(_ wire: WireBytes) throws(SkipFailure) -> TunnelHeader {
        try wire.require(4)
        let entry = BigEndian.loadUInt32(wire.bytes, at: 0)
        let label = entry >> 12
        return TunnelHeader(
            carried: entry & 0x100 == 0 ? .mpls : .mplsPayload(label: label),
            byteCount: 4,
            layer: OuterLayer(.mpls, identifier: label)
        )
    }

    /// IP by its version, unless it contradicts itself and a frame does not: an address may begin with 4 or 6, too (RFC 4928). A pseudowire's control word
    /// begins with zero (RFC 4385 §3).
    static func readPayload(_ wire: WireBytes, label: UInt32) throws(SkipFailure) -> TunnelHeader {
        try wire.require(1)
        let version = wire.bytes[0] >> 4
        let isIP = version == 4 || version == 6
        if isIP, label == explicitNullV4 || label == explicitNullV6 || isPlausibleIP(wire) {
            return TunnelHeader(carried: .ip, byteCount: 0)
        }
        if version == 0, wire.bytes.count >= 4, LinkTag.isPlausible(wire.after(4)) {
            return TunnelHeader(carried: .ethernet, byteCount: 4)
        }
        if LinkTag.isPlausible(wire) { return TunnelHeader(carried: .ethernet, byteCount: 0) }
        if isIP { return TunnelHeader(carried: .ip, byteCount: 0) }
        return TunnelHeader(
            carried: .unread(UnreadProtocol(.pseudowire, UInt32(wire.bytes[0]))),
            byteCount: 0
        )
    }

    /// Whether an IP header here would make sense.
    static func isPlausibleIP(_ wire: WireBytes) -> Bool {
        guard let first = wire.bytes.first else { return false }
        do throws(SkipFailure) {
            let header =
                first >> 4 == 4
                ? try IPHeader.readV4(wire.bytes, wireByteCount: wire.byteCount)
                : try IPHeader.readV6(wire.bytes, wireByteCount: wire.byteCount)
            return !header.hasWrongSum
                && header.payloadOffset + header.payloadByteCount <= wire.byteCount
        } catch {
            return error.reason == .shortIPHeader
        }
    }

    private static let explicitNullV4: UInt32 = 0
    private static let explicitNullV6: UInt32 = 2
}
