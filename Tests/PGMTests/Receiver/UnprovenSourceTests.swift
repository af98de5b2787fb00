import PGM
import Testing
import Wire

/// Anybody can announce a session; who answers every announcement eagerly floods the network with NAKs.
struct UnprovenSourceTests {
    private static func asked(_ harness: ReceiverHarness) -> Int {
        harness.naks.reduce(0) { $0 + $1.numbers.count }
    }

    @Test func `a source that has sent nothing is asked for little at a time`() {
        var harness = ReceiverHarness()
        harness.spm(lead: 9)
        harness.spm(lead: 30_000)
        harness.wait(.milliseconds(4))
        #expect(Self.asked(harness) == 256)
        harness.wait(.milliseconds(1))
        #expect(Self.asked(harness) == 256)
    }

    @Test func `the first packets of a source count once`() {
        var harness = ReceiverHarness()
        harness.data(10)
        harness.address = ReceiverHarness.relay
        harness.data(10, type: .rdata)
        #expect(harness.receiver.counters.odataPackets == 1)
        #expect(harness.receiver.counters.rdataPackets == 1)
    }

    @Test func `one that sends is asked for more`() {
        var harness = ReceiverHarness()
        harness.spm(lead: 9)
        for number in UInt32(10)..<110 { harness.data(number) }
        harness.data(1_110)
        harness.wait(.milliseconds(4))
        #expect(Self.asked(harness) == 256 + 4 * 101)
    }

    @Test func `how long repairs took is known`() {
        var harness = ReceiverHarness()
        harness.spm(lead: 9)
        harness.data(10)
        harness.data(12)
        #expect(harness.receiver.repairTimes.count == 0)
        harness.wait(.milliseconds(4))
        harness.data(11, type: .rdata)
        #expect(harness.receiver.repairTimes.count == 1)
        let time = harness.receiver.repairTimes.percentile(0.5) ?? .zero
        #expect(time >= .milliseconds(4) && time < .milliseconds(5))
    }
}
