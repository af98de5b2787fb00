import Vocabulary
import Dissection
import PGM

/// Captures of every form, for comparison with tshark and as seeds of mutations.
enum MadeCaptures {
    struct Made {
        var name: String
        var bytes: [UInt8]
        var pgmCount: Int
        var membershipCount: Int
    }

    static let all: [Made] = [
        everyPacket(name: "Ethernet, microseconds") { PacketBytes.ethernet($0, type: $1) },
        everyPacket(name: "nanoseconds", magic: 0xA1B2_3C4D) {
            PacketBytes.ethernet($0, type: $1)
        },
        everyPacket(name: "big-endian", isBigEndian: true) { PacketBytes.ethernet($0, type: $1) },
        everyPacket(name: "VLAN") { PacketBytes.ethernet($0, type: $1, tags: [7]) },
        everyPacket(name: "QinQ") { PacketBytes.ethernet($0, type: $1, tags: [7, 8]) },
        everyPacket(name: "cooked 1", linkType: 113) { PacketBytes.cooked1($0, type: $1) },
        everyPacket(name: "cooked 2", linkType: 276) { PacketBytes.cooked2($0, type: $1) },
        everyPacket(name: "raw", linkType: 101) { bytes, _ in bytes },
        everyPacket(name: "loopback", linkType: 0) { bytes, type in
            [type == 0x0800 ? 2 : 30, 0, 0, 0] + bytes
        },
        fragments, pcapng,
    ]

    /// IP packets, and how many of them are PGM.
    private static var packets: [(bytes: [UInt8], isPGM: Bool)] {
        let pgm = pgmPackets
        let udp4 = pgm.map { PacketBytes.ipv4(PacketBytes.udp($0)) }
        let udp6 = pgm.map { PacketBytes.ipv6(udp6Checksum(PacketBytes.udp($0))) }
        let raw4 = pgm.map { PacketBytes.ipv4($0, protocolNumber: 113) }
        let raw6 = pgm.map { PacketBytes.ipv6($0, nextHeader: 113) }
        return (udp4 + udp6 + raw4 + raw6).map { ($0, true) }
            + membershipPackets.map { ($0, false) }
    }

    private static func udp6Checksum(_ bytes: [UInt8]) -> [UInt8] {
        // IPv6 has no UDP without a checksum; whether it is right matters to nobody here.
        var bytes = bytes
        bytes[6] = 1
        return bytes
    }

    /// Every type that tshark dissects, and every option.
    private static var pgmPackets: [[UInt8]] {
        let session = PacketBytes.session
        let number = { (value: UInt32) in SequenceNumber(value) }
        let v4 = NetworkAddress(v4: 0x0A4D_0001)
        let v6 = NetworkAddress(v6High: 0xFD77 << 48, low: 7)
        func packet(
            _ type: PacketType,
            _ body: PacketBody,
            _ options: [PacketOption] = []
        ) -> [UInt8] {
            Packet(type, of: session, dataPort: 5_555, body: body, options: options).encoded()
        }
        let options: [[PacketOption.Content]] = [
            [.fragment(first: number(3), offset: 100, byteCount: 5_000)],
            [.join(minimum: number(9))],
            [.parityGroup(4)], [.currentGroupSize(8)], [.synchronize], [.finish],
            [
                .fragment(first: number(3), offset: 0, byteCount: 9), .join(minimum: number(1)),
                .finish,
            ],
            [.reset(refusesNAKs: true, errorCode: 3)],
        ]
        let spmOptions: [[PacketOption.Content]] = [
            [], [.finish], [.parityParameters(isProactive: true, isOnDemand: true, groupSize: 16)],
            [.redirect(v4)], [.redirect(v6)], [.join(minimum: number(77)), .synchronize],
        ]
        let spms = [v4, v6].flatMap { path in
            spmOptions.map { contents in
                packet(
                    .spm,
                    .spm(
                        SPMFields(
                            sequence: number(1),
                            trail: number(2),
                            lead: number(0xFFFF_FFFF),
                            path: path
                        )
                    ),
                    contents.map { PacketOption($0) }
                )
            }
        }
        let datas = options.map { contents in
            PacketBytes.odata(0x8000_0001, options: contents.map { PacketOption($0) })
        }
        let naks = [PacketType.nak, .nnak, .ncf].flatMap { type in
            [
                PacketBytes.nak([7], type: type), PacketBytes.nak([7, 8, 0xFFFF_FFF0], type: type),
                packet(
                    type,
                    .nak(
                        NAKFields(
                            sequence: number(5),
                            source: v6,
                            group: NetworkAddress(v6High: 0xFF15 << 48, low: 1)
                        )
                    )
                ),
            ]
        }
        let polls = [v4, v6].map { path in
            packet(
                .poll,
                .poll(
                    PollFields(
                        sequence: number(4),
                        round: 2,
                        subtype: 1,
                        path: path,
                        backOffMicroseconds: 50_000,
                        random: 0xDEAD_BEEF,
                        mask: 0xFF
                    )
                ),
                [
                    PacketOption(.backOffInterval(microseconds: 1_000, poll: number(6))),
                    PacketOption(
                        .backOffRange(maximumMicroseconds: 9_000, minimumMicroseconds: 1_000)
                    ),
                ]
            )
        }
        let rest = [
            PacketBytes.odata(0), PacketBytes.odata(1, []), PacketBytes.odata(2, type: .rdata),
            packet(.polr, .polr(PollResponseFields(sequence: number(4), round: 3))),
            packet(.ack, .ack(AckFields(highest: number(40), bitmap: 0xF0F0_F0F0))),
        ]
        return spms + datas + naks + polls + rest
    }

    private static var membershipPackets: [[UInt8]] {
        let group = PacketBytes.group
        let source = PacketBytes.source
        let all = IPAddress(v4: 0)
        let igmp = [
            PacketBytes.igmp(0x11, group: all), PacketBytes.igmp(0x11, code: 100, group: all),
            PacketBytes.igmp(0x11, code: 10, group: group), PacketBytes.igmp(0x12, group: group),
            PacketBytes.igmp(0x16, group: group), PacketBytes.igmp(0x17, group: group),
            PacketBytes.igmp(0x11, code: 100, group: all, rest: [0x0A, 125, 0, 0]),
            PacketBytes.igmp(
                0x11,
                code: 20,
                group: group,
                rest: [2, 60, 0, 1] + PacketBytes.octets(source)
            ),
            PacketBytes.igmp3Report([
                (1, group, [source]), (2, group, []), (3, group, []), (4, group, []),
                (5, group, [source, source]), (6, group, [source]),
            ]),
        ]
        let octets = PacketBytes.octets(PacketBytes.group6)
        let alert: [UInt8] = [58, 0, 5, 2, 0, 0, 1, 0]
        let mld = [
            [130, 0, 0, 0, 0x27, 0x10, 0, 0] + octets, [131, 0, 0, 0, 0, 0, 0, 0] + octets,
            [132, 0, 0, 0, 0, 0, 0, 0] + octets,
            [130, 0, 0, 0, 3, 0xE8, 0, 0] + octets + [2, 125, 0, 1]
                + PacketBytes.octets(PacketBytes.source6),
            [143, 0, 0, 0, 0, 0, 0, 2] + [4, 0, 0, 0] + octets + [3, 0, 0, 1] + octets
                + PacketBytes.octets(PacketBytes.source6),
        ].map { (message: [UInt8]) in
            PacketBytes.ipv6(alert + PacketBytes.icmp6(message), nextHeader: 0)
        }
        return igmp.map { PacketBytes.ipv4($0, protocolNumber: 2, options: [0x94, 4, 0, 0]) } + mld
    }

    private static func everyPacket(
        name: String,
        magic: UInt32 = 0xA1B2_C3D4,
        isBigEndian: Bool = false,
        linkType: UInt32 = 1,
        _ frame: ([UInt8], UInt16) -> [UInt8]
    ) -> Made {
        var capture = CaptureBytes(isBigEndian: isBigEndian)
        capture.appendPcapHeader(magic: magic, linkType: linkType)
        let packets = packets
        for (index, packet) in packets.enumerated() {
            let type: UInt16 = packet.bytes[0] >> 4 == 4 ? 0x0800 : 0x86DD
            capture.appendRecord(frame(packet.bytes, type), fraction: UInt32(index) * 1_001)
        }
        return Made(
            name: name,
            bytes: capture.bytes,
            pgmCount: packets.count { $0.isPGM },
            membershipCount: packets.count { !$0.isPGM }
        )
    }

    private static var fragments: Made {
        var capture = CaptureBytes()
        capture.appendPcapHeader()
        let payload = (0..<4_000).map { UInt8(truncatingIfNeeded: $0) }
        let datagram = PacketBytes.udp(PacketBytes.odata(3, payload))
        for piece in PacketBytes.fragmentsV4(datagram, byteCount: 1_480) {
            capture.appendRecord(PacketBytes.ethernet(piece))
        }
        for piece in PacketBytes.fragmentsV6(udp6Checksum(datagram), byteCount: 1_448) {
            capture.appendRecord(PacketBytes.ethernet(piece, type: 0x86DD))
        }
        for piece in PacketBytes.fragmentsV4(
            PacketBytes.odata(4, payload),
            byteCount: 1_480,
            identification: 9,
            protocolNumber: 113
        ).reversed() {
            capture.appendRecord(PacketBytes.ethernet(piece))
        }
        return Made(name: "fragments", bytes: capture.bytes, pgmCount: 3, membershipCount: 0)
    }

    private static var pcapng: Made {
        var capture = CaptureBytes(isBigEndian: true)
        capture.appendSection(comment: "made")
        capture.appendInterface(name: "eth0", resolution: 9)
        capture.appendInterface(linkType: 101, name: "tun0", resolution: 0x80 | 20)
        let packets = packets
        for (index, packet) in packets.enumerated() {
            let isFirst = index % 2 == 0
            let type: UInt16 = packet.bytes[0] >> 4 == 4 ? 0x0800 : 0x86DD
            capture.appendEnhancedPacket(
                isFirst ? PacketBytes.ethernet(packet.bytes, type: type) : packet.bytes,
                interface: isFirst ? 0 : 1,
                ticks: isFirst ? 1_700_000_000_000_000_001 : (1_700_000_000 << 20) + (1 << 19)
            )
        }
        return Made(
            name: "pcapng",
            bytes: capture.bytes,
            pgmCount: packets.count { $0.isPGM },
            membershipCount: packets.count { !$0.isPGM }
        )
    }
}
