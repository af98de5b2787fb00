import Vocabulary
import PGM
import Testing
import Wire

struct ReceiverTests {
    /// Joined, with an SPM heard, and numbers up to 10 delivered.
    private func joined(_ options: ReceiverOptions = ReceiverOptions()) -> ReceiverHarness {
        var harness = ReceiverHarness(options)
        harness.spm(lead: 9)
        #expect(harness.data(10) == "deliver 10")
        return harness
    }

    @Test func `RFC 3208 §6.1: the first data packet defines the window`() {
        var harness = ReceiverHarness()
        #expect(harness.data(100) == "hold 100 appeared held 100")
        #expect(harness.data(99) == "")
        #expect(harness.receiver.counters.packetsTooOld == 1)
        #expect(harness.data(101) == "deliver 101")
    }

    @Test func `RFC 3208 §6.1: or the first SPM, and nothing older is asked for`() {
        var harness = ReceiverHarness()
        #expect(harness.spm(lead: 50) == "appeared")
        #expect(harness.wait(.seconds(1)) == "")
        #expect(harness.data(51) == "deliver 51")
    }

    @Test func `a repair or an NCF does not begin a session`() {
        var harness = ReceiverHarness()
        #expect(harness.data(5, type: .rdata) == "")
        #expect(harness.confirm(.ncf, 5) == "")
        #expect(harness.receiver.counters.strayPackets == 2)
    }

    @Test func `RFC 3208 §9.4: OPT_JOIN moves the beginning back`() {
        var harness = ReceiverHarness()
        let join = [PacketOption(.join(minimum: SequenceNumber(40)))]
        #expect(harness.spm(lead: 42, trail: 30, options: join) == "appeared")
        #expect(harness.wait(.milliseconds(3)) == "nak 40,41,42")
        var options = ReceiverOptions()
        options.usesHistory = false
        harness = ReceiverHarness(options)
        harness.spm(lead: 42, trail: 30, options: join)
        #expect(harness.wait(.milliseconds(3)) == "")
    }

    @Test func `RFC 3208 §6.1: only contiguous data is delivered, each once`() {
        var harness = joined()
        #expect(harness.data(12) == "hold 12")
        #expect(harness.data(12) == "")
        #expect(harness.data(14) == "hold 14")
        #expect(harness.data(11) == "deliver 11 held 12")
        #expect(harness.data(13) == "deliver 13 held 14")
        #expect(harness.data(13) == "")
        #expect(harness.receiver.counters.duplicates == 1)
        #expect(harness.receiver.counters.packetsTooOld == 1)
    }

    @Test func `RFC 3208 §6.2: SPMs out of sequence are discarded`() {
        var harness = joined()
        harness.spmSequence = 7
        harness.spm(lead: 10)
        harness.spmSequence = 5
        harness.spm(lead: 30)
        #expect(harness.receiver.counters.spmsOutOfSequence == 1)
        #expect(harness.wait(.milliseconds(5)) == "")
    }

    @Test func `one forged SPM does not silence the real ones for ever`() {
        var harness = joined()
        harness.spmSequence = 0x4000_0000
        harness.spm(lead: 10)
        harness.spmSequence = 3
        for _ in 0..<6 { harness.spm(lead: 12) }
        #expect(harness.receiver.counters.spmsOutOfSequence == 3)
        #expect(harness.wait(.milliseconds(5)) == "nak 11,12")
    }

    @Test func `RFC 3208 §6.3: a gap is found by data and by an SPM's lead`() {
        var harness = joined()
        harness.data(13)
        #expect(harness.wait(.milliseconds(4)) == "nak 11,12")
        harness.spm(lead: 15)
        #expect(harness.wait(.milliseconds(4)) == "nak 14,15")
    }

    @Test func `RFC 3208 §6.2: no NAK before the first SPM; it is asked for`() {
        var harness = ReceiverHarness()
        harness.data(10)
        harness.data(12)
        let asked = harness.wait(.milliseconds(11))
        #expect(asked == "spmr")
        #expect(harness.spm(lead: 12) == "")
        #expect(harness.wait(.milliseconds(30)) == "nak 11")
    }

    @Test func `RFC 3208 §13.5: a neighbour's SPMR stands for ours`() {
        var harness = ReceiverHarness()
        harness.data(10)
        harness.address = ReceiverHarness.relay
        harness.handle(.spmr, .spmr)
        #expect(harness.wait(.milliseconds(100)) == "")
        #expect(harness.wait(.milliseconds(200)) == "spmr")
    }

    @Test func `RFC 3208 §9.7: OPT_FIN ends the session when all is delivered`() {
        var harness = joined()
        harness.data(12)
        #expect(harness.spm(lead: 12, options: [PacketOption(.finish)]) == "")
        #expect(harness.data(11, type: .rdata) == "deliver 11 held 12 finished")
        #expect(harness.wait(.seconds(11)) == "expired")
        // What still comes does not begin it again.
        #expect(harness.spm(lead: 12, options: [PacketOption(.finish)]) == "")
    }

    @Test func `RFC 3208 §9.8: OPT_RST with N gives up what is missing`() {
        var harness = joined()
        harness.data(12)
        let reset = [PacketOption(.reset(refusesNAKs: true, errorCode: 9))]
        #expect(harness.spm(lead: 13, options: reset) == "lost 11 held 12 lost 13 reset 9")
    }

    @Test func `after OPT_RST with N a new gap is given up, not asked for`() {
        var harness = joined()
        harness.spm(lead: 10, options: [PacketOption(.reset(refusesNAKs: true, errorCode: 0))])
        harness.data(13)
        #expect(harness.wait(.milliseconds(4)) == "lost 11…12 held 13")
        #expect(harness.receiver.deadline.map { $0 > harness.now } == true)
    }

    @Test func `a silent source expires, and what it owes is lost`() {
        var options = ReceiverOptions()
        options.expiry = .seconds(2)
        options.confirmationRetryCountMax = 10_000
        var harness = joined(options)
        harness.data(12)
        var texts: [String] = []
        for _ in 0..<300 { texts.append(harness.wait(.milliseconds(10))) }
        #expect(texts.last { !$0.isEmpty } == "lost 11 held 12 expired")
        #expect(harness.receiver.peerIDs.isEmpty && harness.receiver.deadline == nil)
        #expect(harness.data(12) == "hold 12 appeared held 12")
    }

    @Test func `RFC 3208 §6.3: what falls behind the trail is lost, in order with what is not`() {
        var harness = joined()
        harness.data(12)
        harness.data(14)
        #expect(harness.data(20, trail: 18) == "hold 20 lost 11 held 12 lost 13 held 14 lost 15…17")
        #expect(harness.spm(lead: 40, trail: 38) == "lost 18…19 held 20 lost 21…37")
    }

    @Test func `a trail behind its number, or ahead, is impossible and counted`() {
        var harness = joined()
        #expect(harness.data(11, trail: 12) == "")
        #expect(harness.data(11, trail: 0x9000_0000) == "deliver 11")
        harness.spm(lead: 5, trail: 50)
        #expect(harness.receiver.counters.windowsImpossible == 2)
    }

    @Test func `a forged lead costs no more than a window`() {
        var options = ReceiverOptions()
        options.windowPacketCount = 64
        var harness = joined(options)
        harness.spm(lead: 1_000_000)
        #expect(harness.receiver.counters.leadsBeyondWindow == 1)
        harness.wait(.milliseconds(5))
        #expect(harness.naks.map(\.numbers.count) == [63, 1])
    }

    @Test func `a full window drops the newest, or loses the oldest`() {
        var options = ReceiverOptions()
        options.windowPacketCount = 4
        var harness = joined(options)
        #expect(harness.data(12) == "hold 12")
        #expect(harness.data(15) == "")
        #expect(harness.receiver.counters.packetsBeyondWindow == 1)
        #expect(harness.data(11) == "deliver 11 held 12")
        #expect(harness.wait(.milliseconds(5)) == "nak 13,14")
        options.overflow = .loseOldest
        harness = joined(options)
        harness.data(12)
        #expect(harness.data(17) == "hold 17 lost 11 held 12 lost 13")
    }

    @Test func `sources are told apart by address, and no more are followed than allowed`() {
        var options = ReceiverOptions()
        options.peerCountMax = 3
        var harness = ReceiverHarness(options)
        for last in 1...5 as ClosedRange<UInt32> {
            harness.address = NetworkAddress(v4: last)
            harness.data(last * 100)
        }
        #expect(harness.receiver.peerIDs.count == 3)
        #expect(harness.receiver.counters.peersRefused == 2)
        harness.address = NetworkAddress(v4: 2)
        #expect(harness.data(201) == "deliver 201")
    }

    @Test func `forged sources do not keep a real one out for long`() {
        var options = ReceiverOptions()
        options.peerCountMax = 3
        var harness = ReceiverHarness(options)
        for last in 1...3 as ClosedRange<UInt32> {
            harness.address = NetworkAddress(v4: last)
            harness.data(last * 100)
        }
        harness.data(302)
        harness.address = NetworkAddress(v4: 2)
        harness.now = harness.now + .seconds(3)
        harness.data(201)
        harness.address = NetworkAddress(v4: 9)
        #expect(harness.data(7) == "expired")
        #expect(harness.data(8) == "hold 8 appeared held 8")
        #expect(harness.receiver.peerIDs.count == 3)
        // The one after goes with what it owes, not at once: a flood must not make us look for room all the time.
        harness.now = harness.now + .milliseconds(10)
        harness.address = NetworkAddress(v4: 10)
        #expect(harness.data(7) == "lost 301 held 302 expired")
    }

    @Test func `no packet ends the process`() {
        for seed in 0..<400 as Range<UInt64> {
            var options = ReceiverOptions()
            options.windowPacketCount = 1 << (seed % 8)
            options.overflow = seed % 2 == 0 ? .discardNewest : .loseOldest
            var harness = ReceiverHarness(options)
            var random = RandomPacket(seed: seed)
            for _ in 0..<60 {
                var packet = random.next()
                packet.sessionID = ReceiverHarness.session
                if case .data(var fields) = packet.body, random.number(below: 4) > 0 {
                    fields.sequence = SequenceNumber(UInt32(random.number(below: 300)))
                    fields.trail = fields.sequence - random.number(below: 30)
                    packet.body = .data(fields)
                }
                packet.encoded().withUnsafeBytes { bytes in
                    guard let view = try? PacketView(bytes) else { return }
                    _ = harness.receiver.handle(
                        view,
                        from: ReceiverHarness.address,
                        to: ReceiverHarness.group,
                        at: harness.now
                    )
                }
                #expect(harness.directives().count < 1_000)
                harness.wait(.microseconds(random.number(below: 40_000)))
            }
        }
    }
}
