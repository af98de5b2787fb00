import Wire

/// One header that was read: what it carries, where that begins, and what there is to tell of it.
struct TunnelHeader {
    var carried: Carried
    var byteCount: Int
    var layer: OuterLayer?

    /// Reads the header of what is carried; IP and what is not read have none here.
    static func read(_ carried: Carried, _ wire: WireBytes) throws(SkipFailure) -> TunnelHeader {
        switch carried {
        case .ipv4, .ipv6, .unread: TunnelHeader(carried: carried, byteCount: 0)
        case .ip: TunnelHeader(carried: try version(wire), byteCount: 0)
        case .ethernet: try LinkTag.readEthernet(wire)
        case .etherType(let type): try LinkTag.read(type, wire)
        case .llc: LinkTag.readLLC(wire)
        case .ppp: try PPPHeader.read(wire)
        case .pppProtocol: try PPPHeader.readProtocol(wire)
        case .hdlc: try PPPHeader.readHDLC(wire)
        case .ciscoHDLC: try PPPHeader.readCisco(wire)
        case .mpls: try MPLSHeader.read(wire)
        case .mplsPayload(let label): try MPLSHeader.readPayload(wire, label: label)
        case .gre: try GREHeader.read(wire)
        case .erspan1:
            TunnelHeader(
                carried: .ethernet,
                byteCount: 0,
                layer: OuterLayer(.erspan, version: 1)
            )
        case .erspan2: try GREHeader.readERSPAN2(wire)
        case .erspan3: try GREHeader.readERSPAN3(wire)
        case .wccp: try webCache(wire)
        case .nsh: try ServiceHeader.read(wire)
        case .nflog: try NFLOGHeader.read(wire)
        }
    }

    private static func version(_ wire: WireBytes) throws(SkipFailure) -> Carried {
        guard let first = wire.bytes.first else {
            throw SkipFailure(wire.byteCount > 0 ? .shortIPHeader : .badIPHeader)
        }
        switch first >> 4 {
        case 4: return .ipv4
        case 6: return .ipv6
        default: throw SkipFailure(.badIPHeader)
        }
    }

    private static func webCache(_ wire: WireBytes) throws(SkipFailure) -> TunnelHeader {
        try wire.require(4)
        return TunnelHeader(carried: .ipv4, byteCount: 4)
    }
}
