import Dissection
import PGM
import Testing

@Suite struct PacketLinesTests {
    private func row(_ bytes: [UInt8], linkType: LinkType = .raw) -> PacketRow {
        var bench = DissectorBench()
        return bench.dissect(bytes, linkType: linkType) { dissection in
            bytes.withUnsafeBytes { octets in
                PacketRow(
                    PacketFacts(
                        packet: CapturedPacket(
                            number: 12,
                            nanoseconds: 1_700_000_000_012_345_678,
                            interface: 0,
                            linkType: linkType,
                            originalByteCount: octets.count,
                            bytes: octets
                        ),
                        capture: 0,
                        dissection: dissection,
                        startNanoseconds: 1_700_000_000_000_000_000
                    )
                )
            }
        }
    }

    private var rows: [(name: String, row: PacketRow)] {
        let join = PacketBytes.igmp3Report([
            (4, PacketBytes.group, []), (6, PacketBytes.group, [PacketBytes.source]),
        ])
        let query = PacketBytes.igmp(
            0x11,
            code: 100,
            group: IPAddress(v4: 0),
            rest: [2, 125, 0, 0]
        )
        let packets: [(String, [UInt8])] = [
            ("data", PacketBytes.ipv4(PacketBytes.udp(PacketBytes.odata(3)))),
            (
                "raw SPM with an option",
                PacketBytes.ipv4(
                    PacketBytes.spm(3, options: [PacketOption(.finish)]),
                    protocolNumber: 113
                )
            ),
            ("NAK", PacketBytes.ipv4(PacketBytes.udp(PacketBytes.nak([4, 5, 60])))),
            ("join", PacketBytes.ipv4(join, protocolNumber: 2)),
            ("query", PacketBytes.ipv4(query, protocolNumber: 2)),
            ("TCP", PacketBytes.ipv4(PacketBytes.tcp([1, 2]), protocolNumber: 6)),
            ("UDP", PacketBytes.ipv6(PacketBytes.udp([1, 2]))), ("broken", [0x45, 0]),
            ("ICMP", PacketBytes.ipv4([8], protocolNumber: 1)),
        ]
        return packets.map { ($0.0, row($0.1)) }
    }

    @Test func `lines for a person`() {
        let lines = rows.map { PacketLines.text($0.row) }.joined(separator: "\n")
        #expect(lines == Self.text)
    }

    @Test func `objects for a program`() {
        let lines = rows.prefix(4).map { PacketLines.json($0.row) }.joined(separator: "\n")
        #expect(lines == Self.json)
    }

    @Test func `CSV has as many cells as columns, and quotes what needs it`() {
        let columnCount = PacketColumn.allCases.count
        #expect(PacketLines.csvHeader.split(separator: ",").count == columnCount)
        for (name, row) in rows {
            let line = PacketLines.csv(row)
            #expect(line.count(where: { $0 == "," }) == columnCount - 1, "\(name): \(line)")
        }
        #expect(
            PacketLines.csv(rows[0].row).hasPrefix("12,1,0,1700000000.012345678,0.012345678,odata")
        )
    }

    private static let text = """
             12    0.012345678  10.77.0.1 → 239.192.1.1        ODATA 3  trail 0 · 5 B · offset 0 · session b7c6d1bc038a.21655 · port 5555 · UDP 40000 → 5555 · TTL 1 · DSCP 46
             12    0.012345678  10.77.0.1 → 239.192.1.1        SPM 3  trail 0 · lead 9 · path 10.77.0.1 · OPT_FIN · session b7c6d1bc038a.21655 · port 5555 · TTL 1 · DSCP 46
             12    0.012345678  10.77.0.1 → 239.192.1.1        NAK 4 5 60  of 10.77.0.1 · to 239.192.1.1 · session b7c6d1bc038a.21655 · port 5555 · UDP 40000 → 5555 · TTL 1 · DSCP 46
             12    0.012345678  10.77.0.1 → 239.192.1.1        IGMP 3 to-exclude 239.192.1.1, block 239.192.1.1 from 10.77.0.1  TTL 1 · DSCP 46
             12    0.012345678  10.77.0.1 → 239.192.1.1        IGMP 3 query  group all · within 10000 ms · robustness 2 · interval 125 s · TTL 1 · DSCP 46
             12    0.012345678  10.77.0.1 → 239.192.1.1        TCP  PSH ACK · seq 1000 · ack 2000 · window 512 · 2 B · 50000 → 5556 · TTL 1 · DSCP 46
             12    0.012345678  fd77::1 → ff15::101            UDP  2 B · UDP 40000 → 5555 · TTL 1 · DSCP 46
             12    0.012345678  SKIPPED  too short for an IP header
             12    0.012345678  IP  ICMP
        """

    private static let json = #"""
        {"number":12,"capture":1,"interface":0,"time":1700000000.012345678,"elapsed":0.012345678,"type":"odata","source":"10.77.0.1","destination":"239.192.1.1","ttl":1,"dscp":46,"bytes":57,"encapsulation":"udp","udpSourcePort":40000,"udpDestinationPort":5555,"gsi":"b7c6d1bc038a","sourcePort":21655,"port":5555,"checksum":"valid","sequence":3,"trail":0,"payload":5,"offset":0}
        {"number":12,"capture":1,"interface":0,"time":1700000000.012345678,"elapsed":0.012345678,"type":"spm","source":"10.77.0.1","destination":"239.192.1.1","ttl":1,"dscp":46,"bytes":64,"encapsulation":"ip","gsi":"b7c6d1bc038a","sourcePort":21655,"port":5555,"checksum":"valid","sequence":3,"trail":0,"lead":9,"path":"10.77.0.1","options":["OPT_FIN"]}
        {"number":12,"capture":1,"interface":0,"time":1700000000.012345678,"elapsed":0.012345678,"type":"nak","source":"10.77.0.1","destination":"239.192.1.1","ttl":1,"dscp":46,"bytes":80,"encapsulation":"udp","udpSourcePort":40000,"udpDestinationPort":5555,"gsi":"b7c6d1bc038a","sourcePort":21655,"port":5555,"checksum":"valid","sequence":4,"nakSource":"10.77.0.1","nakGroup":"239.192.1.1","nakList":[5,60],"options":["OPT_NAK_LIST 5 60"]}
        {"number":12,"capture":1,"interface":0,"time":1700000000.012345678,"elapsed":0.012345678,"type":"igmp","source":"10.77.0.1","destination":"239.192.1.1","ttl":1,"dscp":46,"bytes":48,"version":"IGMP 3","checksum":"valid","records":["to-exclude 239.192.1.1","block 239.192.1.1 from 10.77.0.1"]}
        """#
}
