import Foundation
import Captures
import Dissection
import Testing

@testable import Inspector

/// Real captures, begun late and ended early: what is said of them must not get worse.
@Suite(.needsSharedCaptures) struct CutCaptureTests {
    /// Each with the codes that the whole capture gives.
    static let names = [
        "epgm_clean.pcap", "epgm_loss.pcap", "epgm_multipart.pcap", "pgm_clean.pcap",
        "epgm_restart.pcap", "epgm_loss_2if.pcapng", "epgm_unrecoverable.pcap",
    ]

    private static func packetCount(_ name: String) throws -> Int {
        let file = try CaptureFile(SharedCaptures.folder.appending(path: name).path)
        var count = 0
        while try file.nextPacket() != nil { count += 1 }
        return count
    }

    private static func report(
        _ name: String,
        _ range: Range<Int>,
        _ verdict: VerdictOptions? = nil
    ) throws -> InspectionReport {
        var options = InspectionOptions()
        options.verdict = verdict
        let inspection = Inspection(options)
        let file = try CaptureFile(SharedCaptures.folder.appending(path: name).path)
        let capture = inspection.beginCapture(name)
        var number = 0
        while let packet = try file.nextPacket() {
            if range.contains(number) { inspection.handle(packet, of: capture) }
            number += 1
        }
        inspection.update(file.contents, of: capture)
        return inspection.finish()
    }

    private static func accusations(_ report: InspectionReport) -> Set<String> {
        Set(report.findings.filter { $0.severity != .note }.map(\.code))
    }

    @Test(arguments: names) func `a late beginning adds no complaint`(name: String) throws {
        let count = try Self.packetCount(name)
        let whole = Self.accusations(try Self.report(name, 0..<count))
        for begin in stride(from: 0, to: count, by: 5) {
            let codes = Self.accusations(try Self.report(name, begin..<count))
            // Of a receiver that cries in the second half alone the share is greater.
            let added = codes.subtracting(whole).subtracting(["crying-receiver"])
            #expect(added.isEmpty, "from packet \(begin): \(added)")
        }
    }

    @Test(arguments: names) func `an early end adds no complaint`(name: String) throws {
        let count = try Self.packetCount(name)
        let whole = Self.accusations(try Self.report(name, 0..<count))
        for end in stride(from: 1, to: count, by: 7) {
            let codes = Self.accusations(try Self.report(name, 0..<end))
            let added = codes.subtracting(whole).subtracting(["crying-receiver"])
            #expect(added.isEmpty, "to packet \(end): \(added)")
        }
    }

    @Test func `two taps of one stream that begin late agree`() throws {
        let name = "epgm_loss_2if.pcapng"
        let options = VerdictOptions(taps: [
            VerdictOptions.NodeTap(node: "source", capture: 0, interface: 0),
            VerdictOptions.NodeTap(node: "leaf", capture: 0, interface: 1),
        ])
        let count = try Self.packetCount(name)
        let whole = try #require(try Self.report(name, 0..<count, options).verdict)
        #expect(whole.outcome != .notAsPlanned, "\(whole.reasons)")
        for begin in stride(from: 0, to: count, by: 9) {
            let verdict = try #require(try Self.report(name, begin..<count, options).verdict)
            #expect(
                verdict.outcome != .notAsPlanned,
                "from packet \(begin): \(verdict.reasons)"
            )
        }
    }
}
