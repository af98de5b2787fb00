import Dissection
import Testing

@Suite struct MembershipTests {
    typealias Record = MembershipMessage.Record

    private let other = IPAddress(v4: 0xEFC0_0102)
    private let server = IPAddress(v4: 0x0A4D_0063)

    private func message(_ igmp: [UInt8]) -> MembershipMessage? {
        var bench = DissectorBench()
        let bytes = PacketBytes.ipv4(
            igmp,
            protocolNumber: 2,
            from: PacketBytes.receiver,
            options: [0x94, 4, 0, 0]
        )
        return bench.dissect(bytes, linkType: .raw) { dissection in
            if case .membership(let message) = dissection { message } else { nil }
        }
    }

    private func message6(_ icmp: [UInt8]) -> MembershipMessage? {
        var bench = DissectorBench()
        // Hop-by-hop with a router alert, as every MLD message has.
        let bytes = PacketBytes.ipv6([58, 0, 5, 2, 0, 0, 1, 0] + icmp, nextHeader: 0)
        return bench.dissect(bytes, linkType: .raw) { dissection in
            if case .membership(let message) = dissection { message } else { nil }
        }
    }

    @Test func `IGMP 1 and 2`() {
        let group = PacketBytes.group
        let cases: [(type: UInt8, version: MembershipMessage.Version, kind: Record.Kind)] = [
            (0x12, .igmp1, .report), (0x16, .igmp2, .report), (0x17, .igmp2, .leave),
        ]
        for (type, version, kind) in cases {
            let message = message(PacketBytes.igmp(type, group: group))
            #expect(message?.version == version && message?.checksum == .valid)
            #expect(message?.content == .records([Record(kind: kind, group: group)]))
            #expect(message?.datagram.source == PacketBytes.receiver)
        }
        let general = message(PacketBytes.igmp(0x11, code: 100, group: IPAddress(v4: 0)))
        #expect(general?.version == .igmp2)
        #expect(general?.content == .query(.init(maximumResponseMilliseconds: 10_000)))
        let first = message(PacketBytes.igmp(0x11, group: IPAddress(v4: 0)))
        #expect(first?.version == .igmp1)
    }

    @Test func `IGMP 3`() {
        let report = message(
            PacketBytes.igmp3Report([
                (4, PacketBytes.group, []), (3, other, []), (1, other, [server, server]),
                (5, other, [server]), (6, other, [server]), (2, other, []),
            ])
        )
        #expect(report?.version == .igmp3 && report?.checksum == .valid)
        #expect(
            report?.records == [
                Record(kind: .changeToExclude, group: PacketBytes.group),
                Record(kind: .changeToInclude, group: other),
                Record(kind: .modeIsInclude, group: other, sources: [server, server]),
                Record(kind: .allowNewSources, group: other, sources: [server]),
                Record(kind: .blockOldSources, group: other, sources: [server]),
                Record(kind: .modeIsExclude, group: other),
            ]
        )
        #expect(report?.records.map(\.isMember) == [true, false, true, true, nil, true])

        let query = message(
            PacketBytes.igmp(
                0x11,
                code: 0x9A,
                group: other,
                rest: [0x0A, 0x83, 0, 1] + PacketBytes.octets(server)
            )
        )
        var expected = MembershipMessage.Query(group: other, maximumResponseMilliseconds: 0)
        // 0x9A: (10 | 16) << (1 + 3); 0x83: (3 | 16) << 3.
        expected.maximumResponseMilliseconds = 26 * 16 * 100
        expected.sources = [server]
        expected.suppressesRouters = true
        expected.robustness = 2
        expected.intervalSeconds = 152
        #expect(query?.version == .igmp3)
        #expect(query?.content == .query(expected))
    }

    @Test func `MLD 1 and 2`() {
        let group = PacketBytes.group6
        let octets = PacketBytes.octets(group)
        for (type, kind) in [(131, .report), (132, .leave)] as [(UInt8, Record.Kind)] {
            let message = message6(PacketBytes.icmp6([type, 0, 0, 0, 0, 0, 0, 0] + octets))
            #expect(message?.version == .mld1 && message?.checksum == .valid)
            #expect(message?.records == [Record(kind: kind, group: group)])
        }
        let query = message6(PacketBytes.icmp6([130, 0, 0, 0, 0x27, 0x10, 0, 0] + octets))
        #expect(query?.version == .mld1)
        #expect(
            query?.content == .query(.init(group: group, maximumResponseMilliseconds: 10_000))
        )
        let query2 = message6(
            PacketBytes.icmp6([130, 0, 0, 0, 0x81, 0x23, 0, 0] + octets + [2, 125, 0, 0])
        )
        var expected = MembershipMessage.Query(group: group, maximumResponseMilliseconds: 0)
        expected.maximumResponseMilliseconds = (0x123 | 0x1000) << 3
        expected.robustness = 2
        expected.intervalSeconds = 125
        #expect(query2?.version == .mld2 && query2?.content == .query(expected))
        let report = message6(
            PacketBytes.icmp6(
                [143, 0, 0, 0, 0, 0, 0, 2] + [4, 0, 0, 0] + octets
                    + [3, 0, 0, 1] + octets + PacketBytes.octets(PacketBytes.source6)
            )
        )
        #expect(report?.version == .mld2 && report?.checksum == .valid)
        #expect(
            report?.records == [
                Record(kind: .changeToExclude, group: group),
                Record(kind: .changeToInclude, group: group, sources: [PacketBytes.source6]),
            ]
        )
    }

    @Test func `lists longer than their message are a fault, lists that were cut are not`() {
        var bench = DissectorBench()
        var report = PacketBytes.igmp3Report([(4, PacketBytes.group, []), (4, other, [server])])
        let whole = PacketBytes.ipv4(report, protocolNumber: 2)
        bench.dissect(
            Array(whole.dropLast(6)),
            linkType: .raw,
            originalByteCount: whole.count
        ) { dissection in
            guard case .membership(let message) = dissection else { return #expect(Bool(false)) }
            #expect(message.checksum == .unknown)
            #expect(message.records.first?.group == PacketBytes.group)
        }
        for index in [7, 11] {
            report[index] = 200
            #expect(
                bench.text(PacketBytes.ipv4(report, protocolNumber: 2), linkType: .raw)
                    == "skipped bad-membership-message"
            )
        }
        #expect(
            bench.text(PacketBytes.ipv4([0x16, 0], protocolNumber: 2), linkType: .raw)
                == "skipped bad-membership-message"
        )
        #expect(
            bench.text(
                PacketBytes.ipv4([0x13, 0, 0, 0, 0, 0, 0, 0], protocolNumber: 2),
                linkType: .raw
            )
                == "unread ip-protocol 2"
        )
        var wrong = PacketBytes.igmp(0x16, group: other)
        wrong[7] ^= 1
        #expect(
            bench.text(PacketBytes.ipv4(wrong, protocolNumber: 2), linkType: .raw)
                == "igmp2 invalid"
        )
    }
}
