import PGM
import Testing
import Wire

/// A receiver whose application has stopped reading: nothing it waits for can come, so nothing may be given up.
struct PauseTests {
    /// 11 is missing, and 12 is kept.
    private func missing(_ change: (inout ReceiverOptions) -> Void = { _ in }) -> ReceiverHarness {
        var options = ReceiverOptions()
        change(&options)
        var harness = ReceiverHarness(options)
        harness.spm(lead: 9)
        harness.data(10)
        harness.data(12)
        return harness
    }

    /// Lets time pass in steps, as timers would; what was wanted meanwhile.
    private func wait(_ duration: Duration, _ harness: inout ReceiverHarness) -> [String] {
        let stepCount = Int(duration / .milliseconds(10))
        return (0..<stepCount).map { _ in harness.wait(.milliseconds(10)) }
            .filter { !$0.isEmpty }
    }

    @Test(arguments: [nil, PacketType.nak, .ncf])
    func `while it pauses nothing is asked for and nothing is lost`(_ heard: PacketType?) {
        var harness = missing { $0.confirmationRetryCountMax = 3 }
        if let heard { harness.confirm(heard, 11) }
        harness.receiver.handlePause(at: harness.now)
        #expect(harness.receiver.deadline == nil)
        #expect(wait(.seconds(60), &harness) == [])
        harness.receiver.handleResume(at: harness.now)
        #expect(harness.data(11, type: .rdata) == "deliver 11 held 12")
        #expect(harness.receiver.counters.lostPackets == 0)
        #expect(harness.receiver.counters.nakPackets == 0)
    }

    @Test func `after a pause a NAK waits for what was left of its back-off`() {
        var harness = missing {
            $0.backOff = .milliseconds(3)
            $0.backOffMinimum = .milliseconds(3)
        }
        harness.wait(.milliseconds(2))
        harness.receiver.handlePause(at: harness.now)
        harness.wait(.seconds(10))
        harness.receiver.handleResume(at: harness.now)
        let due = harness.now + .milliseconds(1)
        #expect(harness.receiver.deadline == due)
        #expect(harness.wait(.microseconds(999)) == "")
        #expect(harness.wait(.microseconds(1)) == "nak 11")
    }

    @Test func `a source does not expire while nobody listens to it`() {
        var harness = missing { $0.expiry = .seconds(5) }
        harness.data(11, type: .rdata)
        harness.receiver.handlePause(at: harness.now)
        #expect(wait(.seconds(60), &harness) == [])
        harness.receiver.handleResume(at: harness.now)
        #expect(wait(.milliseconds(4_990), &harness) == [])
        #expect(harness.wait(.milliseconds(10)) == "expired")
    }

    @Test func `what is read in a pause, and what was waiting behind it, counts`() {
        var harness = missing()
        harness.receiver.handlePause(at: harness.now)
        harness.now = harness.now + .seconds(9)
        #expect(harness.data(11, type: .rdata) == "deliver 11 held 12")
        // The backlog ends in a gap: what found no room in the kernel.
        #expect(harness.data(13) == "deliver 13")
        #expect(harness.data(20) == "hold 20")
        #expect(harness.wait(.seconds(1)) == "")
        harness.receiver.handleResume(at: harness.now)
        #expect(harness.wait(.milliseconds(3)) == "nak 14,15,16,17,18,19")
    }

    @Test func `pauses add up, and one that was begun twice ends once`() {
        var harness = missing { $0.expiry = .seconds(5) }
        for _ in 0..<3 {
            harness.receiver.handlePause(at: harness.now)
            harness.now = harness.now + .seconds(4)
            harness.receiver.handlePause(at: harness.now)
            harness.now = harness.now + .seconds(4)
            harness.receiver.handleResume(at: harness.now)
            harness.receiver.handleResume(at: harness.now + .seconds(1))
        }
        harness.data(11, type: .rdata)
        #expect(wait(.milliseconds(4_990), &harness) == [])
        #expect(harness.wait(.milliseconds(10)) == "expired")
    }
}
