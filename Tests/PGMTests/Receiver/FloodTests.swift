import PGM
import Testing
import Wire

/// Packets of sources that do not exist, as many as there is room for and more: what they cost, and that those who were
/// there before, or come later, are heard.
struct FloodTests {
    private static func stranger(_ number: Int) -> TransportSessionID {
        TransportSessionID(globalSourceID: 0xBAD0_0000 + UInt64(number), sourcePort: 7)
    }

    /// One packet of data each.
    private func flood(_ harness: inout ReceiverHarness, _ numbers: Range<Int>) {
        let own = harness.session
        for number in numbers {
            harness.session = Self.stranger(number)
            harness.data(1)
        }
        harness.session = own
    }

    /// As a shell with a timer; gives the number of wake-ups and of requests for SPMs.
    private func run(
        _ harness: inout ReceiverHarness,
        for duration: Duration
    ) -> (wakeUpCount: Int, requestCount: Int) {
        let end = harness.now + duration
        let before = harness.receiver.counters.spmRequests
        var wakeUpCount = 0
        while let due = harness.receiver.deadline, due < end {
            // A loop has other work, too: timers that are 100 µs apart are one.
            harness.now = max(due, harness.now + .microseconds(100))
            harness.receiver.handleTimeout(at: harness.now)
            _ = harness.directives()
            wakeUpCount += 1
        }
        harness.now = end
        return (wakeUpCount, harness.receiver.counters.spmRequests - before)
    }

    /// A busy machine comes round to reading late, and what the source has sent meanwhile lies behind the flood.
    @Test func `strangers do not take the place of a source that was heard`() {
        var harness = ReceiverHarness()
        harness.spm(lead: 9)
        harness.data(10)
        harness.now = harness.now + .milliseconds(2_500)
        flood(&harness, 0..<3_000)
        #expect(harness.data(11) == "deliver 11")
        #expect(
            harness.receiver.info(of: harness.receiver.peerIDs[0])?.sessionID == harness.session
        )
    }

    @Test func `strangers who say no more are asked seldom, and forgotten soon`() {
        var harness = ReceiverHarness()
        harness.spm(lead: 9)
        harness.data(10)
        flood(&harness, 0..<3_000)
        #expect(harness.receiver.peerIDs.count == 1_024)
        let first = run(&harness, for: .seconds(1))
        #expect(first.requestCount <= 300, "\(first)")
        // 1,023 of them, a wake-up of the group's timer each: the loop has time for others.
        #expect(first.wakeUpCount <= 3_000, "\(first)")
        let later = run(&harness, for: .seconds(12))
        #expect(later.requestCount <= 12 * 250, "\(later)")
        #expect(harness.receiver.peerIDs.count == 1)
        #expect(run(&harness, for: .seconds(60)).requestCount == 0)
        harness.session = Self.stranger(5_000)
        #expect(harness.data(7) == "hold 7 appeared held 7")
    }

    @Test func `a source that comes during a flood is heard when a stranger is silent`() {
        var harness = ReceiverHarness()
        flood(&harness, 0..<1_024)
        harness.now = harness.now + .seconds(1)
        // Nobody has been silent for long enough.
        #expect(harness.data(10) == "")
        harness.now = harness.now + .milliseconds(1_100)
        #expect(harness.data(11) == "expired")
        #expect(harness.data(12) == "hold 12 appeared held 12")
    }

    @Test func `a source with SPMs that is silent for long makes room when all have SPMs`() {
        var options = ReceiverOptions()
        options.peerCountMax = 2
        var harness = ReceiverHarness(options)
        harness.spm(lead: 9)
        harness.now = harness.now + .seconds(20)
        harness.session = Self.stranger(1)
        harness.spm(lead: 9)
        harness.now = harness.now + .seconds(20)
        harness.session = Self.stranger(2)
        // libzmq's sources may be silent for 30 seconds.
        #expect(harness.data(1) == "")
        harness.now = harness.now + .seconds(1)
        #expect(harness.data(2) == "expired")
        #expect(harness.data(3) == "hold 3 appeared held 3")
        #expect(harness.receiver.peerIDs.count == 2)
    }

    @Test func `who answers no request for an SPM is asked at ever longer intervals`() {
        var harness = ReceiverHarness()
        harness.data(10)
        var times: [Duration] = []
        let start = harness.now
        for number in 11..<6_000 as Range<UInt32> {
            // It goes on sending, so that it is not forgotten.
            harness.data(number)
            if harness.wait(.milliseconds(10)) == "spmr" { times.append(harness.now - start) }
        }
        // In a minute: at once, after 0.25 s, 0.5 s, … 8 s.
        #expect((9...13).contains(times.count), "\(times)")
    }
}
