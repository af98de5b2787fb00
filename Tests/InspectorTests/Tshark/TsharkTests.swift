import Captures
import Dissection
import Foundation
import Simulation
import Testing

/// Every PGM and IGMP field that tshark decodes agrees with ours, packet by packet.
@Suite(.needsTshark) struct TsharkTests {
    @Test(.needsSharedCaptures, arguments: Tshark.sharedCaptures)
    func `real captures`(path: String) throws {
        let compared = try compare(path)
        #expect(compared.pgm > 10 && compared.membership > 0, "\(path)")
    }

    @Test(arguments: MadeCaptures.all.map(\.name))
    func `made captures`(name: String) throws {
        let made = try #require(MadeCaptures.all.first { $0.name == name })
        let path = NSTemporaryDirectory() + "xylem-\(UUID().uuidString).pcap"
        try Data(made.bytes).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let compared = try compare(path)
        #expect(compared.pgm == made.pgmCount && compared.membership == made.membershipCount)
    }

    /// Compares all packets; gives how many of each kind there were.
    private func compare(_ path: String) throws -> (pgm: Int, membership: Int) {
        let theirs = try Tshark.fields(
            ["frame.time_epoch", "frame.len"] + TsharkFields.names,
            of: path
        )
        let file = try CaptureFile(path)
        let dissector = Dissector()
        var counts = (pgm: 0, membership: 0)
        var index = 0
        var differences: [String: String] = [:]
        while let packet = try file.nextPacket() {
            let dissection = dissector.dissect(packet, of: 0)
            guard index < theirs.count else { break }
            var expected = theirs[index]
            index += 1
            #expect(
                nanoseconds(expected.removeValue(forKey: "frame.time_epoch")) == packet.nanoseconds
            )
            #expect(expected.removeValue(forKey: "frame.len") == ["\(packet.originalByteCount)"])
            switch dissection {
            case .pgm: counts.pgm += 1
            case .membership: counts.membership += 1
            default:
                // Nothing of PGM or IGMP may be in what we take for something else.
                let strange = expected.keys.filter { $0.hasPrefix("pgm.") || $0.hasPrefix("igmp.") }
                #expect(strange.isEmpty, "\(path) packet \(index): \(strange.sorted())")
                continue
            }
            let ours = TsharkFields.fields(of: dissection)
            for name in Set(ours.keys).union(expected.keys)
            where ours[name]?.map(normal) != expected[name]?.map(normal) {
                // One example of each field tells enough.
                differences[name] =
                    differences[name]
                    ?? "packet \(index): \(ours[name] ?? []), tshark: \(expected[name] ?? [])"
            }
        }
        #expect(differences == [:], "\(path)")
        #expect(index == theirs.count && file.contents.packetCount == theirs.count, "\(path)")
        return counts
    }

    /// `0x0a` and `10` are the same; octets are written with colons or without.
    private func normal(_ text: String) -> String {
        if text.hasPrefix("0x"), let number = UInt64(text.dropFirst(2), radix: 16) {
            return String(number)
        }
        if text == "True" { return "1" }
        if text == "False" { return "0" }
        return text
    }

    private func nanoseconds(_ values: [String]?) -> Int64? {
        guard let parts = values?.first?.split(separator: "."), parts.count == 2,
            let seconds = Int64(parts[0]), let fraction = Int64(parts[1])
        else { return nil }
        return seconds * 1_000_000_000 + fraction
    }
}
