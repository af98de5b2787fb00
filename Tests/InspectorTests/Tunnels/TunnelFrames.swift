import Dissection
import Testing

/// One packet in every wrapping there is, with the path that is to be shown. Each holds `ODATA 3`.
struct TunnelFrame: Sendable, CustomTestStringConvertible {
    var name: String
    var linkType = LinkType.ethernet
    var bytes: [UInt8]
    var path: String
    /// What tshark cannot tell without being told more.
    var isForTshark = true

    var testDescription: String { name }

    static let packet = PacketBytes.ipv4(PacketBytes.udp(PacketBytes.odata(3)))
    static let frame = PacketBytes.ethernet(packet)
    static let ends = "10.9.0.1 → 10.9.0.2"

    private static func gre(_ name: String, _ bytes: [UInt8], _ path: String) -> TunnelFrame {
        TunnelFrame(
            name: name,
            bytes: TunnelBytes.outer(bytes, protocolNumber: 47),
            path: "\(ends) / \(path)"
        )
    }

    static func udp(
        _ name: String,
        _ bytes: [UInt8],
        to port: UInt16,
        _ path: String,
        isForTshark: Bool = true
    ) -> TunnelFrame {
        TunnelFrame(
            name: name,
            bytes: TunnelBytes.udp(bytes, to: port),
            path: "\(ends) / \(path)",
            isForTshark: isForTshark
        )
    }

    static let all: [TunnelFrame] = tags + mpls + ppp + genericRouting + overUDP + overIP + links

    /// All frames of a link type in one capture, several times.
    static let captures: [[UInt8]] = {
        let linkTypes = Set(all.map(\.linkType.rawValue)).sorted()
        return linkTypes.map { linkType in
            var capture = CaptureBytes()
            capture.appendPcapHeader(linkType: linkType)
            for fraction in 0..<3 as Range<UInt32> {
                for frame in all where frame.linkType.rawValue == linkType {
                    capture.appendRecord(frame.bytes, fraction: fraction)
                }
            }
            return capture.bytes
        }
    }()

    private static let tags: [TunnelFrame] = [
        TunnelFrame(
            name: "VLAN",
            bytes: PacketBytes.ethernet(packet, tags: [7]),
            path: "VLAN 7"
        ),
        TunnelFrame(
            name: "QinQ",
            bytes: PacketBytes.ethernet(packet, tags: [7, 8]),
            path: "VLAN 7 / VLAN 8"
        ),
        TunnelFrame(
            name: "VN-tag",
            bytes: PacketBytes.ethernet([0x80, 5, 0, 9, 8, 0] + packet, type: 0x8926),
            path: "VN-tag 5"
        ),
        TunnelFrame(
            name: "E-tag",
            bytes: PacketBytes.ethernet([0, 1, 0x10, 4, 0, 0, 8, 0] + packet, type: 0x893F),
            path: "E-tag 4100"
        ),
        TunnelFrame(
            name: "PBB",
            bytes: PacketBytes.ethernet([0, 0, 1, 0] + frame, type: 0x88E7),
            path: "PBB 256"
        ),
        TunnelFrame(
            name: "MACsec, signed only",
            bytes: PacketBytes.ethernet(
                [0x20, 0, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 8, 0] + packet
                    + [UInt8](repeating: 9, count: 16),
                type: 0x88E5
            ),
            path: "MACsec"
        ),
    ]

    private static let mpls: [TunnelFrame] = [
        TunnelFrame(
            name: "MPLS",
            bytes: PacketBytes.ethernet(TunnelBytes.labels([100, 62], packet), type: 0x8847),
            path: "MPLS 100 / MPLS 62"
        ),
        TunnelFrame(
            name: "MPLS, multicast, explicit null",
            bytes: PacketBytes.ethernet(TunnelBytes.labels([0], packet), type: 0x8848),
            path: "MPLS 0"
        ),
        TunnelFrame(
            name: "MPLS, pseudowire with control word",
            bytes: PacketBytes.ethernet(
                TunnelBytes.labels([18, 19], [0, 0, 0, 9] + frame),
                type: 0x8847
            ),
            path: "MPLS 18 / MPLS 19"
        ),
        TunnelFrame(
            name: "MPLS, pseudowire without control word",
            bytes: PacketBytes.ethernet(TunnelBytes.labels([18], frame), type: 0x8847),
            path: "MPLS 18",
            // It takes this for a control word, unless it is told.
            isForTshark: false
        ),
        TunnelFrame(
            name: "MPLS, pseudowire to an address that looks like IP",
            bytes: PacketBytes.ethernet(
                TunnelBytes.labels([18], [0x45, 0, 0, 9, 9, 9] + frame.dropFirst(6)),
                type: 0x8847
            ),
            path: "MPLS 18",
            isForTshark: false
        ),
    ]

    private static let ppp: [TunnelFrame] = [
        TunnelFrame(
            name: "PPP",
            linkType: .ppp,
            bytes: [0xFF, 3, 0, 0x21] + packet,
            path: "PPP"
        ),
        TunnelFrame(
            name: "PPP, protocol alone",
            linkType: .ppp,
            bytes: [0, 0x21] + packet,
            path: "PPP"
        ),
        TunnelFrame(name: "PPP, one octet", linkType: .ppp, bytes: [0x21] + packet, path: "PPP"),
        TunnelFrame(
            name: "PPP, short protocol",
            linkType: .pppHDLC,
            bytes: [0xFF, 3, 0x21] + packet,
            path: "PPP"
        ),
        TunnelFrame(
            name: "PPP in HDLC, MPLS",
            linkType: .pppHDLC,
            bytes: [0xFF, 3, 2, 0x81] + TunnelBytes.labels([9], packet),
            path: "PPP / MPLS 9"
        ),
        TunnelFrame(
            name: "PPP, multilink in one piece",
            linkType: .ppp,
            bytes: [0xFF, 3, 0, 0x3D, 0xC0, 0, 0, 1, 0, 0x21] + packet,
            path: "PPP"
        ),
        TunnelFrame(
            name: "PPP, bridged",
            linkType: .ppp,
            bytes: [0xFF, 3, 0, 0x31, 0, 1] + frame,
            path: "PPP"
        ),
        TunnelFrame(
            name: "PPP with direction",
            linkType: .pppWithDirection,
            bytes: [1, 0xFF, 3, 0, 0x21] + packet,
            path: "PPP"
        ),
        TunnelFrame(
            name: "Cisco HDLC",
            linkType: .ciscoHDLC,
            bytes: [0x0F, 0, 8, 0] + packet,
            path: ""
        ),
        TunnelFrame(
            name: "PPPoE",
            bytes: PacketBytes.ethernet(
                TunnelBytes.pppoe([0, 0x21] + packet, session: 17),
                type: 0x8864
            ),
            path: "PPPoE session 17"
        ),
        TunnelFrame(
            name: "PPPoE in a VLAN",
            bytes: PacketBytes.ethernet(
                TunnelBytes.pppoe([0, 0x21] + packet, session: 17),
                type: 0x8864,
                tags: [7]
            ),
            path: "VLAN 7 / PPPoE session 17"
        ),
        TunnelFrame(
            name: "PPPoE as a link",
            linkType: .pppEthernet,
            bytes: TunnelBytes.pppoe([0, 0x21] + packet, session: 2),
            path: "PPPoE session 2"
        ),
    ]

    private static let genericRouting: [TunnelFrame] = [
        gre("GRE", TunnelBytes.gre(packet, type: 0x0800), "GRE"),
        gre("GRE with key", TunnelBytes.gre(packet, type: 0x0800, key: 77), "GRE key 77"),
        gre(
            "GRE with all fields",
            TunnelBytes.gre(packet, type: 0x0800, hasSum: true, key: 77, sequence: 9),
            "GRE key 77"
        ),
        gre("GRE-TEB", TunnelBytes.gre(frame, type: 0x6558, sequence: 1), "GRE"),
        gre(
            "NVGRE",
            TunnelBytes.gre(frame, type: 0x6558, key: 42 << 8),
            "GRE key 10752"
        ),
        gre(
            "GRE, MPLS",
            TunnelBytes.gre(TunnelBytes.labels([5], packet), type: 0x8847),
            "GRE / MPLS 5"
        ),
        gre("PPTP", TunnelBytes.pptp([0xFF, 3, 0, 0x21] + packet, call: 6), "GRE key 6 / PPP"),
        gre("ERSPAN I", TunnelBytes.gre(frame, type: 0x88BE), "GRE / ERSPAN I"),
        gre(
            "ERSPAN II",
            TunnelBytes.gre(TunnelBytes.erspan2(frame, session: 5), type: 0x88BE, sequence: 1),
            "GRE / ERSPAN II session 5"
        ),
        gre(
            "ERSPAN II with key",
            TunnelBytes.gre(
                TunnelBytes.erspan2(PacketBytes.ethernet(packet, tags: [7]), session: 1_023),
                type: 0x88BE,
                key: 3,
                sequence: 1
            ),
            "GRE key 3 / ERSPAN II session 1023 / VLAN 7"
        ),
        gre(
            "ERSPAN III",
            TunnelBytes.gre(TunnelBytes.erspan3(frame, session: 5), type: 0x22EB, sequence: 1),
            "GRE / ERSPAN III session 5"
        ),
        gre(
            "ERSPAN III with subheader",
            TunnelBytes.gre(
                TunnelBytes.erspan3(frame, session: 5, hasSubheader: true),
                type: 0x22EB,
                sequence: 1
            ),
            "GRE / ERSPAN III session 5"
        ),
    ]
}
