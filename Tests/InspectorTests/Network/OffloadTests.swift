import Dissection
import Inspector
import Testing

/// Checksums that a sender leaves to its network card: read, and said once.
@Suite struct OffloadTests {
    private static func inspect(_ packets: [[UInt8]]) -> InspectionReport {
        let inspection = Inspection()
        let capture = inspection.beginCapture("a")
        for (index, bytes) in packets.enumerated() {
            bytes.withUnsafeBytes { octets in
                inspection.handle(
                    CapturedPacket(
                        number: index + 1,
                        nanoseconds: Int64(index) * 1_000_000,
                        interface: 0,
                        linkType: .raw,
                        originalByteCount: octets.count,
                        bytes: octets
                    ),
                    of: capture
                )
            }
        }
        return inspection.finish()
    }

    private static func data(_ number: UInt32, sum: [UInt8]?) -> [UInt8] {
        var bytes = PacketBytes.ipv4(PacketBytes.udp(PacketBytes.odata(number)))
        if let sum { bytes.replaceSubrange(10...11, with: sum) }
        return bytes
    }

    @Test(arguments: [[0, 0], [0xBE, 0xEF]] as [[UInt8]])
    func `a sender that never fills the sum of its IP headers`(sum: [UInt8]) throws {
        let report = Self.inspect((0..<30).map { Self.data($0, sum: sum) })
        #expect(report.streams.map(\.packets.odata) == [30])
        #expect(report.captures[0].skips.isEmpty)
        let sums = report.captures[0].unfilledSums
        #expect(sums.ipCount == 30 && sums.senders == [PacketBytes.source])
        let findings = report.findings.filter { $0.code == "checksum-offload" }
        #expect(findings.map(\.count) == [30])
        #expect(findings[0].text.hasPrefix("30 IP headers of 10.77.0.1 have no checksum yet"))
    }

    @Test func `a sender of right sums whose header is damaged once`() {
        var packets = (0..<30).map { Self.data($0, sum: nil) }
        packets[20] = Self.data(20, sum: [0xBE, 0xEF])
        let report = Self.inspect(packets)
        #expect(report.streams.map(\.packets.odata) == [29])
        #expect(report.captures[0].skips.map(\.code) == ["bad-ip-checksum"])
        #expect(report.captures[0].unfilledSums.ipCount == 0)
    }

    @Test func `what the kernel leaves to the card in TCP and UDP`() throws {
        let pseudo = { (packet: [UInt8], offset: Int) in
            // The sum of addresses, protocol and length, not complemented.
            var head = Array(packet[12..<20]) + [0, packet[9]]
            PacketBytes.append16(UInt16(packet.count - 20), to: &head)
            let sum = ~PacketBytes.checksum(head)
            var packet = packet
            packet[20 + offset] = UInt8(sum >> 8)
            packet[21 + offset] = UInt8(sum & 0xFF)
            return packet
        }
        var packets: [[UInt8]] = []
        for number in 0..<10 as Range<UInt32> {
            packets.append(pseudo(Self.data(number, sum: nil), 6))
            packets.append(
                pseudo(
                    PacketBytes.ipv4(PacketBytes.tcp([UInt8(number)]), protocolNumber: 6),
                    16
                )
            )
        }
        let report = Self.inspect(packets)
        let sums = report.captures[0].unfilledSums
        #expect(sums.udpCount == 10 && sums.tcpCount == 10 && sums.ipCount == 0)
        let finding = try #require(report.findings.first { $0.code == "checksum-offload" })
        #expect(finding.text.hasPrefix("10 UDP and 10 TCP headers of 10.77.0.1 have"))
        // Sums that are there, or were left out, are none of this.
        let plain = Self.inspect((0..<30).map { Self.data($0, sum: nil) })
        #expect(!plain.findings.contains { $0.code == "checksum-offload" })
    }
}
