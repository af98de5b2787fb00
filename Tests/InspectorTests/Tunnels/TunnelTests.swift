@testable import Dissection
import Inspector
import PGM
import Simulation
import Testing

@Suite struct TunnelTests {
    /// The dissection and the path of one frame.
    private static func read(
        _ bytes: [UInt8],
        _ linkType: LinkType = .ethernet,
        originalByteCount: Int? = nil,
        _ dissector: Dissector = Dissector()
    ) -> (text: String, path: String) {
        bytes.withUnsafeBytes { octets in
            let packet = CapturedPacket(
                number: 1,
                nanoseconds: 0,
                interface: 0,
                linkType: linkType,
                originalByteCount: originalByteCount ?? bytes.count,
                bytes: octets
            )
            let text = DissectorBench.text(dissector.dissect(packet, of: 0))
            return (text, dissector.outerLayers.pathText)
        }
    }

    @Test(arguments: TunnelFrame.all)
    func `PGM is found in every tunnel, and the way in is told`(frame: TunnelFrame) {
        let (text, path) = Self.read(frame.bytes, frame.linkType)
        #expect(text == "ODATA 3 valid udp 5+0")
        #expect(path == frame.path)
    }

    @Test(arguments: TunnelFrame.all)
    func `a snap length anywhere in a tunnel never gives PGM of another size`(frame: TunnelFrame) {
        for count in 0..<frame.bytes.count {
            let (text, _) = Self.read(
                Array(frame.bytes[..<count]),
                frame.linkType,
                originalByteCount: frame.bytes.count
            )
            let isRight =
                !text.hasPrefix("ODATA") || text == "ODATA 3 valid udp 5+0"
                || text.hasPrefix("ODATA 3 unknown udp ") && text.hasSuffix("+\(5 - shown(text))")
            #expect(isRight, "\(count): \(text)")
            // Nobody but the snap length is to blame.
            #expect(!text.hasPrefix("skipped bad-"), "\(count): \(text)")
        }
    }

    private func shown(_ text: String) -> Int {
        let last = text.split(separator: " ").last ?? ""
        return Int(last.prefix { $0 != "+" }) ?? 0
    }

    @Test func `fragments of outer and inner datagrams are put together`() {
        let dissector = Dissector()
        let payload = (0..<3_000).map { UInt8(truncatingIfNeeded: $0) }
        let inner = PacketBytes.fragmentsV4(
            PacketBytes.udp(PacketBytes.odata(8, payload)),
            byteCount: 1_480
        )
        var texts: [String] = []
        for (index, piece) in inner.enumerated() {
            let tunnel = PacketBytes.udp(
                TunnelBytes.vxlan(PacketBytes.ethernet(piece), 9),
                destinationPort: 4789
            )
            for outer in PacketBytes.fragmentsV4(
                tunnel,
                byteCount: 800,
                identification: UInt16(index)
            ) {
                texts.append(Self.read(PacketBytes.ethernet(outer), .ethernet, dissector).text)
            }
        }
        #expect(texts.last == "ODATA 8 valid udp 3000+0")
        #expect(texts.dropLast().allSatisfy { $0 == "incomplete" })
        dissector.handleEnd()
        #expect(dissector.incompleteDatagramCount(of: 0) == 0)
        #expect(dissector.reassembledCount == inner.count)
    }

    @Test func `the same addresses in two tunnels are two networks`() {
        let dissector = Dissector()
        let pieces = PacketBytes.fragmentsV4(
            PacketBytes.udp(PacketBytes.odata(8, [UInt8](repeating: 7, count: 1_000))),
            byteCount: 800
        )
        let frame = { (piece: [UInt8], network: UInt32) in
            TunnelBytes.udp(TunnelBytes.vxlan(PacketBytes.ethernet(piece), network), to: 4789)
        }
        #expect(Self.read(frame(pieces[0], 1), .ethernet, dissector).text == "incomplete")
        #expect(Self.read(frame(pieces[1], 2), .ethernet, dissector).text == "incomplete")
        #expect(
            Self.read(frame(pieces[1], 1), .ethernet, dissector).text.hasPrefix("ODATA 8 valid")
        )
    }

    @Test func `a mirror that cut the frame leaves a packet that is cut`() {
        let (text, _) = Self.read(
            TunnelBytes.outer(
                TunnelBytes.gre(
                    TunnelBytes.erspan2(Array(TunnelFrame.frame.dropLast(2)), session: 1),
                    type: 0x88BE,
                    sequence: 0
                ),
                protocolNumber: 47
            )
        )
        #expect(text == "ODATA 3 unknown udp 3+2")
    }

    @Test func `tunnels in tunnels have an end`() {
        var bytes = TunnelFrame.packet
        for _ in 0..<40 {
            bytes = PacketBytes.ipv4(bytes, protocolNumber: 4, from: TunnelBytes.near)
        }
        #expect(Self.read(bytes, .raw).text == "skipped too-many-headers")
        let tags = PacketBytes.ethernet(TunnelFrame.packet, tags: [UInt16](repeating: 1, count: 50))
        #expect(Self.read(tags).text == "skipped too-many-headers")
        let labels = TunnelBytes.labels([UInt32](repeating: 20, count: 50), TunnelFrame.packet)
        #expect(Self.read(labels, .mpls).text == "skipped too-many-headers")
    }

    @Test func `what a tunnel's port carries besides is a plain datagram`() {
        for port in [4789, 8472, 6081, 37_008, 2152] as [UInt16] {
            let text = Self.read(TunnelBytes.udp([0x40, 1, 2, 3, 4, 5, 6, 7, 8, 9], to: port)).text
            #expect(text == "udp \(port) 10+0")
            #expect(Self.read(TunnelBytes.udp([1], to: port)).text == "udp \(port) 1+0")
        }
        // Looks like VXLAN, and what follows does not.
        let noise = TunnelBytes.vxlan([UInt8](repeating: 8, count: 60), 1)
        #expect(Self.read(TunnelBytes.udp(noise, to: 9_999)).text == "udp 9999 68+0")
    }

    @Test func `headers that contradict themselves are named`() {
        let text = { (bytes: [UInt8]) in
            Self.read(TunnelBytes.outer(bytes, protocolNumber: 47)).text
        }
        #expect(text([0, 7, 8, 0] + TunnelFrame.packet) == "skipped bad-tunnel-header")
        #expect(text([0x20, 0, 8, 0]) == "skipped bad-tunnel-header")
        #expect(
            text(TunnelBytes.gre(TunnelFrame.frame, type: 0x88BE, sequence: 1))
                == "skipped bad-tunnel-header"
        )
        #expect(
            Self.read(PacketBytes.ethernet([0x21, 0, 0, 1, 0, 0], type: 0x8864)).text
                == "skipped bad-tunnel-header"
        )
    }

    @Test func `what is not read has a name and a count`() throws {
        let frames: [(LinkType, [UInt8])] = [
            (.ethernet, PacketBytes.ethernet([0, 1], type: 0x0806)),
            (.ethernet, PacketBytes.ethernet([0, 1], type: 0x0806)),
            (.ethernet, PacketBytes.ethernet([0, 1], type: 0x9999)),
            (.ethernet, PacketBytes.ethernet([0x42, 0x42, 3, 0], type: 4)),
            (.ethernet, TunnelBytes.outer([1, 2, 3, 4], protocolNumber: 50)),
            (.ethernet, TunnelBytes.outer([1, 2, 3, 4], protocolNumber: 253)),
            (
                .ethernet,
                TunnelBytes.outer(TunnelBytes.gre([1, 2, 3, 4], type: 0x2001), protocolNumber: 47)
            ),
            (.ppp, [0xFF, 3, 0xC0, 0x21, 1, 1]), (LinkType(rawValue: 147), [1, 2, 3]),
        ]
        let inspection = Inspection()
        let capture = inspection.beginCapture("a")
        for (index, (linkType, bytes)) in frames.enumerated() {
            bytes.withUnsafeBytes { octets in
                inspection.handle(
                    CapturedPacket(
                        number: index + 1,
                        nanoseconds: Int64(index),
                        interface: 0,
                        linkType: linkType,
                        originalByteCount: octets.count,
                        bytes: octets
                    ),
                    of: capture
                )
            }
        }
        let report = try #require(inspection.finish().captures.first)
        let names = report.unread.map { "\($0.count) \($0.what.name)" }
        #expect(
            names == [
                "2 ARP", "1 NHRP", "1 EtherType 0x9999", "1 ESP, encrypted", "1 IP protocol 253",
                "1 USER0", "1 spanning tree", "1 LCP",
            ]
        )
        #expect(report.tunnels.map(\.layers.pathText) == ["\(TunnelFrame.ends) / GRE", "PPP"])
        let skip = try #require(report.skips.first { $0.code == "unsupported-link-type" })
        #expect(skip.reason == "a link type that is not read: USER0")
    }

    /// Any octets behind any header: never a crash, never an end that does not come.
    @Test func `noise in tunnels`() {
        let dissector = Dissector()
        for seed in 0..<2_000 as Range<UInt64> {
            var random = SeededGenerator(seed: seed)
            guard let frame = TunnelFrame.all.randomElement(using: &random) else { continue }
            var bytes = Mutation.mutate(frame.bytes, using: &random)
            if Bool.random(using: &random), !bytes.isEmpty {
                let kept = Int.random(in: 0..<bytes.count, using: &random)
                bytes = Array(bytes[..<kept]) + random.octets(60)
            }
            let (text, path) = Self.read(
                bytes,
                frame.linkType,
                originalByteCount: bytes.count + Int.random(in: 0...3, using: &random),
                dissector
            )
            #expect(!text.isEmpty && path.count < 4_096, "seed \(seed)")
        }
    }

    @Test func `filters ask for tunnels`() throws {
        let bytes = TunnelBytes.udp(
            TunnelBytes.vxlan(PacketBytes.ethernet(TunnelFrame.packet, tags: [7]), 42),
            to: 4789
        )
        let dissector = Dissector()
        try bytes.withUnsafeBytes { octets in
            let packet = CapturedPacket(
                number: 1,
                nanoseconds: 0,
                interface: 0,
                linkType: .ethernet,
                originalByteCount: octets.count,
                bytes: octets
            )
            let facts = PacketFacts(
                packet: packet,
                capture: 0,
                dissection: dissector.dissect(packet, of: 0),
                startNanoseconds: 0,
                outer: dissector.outerLayers
            )
            for text in [
                "tunnel == vxlan", "tunnel in [gre, vlan]", "outer == 10.9.0.1",
                "outer in 10.9.0.2/32", "tunnelid == 42", "vlan == 7", "vlan in 1..9",
                "source == 10.77.0.1 and not tunnel == gre", "tunnel == ip",
            ] {
                let filter = try PacketFilter(text)
                #expect(filter.matches(facts), "\(text)")
            }
            for text in [
                "tunnel == mpls", "outer == 10.77.0.1", "tunnelid == 7", "label == 7", "vlan != 7",
            ] {
                let filter = try PacketFilter(text)
                #expect(!filter.matches(facts), "\(text)")
            }
            let row = PacketRow(facts)
            let path = "10.9.0.1 → 10.9.0.2 / VXLAN 42 / VLAN 7"
            #expect(PacketLines.text(row).hasSuffix(" · in \(path)"))
            #expect(
                PacketLines.json(row).contains(
                    #""outer":[{"kind":"ip","source":"10.9.0.1","destination":"10.9.0.2"},"#
                        + #"{"kind":"vxlan","id":42},{"kind":"vlan","id":7}],"ttl":1"#
                )
            )
            #expect(PacketLines.csv(row).contains(",\(path),"))
        }
    }
}
