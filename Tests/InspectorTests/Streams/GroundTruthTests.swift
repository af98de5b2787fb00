import Inspector
import PGM
import Testing

/// What libzmq's endpoints experienced while these captures were taken (their README) is what the report says.
@Suite(.needsSharedCaptures) struct GroundTruthTests {
    struct Truth: Sendable, CustomTestStringConvertible {
        var file: String
        var interface = 0
        var sourcePort: UInt16?
        var odata: Int
        var rdata = 0
        var nak = 0
        var nakWithList = 0
        var ncf = 0
        var ncfWithList = 0
        var spm: Int
        var fin = 3
        var messages: Int
        /// At 10.77.0.12, the only one that lost anything.
        var lost = 0
        var unrepaired = 0
        var repairedHere = 0

        var testDescription: String { "\(file) \(interface) \(sourcePort ?? 0)" }
    }

    static let truths = [
        Truth(file: "epgm_clean.pcap", odata: 300, spm: 11, messages: 300),
        Truth(
            file: "epgm_loss.pcap",
            odata: 600,
            rdata: 23,
            nak: 22,
            nakWithList: 5,
            ncf: 22,
            ncfWithList: 5,
            spm: 11,
            messages: 600,
            lost: 22
        ),
        Truth(
            file: "epgm_unrecoverable.pcap",
            odata: 600,
            nak: 1,
            ncf: 1,
            spm: 12,
            messages: 600,
            lost: 1,
            unrepaired: 1
        ),
        Truth(file: "epgm_multipart.pcap", odata: 84, spm: 11, messages: 12),
        Truth(
            file: "epgm_restart.pcap",
            sourcePort: 21_655,
            odata: 200,
            spm: 6,
            fin: 0,
            messages: 200
        ),
        Truth(file: "epgm_restart.pcap", sourcePort: 4_863, odata: 200, spm: 11, messages: 200),
        Truth(
            file: "epgm_loss_2if.pcapng",
            odata: 400,
            rdata: 8,
            nak: 8,
            nakWithList: 3,
            ncf: 8,
            ncfWithList: 3,
            spm: 12,
            messages: 400,
            lost: 8
        ),
        Truth(
            file: "epgm_loss_2if.pcapng",
            interface: 1,
            odata: 392,
            rdata: 8,
            nak: 8,
            nakWithList: 3,
            ncf: 6,
            ncfWithList: 2,
            spm: 12,
            messages: 400,
            lost: 8,
            repairedHere: 8
        ),
        Truth(file: "pgm_clean.pcap", odata: 300, spm: 11, messages: 300),
    ]

    @Test(arguments: truths)
    func `packets, messages and losses are what they were`(_ truth: Truth) throws {
        let report = try SharedCaptures.report(truth.file)
        let stream = try #require(
            report.streams.first {
                $0.interface == truth.interface
                    && truth.sourcePort ?? $0.session.sourcePort == $0.session.sourcePort
            }
        )
        #expect(stream.packets.odata == truth.odata)
        #expect(stream.packets.rdata == truth.rdata)
        #expect(stream.packets.nak == truth.nak)
        #expect(stream.details.nakListCount == truth.nakWithList)
        #expect(stream.packets.ncf == truth.ncf)
        #expect(stream.details.ncfListCount == truth.ncfWithList)
        #expect(stream.packets.spm == truth.spm)
        #expect(stream.details.finCount == truth.fin)
        #expect(stream.messages.count == truth.messages)
        #expect(stream.messages.brokenCount == 0)
        #expect(stream.sequence.first == SequenceNumber(0))
        #expect(stream.sequence.missingCount == 0)
        #expect(stream.sequence.repairedAtTapCount == truth.repairedHere)
        #expect(stream.transport == (truth.file.hasPrefix("e") ? .epgm : .pgm))
        // OpenPGM's sources all have this one.
        #expect(stream.session.globalSourceIDText == "b7c6d1bc038a")

        let names = stream.receivers.map { "\($0.address)" }
        #expect(names == ["10.77.0.11", "10.77.0.12", "10.77.0.13"])
        for receiver in stream.receivers {
            let isUnlucky = "\(receiver.address)" == "10.77.0.12"
            #expect(receiver.lostCount == (isUnlucky ? truth.lost : 0))
            #expect(receiver.unrepairedCount == (isUnlucky ? truth.unrepaired : 0))
            #expect(receiver.repairedCount == receiver.lostCount - receiver.unrepairedCount)
        }
    }

    @Test(arguments: [
        ("epgm_clean.pcap", 8), ("epgm_loss.pcap", 8), ("epgm_unrecoverable.pcap", 8),
        ("epgm_multipart.pcap", 8), ("epgm_restart.pcap", 10), ("pgm_clean.pcap", 8),
    ])
    func `joins and leaves by IGMP`(_ file: String, _ count: Int) throws {
        let report = try SharedCaptures.report(file)
        let group = try #require(report.groups.first { "\($0.group)" == "239.192.1.1" })
        #expect(group.members.count == 4, "publisher and three subscribers")
        #expect(group.members.reduce(0) { $0 + $1.reportCount } == count)
        #expect(group.members.reduce(0) { $0 + $1.leaveCount } == count)
        #expect(group.members.allSatisfy { !$0.isJoined && $0.hasSeenData })
    }

    @Test(arguments: [
        ("epgm_clean.pcap", [String]()),
        ("epgm_loss.pcap", ["crying-receiver", "loss-repaired", "repair-lost"]),
        ("epgm_unrecoverable.pcap", ["loss-unrepaired", "window-too-small"]),
        ("epgm_multipart.pcap", []),
        ("epgm_restart.pcap", ["source-restart"]),
        ("epgm_loss_2if.pcapng", ["loss-repaired", "repaired-at-tap", "time-backward"]),
        ("pgm_clean.pcap", []),
    ])
    func `each capture shows what is wrong in it, and nothing else`(
        _ file: String,
        _ codes: [String]
    ) throws {
        let report = try SharedCaptures.report(file)
        #expect(report.findings.map(\.code).sorted() == codes)
    }

    @Test func `an unrecoverable loss has its number, its receiver and its reason`() throws {
        let report = try SharedCaptures.report("epgm_unrecoverable.pcap")
        let stream = try #require(report.streams.first)
        #expect(stream.window.packetCount == 8)
        #expect(stream.losses.count == 1)
        let loss = try #require(stream.losses.first)
        #expect(loss.kind == .tooLate)
        #expect(loss.first == SequenceNumber(179) && loss.last == loss.first)
        #expect(loss.receivers.map { "\($0)" } == ["10.77.0.12"])
        #expect(loss.isConfirmed && !loss.isMissingAtTap)
    }

    @Test func `a repair that was lost as well is known`() throws {
        let report = try SharedCaptures.report("epgm_loss.pcap")
        let stream = try #require(report.streams.first)
        // 22 numbers, one of them twice.
        #expect(stream.repairs.count == 23)
        #expect(stream.repairs.filter { $0.sequence == SequenceNumber(0x1C5) }.count == 2)
        #expect(stream.repairSummary.lostRepairs.count == 1)
        #expect(stream.repairSummary.nakToNCF.count == 23)
        #expect(stream.repairSummary.nakToNCF.maximum < 1_000_000)
    }
}
