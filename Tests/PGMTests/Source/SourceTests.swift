import PGM
import Testing
import Wire

struct SourceTests {
    @Test func `RFC 3208 §3.3: the first window is empty, its lead one before its trail`() {
        var harness = SourceHarness()
        let spms = harness.spms()
        #expect(spms.count == 3)
        #expect(spms.map(\.fields.sequence.rawValue) == [0, 1, 2])
        #expect(spms[0].fields.trail == SequenceNumber(0))
        #expect(spms[0].fields.lead == SequenceNumber(.max))
        #expect(spms[0].fields.path == SourceHarness.address)
    }

    @Test func `RFC 3208 §3.2: data is numbered in unit increments, and wraps`() {
        var harness = SourceHarness(first: .max)
        let numbers = (0..<3).compactMap { _ in
            harness.source.admit(byteCount: 100, at: harness.now)?.sequence.rawValue
        }
        #expect(numbers == [.max, 0, 1])
    }

    @Test func `RFC 3208 §2.1: the window is bounded by packets, octets and time`() {
        var options = SourceOptions()
        options.windowPacketCount = 4
        var harness = SourceHarness(options)
        harness.send(10)
        #expect(harness.source.trail == SequenceNumber(6))
        options.windowPacketCount = 100
        options.windowByteCount = 2_500
        harness = SourceHarness(options)
        harness.send(10)
        #expect(harness.source.trail == SequenceNumber(8))
        options.windowByteCount = .max
        options.windowDuration = .milliseconds(50)
        harness = SourceHarness(options)
        harness.send(10)
        harness.wait(.milliseconds(51))
        harness.send(1)
        #expect(harness.source.trail == SequenceNumber(10))
    }

    @Test func `RFC 3208 §3.5: in silence the window closes in time`() {
        var options = SourceOptions()
        options.windowDuration = .milliseconds(500)
        var harness = SourceHarness(options)
        harness.send(3)
        for _ in 0..<20 { harness.wait(.milliseconds(100)) }
        let last = harness.spms().last?.fields
        #expect(last?.trail == SequenceNumber(3) && last?.lead == SequenceNumber(2))
    }

    @Test func `RFC 3208 §5.1.5: heartbeats double, and start anew after data`() {
        var options = SourceOptions()
        options.ambientInterval = .seconds(100)
        options.heartbeatIntervals = SourceOptions.doubling(
            from: .milliseconds(10),
            to: .milliseconds(80)
        )
        var harness = SourceHarness(options)
        _ = harness.spms()
        harness.send(1)
        var times: [Int64] = []
        for millisecond in 1...400 as ClosedRange<Int64> {
            harness.wait(.milliseconds(1))
            if !harness.spms().isEmpty { times.append(millisecond) }
        }
        #expect(times == [10, 30, 70, 150, 230, 310, 390])
        harness.send(1)
        harness.wait(.milliseconds(10))
        #expect(harness.spms().count == 1)
    }

    @Test func `RFC 3208 §5.1.6: ambient SPMs come between data too`() {
        var options = SourceOptions()
        options.ambientInterval = .milliseconds(100)
        var harness = SourceHarness(options)
        _ = harness.spms()
        for _ in 0..<500 {
            harness.now = harness.now + .milliseconds(1)
            harness.send(1)
        }
        #expect(harness.spms().count == 5)
    }

    @Test func `RFC 3208 §5.1.2: over any interval at most burst plus rate passes`() {
        var options = SourceOptions()
        options.rateByteCountPerSecond = 1_000_000
        options.burstByteCount = 10_000
        options.overheadByteCount = 0
        options.ambientInterval = .seconds(100)
        options.heartbeatIntervals = [.seconds(100)]
        var harness = SourceHarness(options)
        harness.wait(.seconds(1))
        #expect(harness.send(100) == 10)
        harness.wait(.milliseconds(5))
        #expect(harness.send(100) == 5)
        #expect(harness.source.counters.admissionsDelayed > 0)
        // The time to come again is that of some packets, not of one.
        let wait = harness.source.admissionTime - harness.now
        #expect(wait >= .milliseconds(1) && wait <= .milliseconds(5))
        harness.wait(wait)
        #expect(harness.send(100) >= 1)
    }

    @Test func `RFC 3208 §9.7: the end is told with OPT_FIN, and in every SPM after it`() {
        var harness = SourceHarness()
        harness.send(1)
        _ = harness.spms()
        harness.source.finish(at: harness.now)
        #expect(!harness.source.hasAnnouncedEnd)
        #expect(harness.spms().map { $0.options.map(\.type) } == [[0x0E], [0x0E], [0x0E]])
        #expect(harness.source.hasAnnouncedEnd)
        harness.wait(.seconds(2))
        #expect(harness.spms().allSatisfy { $0.options == [PacketOption(.finish)] })
        #expect(harness.nak(0) == .confirm)
        #expect(harness.repairs() == [0])
    }

    @Test func `RFC 3208 §9.8: with OPT_RST and N no NAK is answered`() {
        var harness = SourceHarness()
        harness.send(2)
        harness.source.reset(errorCode: 5, refusesNAKs: false, at: harness.now)
        #expect(
            harness.spms().last?.options
                == [PacketOption(.reset(refusesNAKs: false, errorCode: 5))]
        )
        #expect(harness.nak(0) == .confirm)
        harness.source.reset(errorCode: 5, refusesNAKs: true, at: harness.now)
        #expect(harness.nak(1) == .refused)
    }

    @Test func `RFC 3208 §9.6: OPT_SYN is on the first packet only`() {
        var options = SourceOptions()
        options.announcesStart = true
        var harness = SourceHarness(options)
        harness.send(1)
        #expect(harness.source.dataOptions == [PacketOption(.synchronize)])
        harness.send(1)
        #expect(harness.source.dataOptions.isEmpty)
    }

    @Test func `RFC 3208 §13.4: an SPMR is answered at once, a flood of them seldom`() {
        var harness = SourceHarness()
        _ = harness.spms()
        harness.now = harness.now + .milliseconds(500)
        #expect(harness.handle(.spmr, .spmr) == .none)
        #expect(harness.spms().count == 1)
        for _ in 0..<100 { _ = harness.handle(.spmr, .spmr) }
        #expect(harness.spms().isEmpty)
        #expect(harness.source.counters.spmRequestsSpared == 100)
        harness.wait(.milliseconds(10))
        #expect(harness.spms().count == 1)
    }

    @Test func `an adaptive rate gives way to losses and comes back`() {
        var options = SourceOptions()
        options.adaptiveRate = AdaptiveRateOptions(
            minimumByteCountPerSecond: 100_000,
            maximumByteCountPerSecond: 10_000_000
        )
        var harness = SourceHarness(options)
        func interval(_ losses: Bool) {
            for step in 0..<10 {
                harness.wait(.milliseconds(11))
                harness.send(3)
                if losses, step == 5 { _ = harness.nak(harness.source.lead.rawValue) }
                _ = harness.directives()
            }
        }
        for _ in 0..<5 { interval(true) }
        interval(false)
        let low = harness.source.rateByteCountPerSecond ?? 0
        #expect(low < 3_000_000 && low >= 100_000)
        for _ in 0..<5 { interval(false) }
        #expect((harness.source.rateByteCountPerSecond ?? 0) > low + 500_000)
    }

    @Test func `options print every value, and a preset differs from the defaults`() {
        let text = "\(SourceOptions())"
        #expect(text.contains("rate: 125000000") && text.contains("ambient interval: 1.0 seconds"))
        #expect("\(SourceOptions.libzmq)" != text)
        #expect(SourceOptions.libzmq.windowPacketCount == 80)
        #expect(SourceOptions.libzmq.heartbeatIntervals.count == 9)
        #expect("\(ReceiverOptions.libzmq)".contains("expiry: 300.0 seconds"))
    }
}
