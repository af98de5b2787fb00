/// Protocols of IP that carry another network.
enum IPTunnel {
    /// `nil` for those that do not, and for messages of theirs that carry nothing.
    static func read(
        _ protocolNumber: UInt8,
        _ wire: WireBytes
    ) throws(SkipFailure) -> TunnelHeader? {
        switch protocolNumber {
        case 4, 94: TunnelHeader(carried: .ipv4, byteCount: 0)
        case 41: TunnelHeader(carried: .ipv6, byteCount: 0)
        case 47: TunnelHeader(carried: .gre, byteCount: 0)
        case 97: try etherIP(wire)
        case 103: register(wire)
        case 137: TunnelHeader(carried: .mpls, byteCount: 0)
        // Segment routing over IPv6 (RFC 8986).
        case 143: TunnelHeader(carried: .ethernet, byteCount: 0)
        default: nil
        }
    }

    /// RFC 3378: a version, and a frame.
    private static func etherIP(_ wire: WireBytes) throws(SkipFailure) -> TunnelHeader {
        try wire.require(2)
        guard wire.bytes[0] >> 4 == 3 else { throw SkipFailure(.badTunnelHeader) }
        return TunnelHeader(carried: .ethernet, byteCount: 2, layer: OuterLayer(.etherIP))
    }

    /// PIM's register messages carry what a source sent (RFC 7761 §4.9.3); a null register has the addresses only.
    private static func register(_ wire: WireBytes) -> TunnelHeader? {
        guard wire.bytes.count > 8, wire.bytes[0] == 0x21, wire.bytes[4] & 0x40 == 0 else {
            return nil
        }
        return TunnelHeader(carried: .ip, byteCount: 8, layer: OuterLayer(.pim))
    }
}
