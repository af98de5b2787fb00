import Dissection
@testable import InspectionReports
import PGM
import Simulation
import Testing
@testable import Inspector

/// Whatever comes, memory grows with streams and open gaps only, and what is left out is counted.
@Suite struct BoundTests {
    private static let start = StreamScenario.start

    @Test func `lists of repairs, losses and receivers end at their bound`() {
        var options = StreamOptions()
        options.repairCountMax = 10
        options.lossCountMax = 10
        options.receiverCountMax = 5
        let feed = PacketFeed(options: options)
        for number in UInt32(0)..<200 {
            let now = Self.start + Int64(number) * 1_000_000
            feed.odata(SequenceNumber(number), at: now)
            guard number >= 10 else { continue }
            let receiver = IPAddress(v4: 0x0A00_0100 + number % 20)
            feed.nak([SequenceNumber(number - 10)], from: receiver, at: now)
            if number % 4 < 2 { feed.rdata(SequenceNumber(number - 10), at: now + 1_000) }
        }
        let stream = feed.report(at: Self.start + 60_000_000_000).streams[0]
        #expect(stream.repairs.count == 10 && stream.leftOutRepairCount == 84)
        #expect(stream.losses.count <= 10)
        #expect(stream.losses.reduce(0) { $0 + $1.count } + stream.leftOutLossCount == 96)
        #expect(stream.receivers.count == 5 && stream.leftOutReceiverCount > 0)
        #expect(stream.repairSummary.repairedCount == 94)
        #expect(stream.repairSummary.unrepairedCount == 96)
    }

    @Test func `streams beyond the bound are only counted`() {
        var options = StreamOptions()
        options.streamCountMax = 8
        let feed = PacketFeed(options: options)
        for port in UInt16(1)...100 {
            feed.now.session.sourcePort = port
            feed.odata(SequenceNumber(0), at: Self.start)
        }
        let report = feed.report(at: Self.start)
        #expect(report.streams.count == 8)
        #expect(report.leftOutStreamPacketCount == 92)
        #expect(report.findings.contains { $0.code == "streams-left-out" })
    }

    @Test func `data kept for order ends at its bound, and reading goes on behind the gap`() {
        var options = StreamOptions()
        options.reorderByteCountMax = 4_096
        let feed = PacketFeed(options: options)
        feed.odata(SequenceNumber(0), at: Self.start)
        for number in UInt32(2)..<1_000 {
            feed.odata(SequenceNumber(number), at: Self.start + Int64(number) * 1_000)
        }
        let stream = feed.report(at: Self.start + 1_000_000_000).streams[0]
        #expect(stream.messages.count == 999)
        #expect(stream.sequence.missingCount == 1)
    }

    @Test func `a timeline of any length keeps its number of bins and its sums`() {
        var timeline = Timeline(binCountMax: 64)
        var generator = SeededGenerator(seed: 3)
        var now = Self.start
        for _ in 0..<20_000 {
            timeline.add(at: now) { $0.odata += 1 }
            now += Int64.random(in: 0..<100_000_000, using: &generator)
        }
        #expect(timeline.bins.count <= 64)
        #expect(timeline.bins.reduce(0) { $0 + Int($1.odata) } == 20_000)
        #expect(timeline.begin <= Self.start)
    }

    @Test func `times that jump to both ends do not trap`() {
        let feed = PacketFeed()
        for (index, time) in [Int64.min, .max, 0, -1, .max, .min, Self.start].enumerated() {
            feed.odata(SequenceNumber(UInt32(index)), at: time)
            feed.nak([SequenceNumber(0)], from: IPAddress(v4: 9), at: time)
            feed.ncf([SequenceNumber(0)], at: time)
            feed.rdata(SequenceNumber(0), at: time)
            feed.spm(UInt32(index), lead: nil, at: time)
            feed.membership(true, of: IPAddress(v4: 9), at: time)
        }
        let report = feed.report(at: .max)
        #expect(report.streams.count == 1)
        #expect(!ReportText.render(report).isEmpty)
        #expect(!ReportJSON.render(report).isEmpty)
    }

    /// Packets of every type with random numbers, as a fuzzer would send them.
    @Test func `random packets never trap`() async {
        await concurrently(UInt64(0)..<60) { seed in
            var generator = SeededGenerator(seed: seed)
            let feed = PacketFeed()
            func number() -> SequenceNumber {
                let low = UInt32.random(in: 0..<300, using: &generator)
                let far = UInt32(truncatingIfNeeded: generator.next())
                return SequenceNumber(Int.random(in: 0..<10, using: &generator) == 0 ? far : low)
            }
            for step in 0..<2_000 {
                let now =
                    Self.start + Int64(step) * Int64.random(in: 0..<50_000_000, using: &generator)
                feed.now.firstNumber = number()
                feed.now.isUDP = Bool.random(using: &generator)
                feed.now.session.sourcePort = UInt16.random(in: 0..<4, using: &generator)
                let address = IPAddress(v4: UInt32.random(in: 1..<90, using: &generator))
                switch Int.random(in: 0..<8, using: &generator) {
                case 0, 1: feed.odata(number(), at: now)
                case 2: feed.rdata(number(), at: now, from: address)
                case 3: feed.spm(UInt32(step), lead: number(), at: now)
                case 4: feed.ncf([number(), number()], at: now)
                case 5: feed.spmr(from: address, at: now)
                case 6: feed.membership(Bool.random(using: &generator), of: address, at: now)
                default: feed.nak([number(), number(), number()], from: address, at: now)
                }
            }
            let report = feed.report(at: Self.start + 1_000_000_000_000)
            let text = ReportText.render(report) + ReportCSV.render(report)
            #expect(!text.isEmpty, "seed \(seed)")
            let sums = report.streams.map { $0.repairSummary }
            #expect(sums.allSatisfy { $0.repairedCount >= 0 && $0.unrepairedCount >= 0 })
        }
    }
}
