import Vocabulary
import PGM
import Simulation
import Testing
import Wire

struct RepairTests {
    @Test func `RFC 3208 §5.2, §5.3: a NAK is confirmed and repaired at once`() {
        var harness = SourceHarness()
        harness.send(5)
        #expect(harness.nak(2) == .confirm)
        #expect(harness.repairs() == [2])
        #expect(harness.source.counters.repairPackets == 1)
    }

    @Test func `RFC 3208 §9.3.4: all numbers of a list are repaired, each once`() {
        var harness = SourceHarness()
        harness.send(10)
        #expect(harness.nak(2, 5, 5, 9) == .confirm)
        #expect(harness.repairs() == [2, 5, 9])
        #expect(harness.source.counters.nakNumbersMerged == 1)
    }

    @Test func `one repair serves all NAKs of a loss, and a later NAK gets its own`() {
        var harness = SourceHarness()
        harness.send(5)
        _ = harness.nak(2)
        _ = harness.repairs()
        harness.wait(.milliseconds(2))
        #expect(harness.nak(2) == .confirm)
        #expect(harness.repairs().isEmpty)
        harness.wait(.milliseconds(5))
        _ = harness.nak(2)
        #expect(harness.repairs() == [2])
    }

    @Test func `RFC 3208 §5.3: a repair may wait for the NAKs of the neighbourhood`() {
        var options = SourceOptions()
        options.repairDelay = .milliseconds(3)
        var harness = SourceHarness(options)
        harness.send(5)
        #expect(harness.nak(2) == .confirm)
        #expect(harness.repairs().isEmpty)
        #expect(harness.source.deadline == harness.now + .milliseconds(3))
        harness.wait(.milliseconds(3))
        #expect(harness.repairs() == [2])
    }

    @Test func `RFC 3208 §5.2: equal NCFs keep a distance`() {
        var harness = SourceHarness()
        harness.send(5)
        #expect(harness.nak(2) == .confirm)
        #expect(harness.nak(2) == .refused)
        #expect(harness.source.counters.confirmationsSpared == 1)
        harness.wait(.milliseconds(1))
        #expect(harness.nak(2) == .confirm)
    }

    @Test func `what is too old is confirmed, and an SPM tells where the window begins`() {
        var options = SourceOptions()
        options.windowPacketCount = 4
        var harness = SourceHarness(options)
        harness.send(10)
        _ = harness.spms()
        harness.now = harness.now + .milliseconds(9)
        harness.now = harness.now + .milliseconds(9)
        #expect(harness.nak(1) == .confirm)
        #expect(harness.spms().last?.fields.trail == SequenceNumber(6))
        #expect(harness.source.counters.nakNumbersTooOld == 1)
    }

    @Test func `NAKs for numbers never sent, other sources, other groups are counted only`() {
        var harness = SourceHarness()
        harness.send(5)
        _ = harness.directives()
        #expect(harness.nak(5) == .refused)
        #expect(harness.nak(0x8000_0000) == .refused)
        #expect(harness.nak(2, address: NetworkAddress(v4: 1)) == .refused)
        #expect(harness.nak(2, group: NetworkAddress(v4: 1)) == .refused)
        #expect(
            harness.handle(
                .spmr,
                .spmr,
                session: TransportSessionID(globalSourceID: 1, sourcePort: 9)
            ) == .refused
        )
        #expect(harness.directives().isEmpty)
        let counters = harness.source.counters
        #expect(counters.nakNumbersUnknown == 2 && counters.naksMisaddressed == 2)
        #expect(counters.strayPackets == 1)
    }

    @Test func `a flood of NAKs is cut off`() {
        var options = SourceOptions()
        options.nakCountPerSecondMax = 1_000
        var harness = SourceHarness(options)
        harness.send(50)
        for number in 0..<5_000 as Range<UInt32> { _ = harness.nak(number % 50) }
        #expect((4_000...4_990).contains(harness.source.counters.naksOverRate))
    }

    @Test func `RFC 3208 §5.1.1: repairs are within the rate, all that it allows at once`() {
        var options = SourceOptions()
        options.rateByteCountPerSecond = 1_000_000
        options.burstByteCount = 20_000
        options.repairShare = 1
        var harness = SourceHarness(options)
        for _ in 0..<40 {
            harness.wait(.milliseconds(20))
            harness.send(1)
        }
        harness.wait(.milliseconds(100))
        _ = harness.directives()
        for number in 0..<40 as Range<UInt32> { _ = harness.nak(number) }
        let first = harness.repairs().count
        #expect((15...20).contains(first))
        var later = 0
        var turns = 0
        while later + first < 40, turns < 100 {
            harness.wait(harness.source.deadline - harness.now)
            later += harness.repairs().count
            turns += 1
        }
        #expect(later + first == 40)
    }

    @Test func `RFC 3208 §5.1.3: repairs leave a share of the rate to data`() {
        var options = SourceOptions()
        options.rateByteCountPerSecond = 1_000_000
        options.burstByteCount = 10_000
        options.repairShare = 0.5
        var harness = SourceHarness(options)
        harness.send(9)
        var dataCount = 0
        for turn in 0..<1_000 {
            harness.wait(.milliseconds(1))
            for number in 0..<9 as Range<UInt32> where turn % 5 == 0 { _ = harness.nak(number) }
            dataCount += harness.send(2)
            _ = harness.directives()
        }
        #expect((350...650).contains(dataCount))
    }

    @Test func `an NNAK is taken note of, and repairs nothing`() {
        var harness = SourceHarness()
        harness.send(3)
        _ = harness.directives()
        let fields = NAKFields(
            sequence: SequenceNumber(1),
            source: SourceHarness.address,
            group: SourceHarness.group
        )
        #expect(harness.handle(.nnak, .nak(fields)) == .none)
        #expect(harness.directives().isEmpty && harness.source.counters.nnakPackets == 1)
    }

    @Test func `RFC 3208 §11.4: parity NAKs of a group are consolidated`() {
        var options = SourceOptions()
        options.parity = ParityOptions(groupSize: 8, proactiveCount: 1)
        var harness = SourceHarness(options)
        harness.send(20)
        _ = harness.directives()
        options.repairDelay = .milliseconds(1)
        #expect(harness.nak(0 | 2, isParity: true) == .confirm)
        let indices = harness.directives().compactMap { directive in
            if case .sendParity(let request) = directive { request.index } else { nil }
        }
        #expect(indices == [1, 2, 3])
        // A group that is not complete has no parity (§11.1).
        #expect(harness.nak(16, isParity: true) == .refused)
        #expect(harness.source.counters.parityNAKsRefused == 1)
    }

    @Test func `RFC 3208 §11.4: proactive parity follows the last packet of a group`() {
        var options = SourceOptions()
        options.parity = ParityOptions(groupSize: 4, proactiveCount: 2, isOnDemand: false)
        var harness = SourceHarness(options)
        _ = harness.directives()
        harness.send(3)
        #expect(harness.directives().isEmpty)
        harness.send(1)
        let requests = harness.directives().compactMap { directive in
            if case .sendParity(let request) = directive { request } else { nil }
        }
        #expect(requests.map(\.index) == [0, 1] && requests.allSatisfy { $0.type == .odata })
        #expect(requests.map(\.fields.sequence.rawValue) == [0, 1])
    }

    @Test func `no packet ends the process`() {
        for seed in 0..<300 as Range<UInt64> {
            var options = SourceOptions()
            options.windowPacketCount = 16
            if seed % 2 == 0 { options.parity = ParityOptions(groupSize: 4) }
            var harness = SourceHarness(
                options,
                first: UInt32(truncatingIfNeeded: seed &* 0x0F0F_0F0F)
            )
            var random = RandomPacket(seed: seed)
            for _ in 0..<40 {
                var packet = random.next()
                packet.sessionID = SourceHarness.session
                packet.dataPort = 7_500
                if case .nak(var fields) = packet.body {
                    fields.source = SourceHarness.address
                    fields.group = SourceHarness.group
                    if random.number(below: 2) == 0 {
                        fields.sequence = harness.source.lead - random.number(below: 20)
                    }
                    packet.body = .nak(fields)
                }
                packet.encoded().withUnsafeBytes { bytes in
                    if let view = try? PacketView(bytes) {
                        _ = harness.source.handle(view, at: harness.now)
                    }
                }
                harness.send(random.number(below: 3))
                harness.wait(.microseconds(random.number(below: 5_000)))
                #expect(harness.directives().count < 400)
            }
        }
    }
}
