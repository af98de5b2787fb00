import Dissection
import PGM
import Testing

@Suite struct PacketFilterTests {
    /// Whether the filter chooses a packet that came two seconds after the first.
    private func chooses(_ text: String, _ bytes: [UInt8], linkType: LinkType = .raw) throws -> Bool
    {
        let filter = try PacketFilter(text)
        var bench = DissectorBench()
        let start: Int64 = 1_700_000_000_000_000_000
        return bench.dissect(bytes, linkType: linkType, nanoseconds: start + 2_000_000_000) {
            dissection in
            bytes.withUnsafeBytes { octets in
                filter.matches(
                    PacketFacts(
                        packet: CapturedPacket(
                            number: 7,
                            nanoseconds: start + 2_000_000_000,
                            interface: 1,
                            linkType: linkType,
                            originalByteCount: bytes.count,
                            bytes: octets
                        ),
                        capture: 0,
                        dissection: dissection,
                        startNanoseconds: start
                    )
                )
            }
        }
    }

    private let data = PacketBytes.ipv4(
        PacketBytes.udp(PacketBytes.odata(100, options: [PacketOption(.finish)]))
    )
    private let nak = PacketBytes.ipv4(
        PacketBytes.udp(PacketBytes.nak([4, 5, 60])),
        from: PacketBytes.receiver,
        to: PacketBytes.source,
        timeToLive: 64
    )

    @Test(arguments: [
        "type == odata", "type = ODATA", "type in [nak, odata]", "type != nak", "not type == nak",
        "seq == 100", "seq >= 100 and seq <= 100", "seq in [1, 90..110]", "seq in 100", "seq > 99",
        "source == 10.77.0.1", "source in 10.77.0.0/16", "destination in 224.0.0.0/4",
        "group == 239.192.1.1", "group in [239.0.0.1, 239.192.0.0/16]", "source < 10.77.0.2",
        "gsi == b7c6d1bc038a", "gsi == b7:c6:d1:bc:03:8a", "sport == 21655", "port == 5555",
        "time > 1.5", "time in 1..2.5", "time == 2", "time >= 2023-11-14T22:13:22Z",
        "time < 2023-11-14T22:13:22.000000001Z", "len < 100", "payload == 5", "option == fin",
        "option in [syn, fin]", "checksum == valid", "ttl == 1", "dscp == 46",
        "encapsulation == udp", "pgm", "multicast and not retransmission", "!cut", "number == 7",
        "capture == 1", "interface == 1", "trail == 0", "pgm && (type == nak || seq == 100)",
        "type == nak or type == spm or type == odata", "not (type == nak or seq == 5) and pgm",
        "not not pgm",
    ])
    func `chooses the data packet`(text: String) throws {
        #expect(try chooses(text, data))
    }

    @Test(arguments: [
        "type == rdata", "seq != 100", "seq in [1..99, 101..200]", "source in 10.78.0.0/16",
        "source == fd77::1", "group == 239.192.1.2", "lead == 9", "lead != 9",
        "not (lead < 10) and cut",
        "option == syn", "option != fin", "time < 2", "time >= 2023-11-14T22:13:23Z",
        "retransmission",
        "reassembled", "pgm and not multicast", "type == odata and seq == 1 or seq == 2",
    ])
    func `passes over the data packet`(text: String) throws {
        #expect(try !chooses(text, data))
    }

    @Test func `a NAK is chosen by any of its numbers, and by the group it asks about`() throws {
        for text in [
            "seq == 60", "seq == 4", "seq in [59..61]", "group == 239.192.1.1",
            "option == nak-list", "sport == 21655 and port == 5555", "not multicast",
        ] { #expect(try chooses(text, nak), "\(text)") }
        #expect(try !chooses("seq == 6", nak))
    }

    @Test func `other packets answer what they have`() throws {
        let join = PacketBytes.ipv4(
            PacketBytes.igmp3Report([(4, PacketBytes.group, []), (3, IPAddress(v4: 1), [])]),
            protocolNumber: 2
        )
        #expect(try chooses("type == igmp and group == 239.192.1.1 and group == 0.0.0.1", join))
        let tcp = PacketBytes.ipv4(PacketBytes.tcp([1, 2, 3]), protocolNumber: 6)
        #expect(
            try chooses("type == tcp and sport == 50000 and port == 5556 and payload == 3", tcp)
        )
        let arp = PacketBytes.ethernet([1], type: 0x0806)
        #expect(try chooses("type == link", arp, linkType: .ethernet))
        #expect(try !chooses("seq == 1 or seq != 1 or source != 1.2.3.4", arp, linkType: .ethernet))
        #expect(try chooses("type == skipped", [0x45]))
    }

    @Test(arguments: [
        ("", "the filter is empty; for example: type == nak", 0),
        ("typ == nak", "no field is called “typ”; did you mean “type”?", 0),
        ("type == knack", "“knack” is no value for “type”", 8),
        ("type < nak", "“type” is a word: it is compared with == != in only", 5),
        ("seq", "after “seq” one of == != < <= > >= in is missing", 3),
        ("seq == ", "a value is missing here", 7),
        ("seq == x", "“x” is no value for “seq”", 7),
        ("seq == 1 seq == 2", "“seq” was not expected here; “and” or “or” could stand here", 9),
        ("(seq == 1", "a closing bracket “)” is missing here", 9),
        ("pgm == 1", "“pgm” stands alone: it is true or not", 4),
        ("seq in [1, 2", "“,” or “]” is missing here", 12),
        ("seq in 9..1", "a range goes from a lower number to a higher one of its kind", 10),
        ("source == 10.0.0.0/8", "“10.0.0.0/8” is no value for “source”", 10),
        ("source in 10.0.0.0/33", "“10.0.0.0/33” is no value for “source”", 10),
        ("seq # 1", "“#” has no meaning in a filter", 4),
        ("time == yesterday", "“yesterday” is no value for “time”", 8),
        ("and", "no field is called “and”", 0),
    ])
    func `a mistake is told with its place`(text: String, problem: String, offset: Int) {
        do {
            _ = try PacketFilter(text)
            Issue.record("\(text) was understood")
        } catch {
            #expect(error.problem.hasPrefix(problem), "\(error.problem)")
            #expect(error.offset == offset)
            #expect(
                error.description.hasSuffix("\n    " + String(repeating: " ", count: offset) + "^")
            )
        }
    }

    @Test func `brackets without end end`() {
        let text = String(repeating: "(", count: 10_000)
        #expect(throws: FilterError.self) { try PacketFilter(text) }
        #expect(throws: Never.self) {
            try PacketFilter(String(repeating: "not ", count: 10_000) + "pgm")
        }
    }
}
