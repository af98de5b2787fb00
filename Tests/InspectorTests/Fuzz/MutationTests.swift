import Dissection
import Foundation
import InspectionReports
import Inspector
import Simulation
import Testing

/// Damaged captures through the whole inspection: never a crash, never a hang, and no octet that is not accounted for.
///
/// A thousand seeds; `XYLEM_SEEDS=10000` runs more. `XYLEM_SEED=7` repeats one.
@Suite struct MutationTests {
    private static let seeds: [UInt64] = {
        let environment = ProcessInfo.processInfo.environment
        if let seed = environment["XYLEM_SEED"].flatMap(UInt64.init) { return [seed] }
        return Array(0..<(environment["XYLEM_SEEDS"].flatMap(UInt64.init) ?? 1_000))
    }()

    /// What is damaged: the captures that the tests make, and the real ones where they are.
    private static let originals: [[UInt8]] =
        MadeCaptures.all.map(\.bytes) + TunnelFrame.captures
        + Tshark.sharedCaptures.compactMap { path in
            (try? Data(contentsOf: URL(filePath: path))).map { Array($0) }
        }

    @Test func `damaged captures are read to their end`() throws {
        _ = SharedCaptures.check()
        for seed in Self.seeds {
            var random = SeededGenerator(seed: seed)
            let original = try #require(Self.originals.randomElement(using: &random))
            let bytes = Mutation.mutate(original, using: &random)
            let chunkByteCount = Int.random(in: 1...70_000, using: &random)
            inspect(bytes, chunkByteCount: max(chunkByteCount, bytes.count / 500), seed)
        }
    }

    @Test func `noise is no capture, whatever it begins with`() {
        for seed in Self.seeds.prefix(100) {
            var random = SeededGenerator(seed: seed)
            let magics: [[UInt8]] = [
                [], [0xD4, 0xC3, 0xB2, 0xA1], [0xA1, 0xB2, 0x3C, 0x4D], [0x0A, 0x0D, 0x0D, 0x0A],
            ]
            let magic = magics.randomElement(using: &random) ?? []
            inspect(magic + random.octets(20_000), chunkByteCount: 4_096, seed)
        }
    }

    private func inspect(_ bytes: [UInt8], chunkByteCount: Int, _ seed: UInt64) {
        let inspection = Inspection()
        let capture = inspection.beginCapture("seed \(seed)")
        let reader = CaptureReader()
        var recordByteCount = 0
        var packetCount = 0
        func readPackets() {
            while let packet = reader.nextPacket() {
                packetCount += 1
                recordByteCount += packet.bytes.count
                if packet.number != packetCount {
                    Issue.record("seed \(seed): packet \(packet.number)")
                }
                inspection.handle(packet, of: capture)
            }
        }
        bytes.withUnsafeBytes { all in
            for start in stride(from: 0, to: all.count, by: chunkByteCount) {
                let end = min(start + chunkByteCount, all.count)
                reader.handle(UnsafeRawBufferPointer(rebasing: all[start..<end]))
                readPackets()
            }
            reader.handleEnd()
            readPackets()
        }
        let contents = reader.contents
        inspection.update(contents, of: capture)
        let report = inspection.finish()

        #expect(contents.byteCount == bytes.count, "seed \(seed)")
        #expect(contents.packetCount == packetCount, "seed \(seed)")
        #expect(report.captures[0].packetCount == packetCount, "seed \(seed)")
        if case .pcap(_, _, let isModified) = contents.format {
            let heads = 24 + packetCount * (isModified ? 24 : 16)
            #expect(
                heads + recordByteCount + contents.skippedByteCount == bytes.count,
                "seed \(seed)"
            )
        }
        if contents.format == .unknown { #expect(!contents.isWhole, "seed \(seed)") }
        let skips = report.captures[0].skips.filter { $0.firstPacketNumber != nil }
        #expect(skips.reduce(0) { $0 + $1.count } <= packetCount, "seed \(seed)")
        #expect(!ReportText.render(report).isEmpty, "seed \(seed)")
        #expect(ReportJSON.render(report).hasPrefix("{"), "seed \(seed)")
    }
}
