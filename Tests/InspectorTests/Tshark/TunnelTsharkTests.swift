import Dissection
import Foundation
import Testing

/// What tshark finds in a tunnel is what we find: the innermost addresses, and PGM's numbers.
@Suite(.needsTshark) struct TunnelTsharkTests {
    @Test(arguments: TunnelFrame.all.filter(\.isForTshark))
    func `tshark reads the tunnel as we do`(frame: TunnelFrame) throws {
        var capture = CaptureBytes()
        capture.appendPcapHeader(linkType: frame.linkType.rawValue)
        capture.appendRecord(frame.bytes)
        let path = NSTemporaryDirectory() + "xylem-\(UUID().uuidString).pcap"
        try Data(capture.bytes).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let fields = try #require(
            try Tshark.fields(
                [
                    "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "udp.dstport", "pgm.spm.sqn",
                    "pgm.hdr.gsi",
                ],
                of: path
            ).first
        )
        #expect(fields["pgm.spm.sqn"].map { UInt32($0[0].dropFirst(2), radix: 16) } == 3)
        #expect(fields["udp.dstport"]?.last == "5555")
        let isV4 = (fields["ip.dst"] ?? []).contains("\(PacketBytes.group)")
        let source = isV4 ? "\(PacketBytes.source)" : "\(PacketBytes.source6)"
        #expect(fields[isV4 ? "ip.src" : "ipv6.src"]?.last == source)
        // The ends of tunnels, in order.
        let outer = (fields["ip.src"] ?? []).dropLast(isV4 ? 1 : 0)
        for address in outer { #expect(frame.path.contains("\(address) → "), "\(address)") }
    }
}
