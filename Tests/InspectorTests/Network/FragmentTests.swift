import Dissection
import PGM
import Simulation
import Testing

@Suite struct FragmentTests {
    private static let payload = (0..<1_400).map { UInt8(truncatingIfNeeded: $0 * 7) }
    private static let datagram = PacketBytes.udp(PacketBytes.odata(3, payload))
    private static let whole = "ODATA 3 valid udp 1400+0"

    @Test(arguments: [8, 64, 504, 1_424])
    func `pieces in any order make the datagram once`(byteCount: Int) {
        let pieces = PacketBytes.fragmentsV4(Self.datagram, byteCount: byteCount)
        let pieces6 = PacketBytes.fragmentsV6(Self.datagram, byteCount: byteCount)
        for pieces in [pieces, pieces.reversed(), pieces6, pieces6.reversed()] {
            var bench = DissectorBench()
            let texts = pieces.map { bench.text($0, linkType: .raw) }
            #expect(texts.last == Self.whole)
            #expect(texts.dropLast().allSatisfy { $0 == "incomplete" })
            #expect(bench.dissector.reassembledCount == 1)
        }
    }

    @Test(arguments: 0..<50) func `shuffled and repeated pieces of several datagrams`(seed: UInt64)
    {
        var random = SeededGenerator(seed: seed)
        var pieces: [[UInt8]] = []
        for identification in 0..<10 {
            pieces += PacketBytes.fragmentsV4(
                Self.datagram,
                byteCount: 200,
                identification: UInt16(identification)
            )
        }
        pieces.shuffle(using: &random)
        // A repetition right behind its original cannot begin a new datagram, unless it was the last piece.
        pieces = pieces.flatMap { piece in Bool.random(using: &random) ? [piece, piece] : [piece] }
        var bench = DissectorBench()
        let texts = pieces.map { bench.text($0, linkType: .raw) }
        #expect(texts.filter { $0 == Self.whole }.count == 10, "seed \(seed)")
        #expect(texts.allSatisfy { $0 == Self.whole || $0 == "incomplete" }, "seed \(seed)")
    }

    @Test func `the datagram is marked, and belongs to the packet that completed it`() {
        var bench = DissectorBench()
        let pieces = PacketBytes.fragmentsV4(Self.datagram, byteCount: 800)
        _ = bench.text(pieces[0], linkType: .raw)
        bench.dissect(pieces[1], linkType: .raw) { dissection in
            guard case .pgm(let pgm) = dissection else { return #expect(Bool(false)) }
            #expect(pgm.datagram.isReassembled && pgm.datagram.packetNumber == 2)
            #expect(Array(pgm.packet.payload) == Self.payload)
        }
    }

    @Test func `pieces that overlap or disagree spoil the datagram`() {
        let pieces = PacketBytes.fragmentsV4(Self.datagram, byteCount: 800)
        var other = pieces[0]
        other[100] ^= 1
        var bench = DissectorBench()
        #expect(bench.text(pieces[0], linkType: .raw) == "incomplete")
        #expect(bench.text(other, linkType: .raw) == "skipped overlapping-fragments")
        #expect(bench.text(pieces[1], linkType: .raw) == "skipped overlapping-fragments")

        bench = DissectorBench()
        let shifted = PacketBytes.ipv4(
            Array(Self.datagram[792...]),
            identification: 7,
            fragmentField: 792 / 8
        )
        #expect(bench.text(pieces[0], linkType: .raw) == "incomplete")
        #expect(bench.text(shifted, linkType: .raw) == "skipped overlapping-fragments")
    }

    @Test func `pieces that no datagram can have are refused`() {
        var bench = DissectorBench()
        let tooLong = PacketBytes.ipv4(
            Array(repeating: 0, count: 100),
            identification: 1,
            fragmentField: 8_190
        )
        #expect(bench.text(tooLong, linkType: .raw) == "skipped bad-fragment")
        let odd = PacketBytes.ipv4([1, 2, 3], identification: 2, fragmentField: 0x2000)
        #expect(bench.text(odd, linkType: .raw) == "skipped bad-fragment")
        let empty = PacketBytes.ipv4([], identification: 3, fragmentField: 0x2000)
        #expect(bench.text(empty, linkType: .raw) == "skipped bad-fragment")
        // Two different ends.
        for (offset, text) in [(10, "incomplete"), (11, "skipped bad-fragment")] {
            let end = PacketBytes.ipv4(
                Array(repeating: 0, count: 8),
                identification: 4,
                fragmentField: UInt16(offset)
            )
            #expect(bench.text(end, linkType: .raw) == text)
        }
    }

    @Test func `what is not whole after thirty seconds is given up and counted`() {
        let pieces = PacketBytes.fragmentsV4(Self.datagram, byteCount: 800)
        var bench = DissectorBench()
        _ = bench.text(pieces[0], linkType: .raw)
        #expect(
            bench.text(pieces[1], linkType: .raw, nanoseconds: 30_000_000_001) == "incomplete"
        )
        #expect(bench.dissector.incompleteDatagramCount(of: 0) == 1)
        bench.dissector.handleEnd()
        #expect(bench.dissector.incompleteDatagramCount(of: 0) == 2)
    }

    @Test func `a flood of first pieces costs the oldest, not memory`() {
        let pieces = (0..<1_000).map {
            PacketBytes.fragmentsV4(Self.datagram, byteCount: 800, identification: UInt16($0))
        }
        var bench = DissectorBench()
        for piece in pieces { #expect(bench.text(piece[0], linkType: .raw) == "incomplete") }
        #expect(bench.dissector.incompleteDatagramCount(of: 0) == 1_000 - 256)
        #expect(bench.text(pieces[999][1], linkType: .raw) == Self.whole)
        #expect(bench.text(pieces[0][1], linkType: .raw) == "incomplete")
    }

    @Test func `a piece that the snap length cut leaves what stands before the hole`() {
        let pieces = PacketBytes.fragmentsV4(Self.datagram, byteCount: 800)
        var bench = DissectorBench()
        let cut = Array(pieces[0].dropLast(300))
        #expect(
            bench.text(cut, linkType: .raw, originalByteCount: pieces[0].count) == "incomplete"
        )
        // 800 - 300 - 8 (UDP) - 24 (PGM) octets of payload are there.
        #expect(bench.text(pieces[1], linkType: .raw) == "ODATA 3 unknown udp 468+932")
    }

    @Test func `extension headers behind the fragment header are part of the datagram`() {
        let inner: [UInt8] = [17, 0, 1, 4, 0, 0, 0, 0] + Self.datagram
        var bench = DissectorBench()
        let texts = PacketBytes.fragmentsV6(inner, byteCount: 800, nextHeader: 60).map {
            bench.text($0, linkType: .raw)
        }
        #expect(texts == ["incomplete", Self.whole])
    }
}
