import Dissection

/// Tunnels over UDP and IP, and what links have in front of a packet.
extension TunnelFrame {
    static let overUDP: [TunnelFrame] = [
        udp("VXLAN", TunnelBytes.vxlan(frame, 42), to: 4789, "VXLAN 42"),
        udp(
            "VXLAN of Linux",
            TunnelBytes.vxlan(frame, 42),
            to: 8472,
            "VXLAN 42",
            isForTshark: false
        ),
        udp(
            "VXLAN elsewhere",
            TunnelBytes.vxlan(frame, 42),
            to: 12_345,
            "VXLAN 42",
            isForTshark: false
        ),
        udp(
            "VXLAN with group policy",
            TunnelBytes.vxlan(frame, 42, flags: 0x88),
            to: 4789,
            "VXLAN 42"
        ),
        udp(
            "VXLAN-GPE",
            [0x0C, 0, 0, 1, 0, 0, 42, 0] + packet,
            to: 4790,
            "VXLAN 42"
        ),
        udp("GENEVE", TunnelBytes.geneve(frame, 42), to: 6081, "GENEVE 42"),
        udp(
            "GENEVE with options and IP",
            TunnelBytes.geneve(packet, 42, type: 0x0800, options: [1, 2, 3, 1, 0, 0, 0, 0]),
            to: 6081,
            "GENEVE 42"
        ),
        udp("TZSP", TunnelBytes.tzsp(frame), to: 37_008, "TZSP"),
        udp("GTP", [0x30, 0xFF, 0, UInt8(packet.count), 0, 0, 0, 9] + packet, to: 2152, "GTP 9"),
        udp(
            "GTP with an extension header",
            [0x34, 0xFF, 0, UInt8(packet.count + 8), 0, 0, 0, 9, 0, 0, 0, 0x85, 1, 0, 0, 0]
                + packet,
            to: 2152,
            "GTP 9"
        ),
        udp("MPLS in UDP", TunnelBytes.labels([5], packet), to: 6635, "MPLS 5"),
        udp("GRE in UDP", TunnelBytes.gre(packet, type: 0x0800), to: 4754, "GRE"),
        TunnelFrame(
            name: "VXLAN in VXLAN",
            bytes: TunnelBytes.udp(
                TunnelBytes.vxlan(TunnelBytes.udp(TunnelBytes.vxlan(frame, 2), to: 4789), 1),
                to: 4789
            ),
            path: "\(ends) / VXLAN 1 / \(ends) / VXLAN 2"
        ),
    ]

    static let overIP: [TunnelFrame] = [
        TunnelFrame(
            name: "4in4",
            bytes: TunnelBytes.outer(packet, protocolNumber: 4),
            path: ends
        ),
        TunnelFrame(
            name: "6in4",
            bytes: TunnelBytes.outer(
                PacketBytes.ipv6(PacketBytes.udp(PacketBytes.odata(3))),
                protocolNumber: 41
            ),
            path: ends
        ),
        TunnelFrame(
            name: "4in6",
            bytes: TunnelBytes.ipv6(packet, nextHeader: 4),
            path: "2001:db8::1 → 2001:db8::2"
        ),
        TunnelFrame(
            name: "6in6",
            bytes: TunnelBytes.ipv6(
                PacketBytes.ipv6(PacketBytes.udp(PacketBytes.odata(3))),
                nextHeader: 41
            ),
            path: "2001:db8::1 → 2001:db8::2"
        ),
        TunnelFrame(
            name: "GRE over IPv6",
            bytes: TunnelBytes.ipv6(TunnelBytes.gre(packet, type: 0x0800), nextHeader: 47),
            path: "2001:db8::1 → 2001:db8::2 / GRE"
        ),
        TunnelFrame(
            name: "EtherIP",
            bytes: TunnelBytes.outer([0x30, 0] + frame, protocolNumber: 97),
            path: "\(ends) / EtherIP"
        ),
        TunnelFrame(
            name: "MPLS in IP",
            bytes: TunnelBytes.outer(TunnelBytes.labels([5], packet), protocolNumber: 137),
            path: "\(ends) / MPLS 5"
        ),
        TunnelFrame(
            name: "PIM register",
            bytes: TunnelBytes.outer([0x21, 0, 0, 0, 0, 0, 0, 0] + packet, protocolNumber: 103),
            path: "\(ends) / PIM register"
        ),
        TunnelFrame(
            name: "authenticated",
            bytes: TunnelBytes.outer(
                [4, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1] + [UInt8](repeating: 9, count: 12) + packet,
                protocolNumber: 51
            ),
            path: ends
        ),
    ]

    static let links: [TunnelFrame] = [
        TunnelFrame(
            name: "MPLS as a link",
            linkType: .mpls,
            bytes: TunnelBytes.labels([5], packet),
            path: "MPLS 5",
            // It does not know this link type.
            isForTshark: false
        ),
        TunnelFrame(
            name: "IP over InfiniBand",
            linkType: .ipOverInfiniBand,
            bytes: TunnelBytes.ipOverInfiniBand(packet),
            path: ""
        ),
        TunnelFrame(name: "NFLOG", linkType: .nflog, bytes: TunnelBytes.nflog(packet), path: ""),
        TunnelFrame(
            name: "NFLOG of a big-endian machine",
            linkType: .nflog,
            bytes: TunnelBytes.nflog(packet, isBigEndian: true),
            path: "",
            // It reads attributes in the byte order of this machine.
            isForTshark: false
        ),
        TunnelFrame(
            name: "cooked, VLAN, GRE",
            linkType: .linuxSLL2,
            bytes: PacketBytes.cooked2(
                [0, 7, 8, 0]
                    + PacketBytes.ipv4(
                        TunnelBytes.gre(packet, type: 0x0800),
                        protocolNumber: 47,
                        from: TunnelBytes.near,
                        to: TunnelBytes.far
                    ),
                type: 0x8100
            ),
            path: "VLAN 7 / \(ends) / GRE"
        ),
        TunnelFrame(
            name: "OpenBSD IPsec",
            linkType: .enc,
            bytes: [2, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0] + packet,
            path: ""
        ),
    ]
}
