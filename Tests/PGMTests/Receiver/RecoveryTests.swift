import PGM
import Testing
import Wire

/// The states of a missing number (RFC 3208 §6.3).
struct RecoveryTests {
    private func missing(
        _ options: ReceiverOptions = ReceiverOptions(),
        upTo last: UInt32 = 12
    ) -> ReceiverHarness {
        var harness = ReceiverHarness(options)
        harness.spm(lead: 9)
        harness.data(10)
        harness.data(last + 1)
        return harness
    }

    @Test func `a NAK waits for its back-off, and goes to the last SPM's path`() {
        var harness = missing()
        #expect(harness.wait(.microseconds(400)) == "")
        harness.spm(lead: 13, path: ReceiverHarness.relay)
        #expect(harness.wait(.milliseconds(3)) == "nak 11,12")
        #expect(harness.naks[0].destination == ReceiverHarness.relay)
        #expect(harness.naks[0].source == ReceiverHarness.address)
    }

    @Test func `without NCF the NAK is repeated, and after enough of that the packet is lost`() {
        var options = ReceiverOptions()
        options.confirmationRetryCountMax = 3
        var harness = missing(options, upTo: 11)
        var texts: [String] = []
        for _ in 0..<200 { texts.append(harness.wait(.milliseconds(1))) }
        #expect(
            texts.filter { !$0.isEmpty } == [
                "nak 11", "nak 11", "nak 11", "nak 11", "lost 11 held 12",
            ]
        )
    }

    @Test func `an NCF stops the repetition until the data is late`() {
        var harness = missing(upTo: 11)
        harness.wait(.milliseconds(3))
        harness.confirm(.ncf, 11)
        #expect(harness.wait(.milliseconds(49)) == "")
        #expect(harness.wait(.milliseconds(5)) == "")  // the data is late: a new back-off
        #expect(harness.wait(.milliseconds(4)) == "nak 11")
    }

    @Test func `data that never comes is lost after its retries`() {
        var options = ReceiverOptions()
        options.dataRetryCountMax = 2
        var harness = missing(options, upTo: 11)
        var texts: [String] = []
        for _ in 0..<400 {
            let text = harness.wait(.milliseconds(1))
            if text.hasPrefix("nak") { harness.confirm(.ncf, 11) }
            texts.append(text)
        }
        #expect(texts.filter { !$0.isEmpty } == ["nak 11", "nak 11", "nak 11", "lost 11 held 12"])
    }

    @Test func `an NCF for somebody else's NAK suppresses ours`() {
        var harness = missing()
        harness.confirm(.ncf, 11, 12)
        #expect(harness.wait(.milliseconds(40)) == "")
        #expect(harness.receiver.counters.nakNumbersSuppressed == 2)
        #expect(harness.data(11, type: .rdata) == "deliver 11")
        #expect(harness.data(12, type: .rdata) == "deliver 12 held 13")
        #expect(harness.receiver.counters.recoveredPackets == 2)
    }

    @Test func `a neighbour's multicast NAK suppresses ours until its NCF is late`() {
        var harness = missing(upTo: 11)
        harness.address = ReceiverHarness.relay
        harness.confirm(.nak, 11)
        harness.address = ReceiverHarness.address
        #expect(harness.wait(.milliseconds(19)) == "")
        harness.wait(.milliseconds(1))
        #expect(harness.wait(.milliseconds(4)) == "nak 11")
    }

    @Test func `NCFs for what is not missing are discarded`() {
        var harness = missing(upTo: 11)
        #expect(harness.confirm(.ncf, 9, 12, 500) == "")
        #expect(harness.receiver.counters.nakNumbersSuppressed == 0)
    }

    @Test func `RFC 3208 §9.3: at most 63 numbers share a NAK, oldest first`() {
        var harness = missing(upTo: 140)
        harness.wait(.milliseconds(4))
        #expect(harness.naks.map(\.numbers.count) == [63, 63, 4])
        let numbers = harness.naks.flatMap { $0.numbers.map(\.rawValue) }
        #expect(numbers == Array(11...140))
    }

    @Test func `only so many numbers are asked for before answers come`() {
        var options = ReceiverOptions()
        options.outstandingCountMax = 10
        var harness = missing(options, upTo: 40)
        harness.wait(.milliseconds(4))
        #expect(harness.naks.map(\.numbers.count) == [10])
        for number in 11...14 as ClosedRange<UInt32> { harness.data(number, type: .rdata) }
        harness.wait(.zero)
        #expect(harness.naks.map(\.numbers.count) == [10, 4])
    }

    @Test func `RFC 3208 §9.5: NAKs go to a repairer that offers itself, while it confirms`() {
        var harness = missing(upTo: 11)
        harness.handle(
            .polr,
            .polr(PollResponseFields(sequence: SequenceNumber(1), round: 0)),
            options: [PacketOption(.redirect(ReceiverHarness.relay))]
        )
        harness.wait(.milliseconds(4))
        harness.wait(.milliseconds(21))
        harness.wait(.milliseconds(4))
        #expect(
            harness.naks.map(\.destination) == [ReceiverHarness.relay, ReceiverHarness.address]
        )
    }

    @Test func `RFC 3208 §15.4.1: a source may set the back-off`() {
        var harness = ReceiverHarness()
        harness.spm(
            lead: 9,
            options: [PacketOption(.backOffInterval(microseconds: 0, poll: SequenceNumber(0)))]
        )
        harness.data(10)
        harness.data(12)
        #expect(harness.wait(.microseconds(500)) == "nak 11")
    }

    private func poll(
        _ sequence: UInt32,
        round: UInt16 = 0,
        subtype: UInt16 = 0,
        mask: UInt32 = 0
    ) -> PacketBody {
        .poll(
            PollFields(
                sequence: SequenceNumber(sequence),
                round: round,
                subtype: subtype,
                path: ReceiverHarness.address,
                backOffMicroseconds: 1_000,
                random: 0,
                mask: mask
            )
        )
    }

    @Test func `RFC 3208 §14.5: a POLL is answered within its back-off`() {
        var harness = missing(upTo: 10)
        harness.handle(.poll, poll(4))
        #expect(harness.wait(.milliseconds(1)) == "polr 4")
        #expect(harness.wait(.milliseconds(9)) == "")
    }

    @Test func `RFC 3208 §14.5: later rounds, other subtypes, other nodes are not answered`() {
        var harness = missing(upTo: 10)
        harness.handle(.poll, poll(5, round: 1))
        harness.handle(.poll, poll(6, subtype: 1))
        harness.handle(.poll, poll(7, subtype: 9))
        harness.handle(.poll, poll(8, mask: .max))
        #expect(harness.wait(.milliseconds(2)) == "")
        harness.handle(.poll, poll(9))
        harness.handle(.poll, poll(9, round: 1))
        #expect(harness.wait(.milliseconds(2)) == "polr 9")
        harness.handle(.poll, poll(10))
        harness.handle(.poll, poll(11, subtype: 9))  // a new poll cancels the answer to the old one
        #expect(harness.wait(.milliseconds(2)) == "")
    }

    private var parity: [PacketOption] {
        [
            PacketOption(
                .parityParameters(isProactive: true, isOnDemand: true, groupSize: 4)
            )
        ]
    }

    private mutating func parityHarness() -> ReceiverHarness {
        var harness = ReceiverHarness()
        harness.spm(lead: 7, options: parity)
        for number in [8, 11, 12] as [UInt32] { harness.data(number) }
        return harness
    }

    @Test mutating func `RFC 3208 §11.5: a parity NAK counts what a whole group misses`() {
        var harness = parityHarness()
        #expect(harness.wait(.milliseconds(4)) == "nak parity 9")
        #expect(harness.naks.last?.numbers == [SequenceNumber(8 | 1)])
    }

    @Test mutating func `RFC 3208 §11.5: a parity NCF that promises enough confirms the group`() {
        var harness = parityHarness()
        func confirm(_ number: UInt32) {
            harness.handle(
                .ncf,
                .nak(
                    NAKFields(
                        sequence: SequenceNumber(number),
                        source: ReceiverHarness.address,
                        group: ReceiverHarness.group
                    )
                ),
                flags: [.parity]
            )
        }
        confirm(8)  // one packet: two are missing
        #expect(harness.wait(.milliseconds(4)) == "nak parity 9")
        confirm(9)
        #expect(harness.wait(.milliseconds(45)) == "")
    }

    @Test mutating func `with as much parity as is missing the group is computed`() {
        var harness = parityHarness()
        func parity(_ number: UInt32) -> String {
            harness.handle(
                .rdata,
                .data(DataFields(sequence: SequenceNumber(number), trail: SequenceNumber(0))),
                flags: [.parity]
            )
        }
        #expect(parity(8) == "parity 8/0")
        #expect(parity(10) == "parity 8/2 reconstruct [9, 10] from [0, 2]")
        let peer = harness.receiver.peerIDs[0]
        harness.receiver.handleReconstructed(
            Reconstruction(
                group: SequenceNumber(8),
                groupSize: 4,
                missing: [SequenceNumber(9), SequenceNumber(10)],
                parity: [0, 2],
                hasLengths: false
            ),
            of: peer,
            succeeded: true
        )
        #expect(harness.directives() == ["held 9…12"])
        #expect(parity(9) == "")
    }
}
