import Dissection
import Testing

@Suite struct LinkTests {
    private static let packet = PacketBytes.ipv4(PacketBytes.udp(PacketBytes.odata(3)))
    private static let packet6 = PacketBytes.ipv6(PacketBytes.udp(PacketBytes.odata(3)))

    private static let frames: [(name: String, linkType: LinkType, bytes: [UInt8])] = [
        ("Ethernet", .ethernet, PacketBytes.ethernet(packet)),
        ("padded Ethernet", .ethernet, PacketBytes.ethernet(packet) + [0, 0, 0, 0]),
        ("VLAN", .ethernet, PacketBytes.ethernet(packet, tags: [5])),
        ("QinQ", .ethernet, PacketBytes.ethernet(packet6, type: 0x86DD, tags: [5, 6])),
        (
            "SNAP", .ethernet,
            PacketBytes.ethernet([0xAA, 0xAA, 3, 0, 0, 0, 8, 0] + packet, type: 200)
        ),
        ("cooked 1", .linuxSLL, PacketBytes.cooked1(packet)),
        ("cooked 2", .linuxSLL2, PacketBytes.cooked2(packet6, type: 0x86DD)),
        ("raw", .raw, packet), ("raw 6", .raw, packet6), ("IPv4", .ipv4, packet),
        ("IPv6", .ipv6, packet6), ("null", .null, [2, 0, 0, 0] + packet),
        ("null of another machine", .null, [0, 0, 0, 30] + packet6),
        ("loop", .loop, [0, 0, 0, 2] + packet),
    ]

    @Test(arguments: frames.indices) func `PGM is found behind every link layer`(index: Int) {
        var bench = DissectorBench()
        let frame = Self.frames[index]
        #expect(
            bench.text(frame.bytes, linkType: frame.linkType) == "ODATA 3 valid udp 5+0",
            "\(frame.name)"
        )
    }

    @Test(arguments: frames.indices) func `a frame cut anywhere never gives PGM of another size`(
        index: Int
    ) {
        let frame = Self.frames[index]
        for count in 0..<frame.bytes.count {
            var bench = DissectorBench()
            let text = bench.text(
                Array(frame.bytes[..<count]),
                linkType: frame.linkType,
                originalByteCount: frame.bytes.count
            )
            #expect(!text.contains(" valid ") || text == "ODATA 3 valid udp 5+0", "\(frame.name)")
        }
    }

    @Test func `what is not IP keeps its type`() {
        var bench = DissectorBench()
        #expect(bench.text(PacketBytes.ethernet([0, 1], type: 0x0806)) == "unread ethertype 2054")
        #expect(bench.text([1, 2, 3]) == "skipped short-link-header")
        #expect(
            bench.text([1, 2, 3], linkType: LinkType(rawValue: 147))
                == "skipped unsupported-link-type"
        )
        #expect(
            bench.text([7, 7, 7, 7, 0x45], linkType: .null) == "unread address-family 117901063"
        )
    }
}
