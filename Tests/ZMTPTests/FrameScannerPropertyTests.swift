import Simulation
import Testing
import ZMTP

/// Whatever the stream and wherever it is cut, the same units come out in the same order.
struct FrameScannerPropertyTests {
    @Test(arguments: 0..<60 as Range<UInt64>)
    func `random streams at random cuts`(seed: UInt64) {
        let stream = RandomStream(seed: seed, messageCount: 60, lengths: RandomStream.smallLengths)
        var cuts = SeededGenerator(seed: seed ^ 0xC075)
        let longest = [2, 9, 40, 300, 5_000][Int(seed % 5)]
        let reader = StreamReader.read(stream.bytes) { _ in
            Int.random(in: 1...longest, using: &cuts)
        }
        #expect(reader.units == stream.units)
        #expect(reader.violation == nil)
        #expect(reader.complaints == [])
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func `frames of up to 70,000 octets`(seed: UInt64) {
        let stream = RandomStream(seed: seed, messageCount: 12, lengths: RandomStream.allLengths)
        var cuts = SeededGenerator(seed: seed)
        let whole = StreamReader.read(stream.bytes) { $0 }
        let cut = StreamReader.read(stream.bytes) { _ in Int.random(in: 1...65_536, using: &cuts) }
        for reader in [whole, cut] {
            // Too long to print: compared here, not by `#expect`.
            let isSame = reader.units == stream.units
            #expect(isSame && reader.violation == nil)
            #expect(reader.complaints == [])
        }
    }

    @Test(arguments: 0..<6 as Range<UInt64>)
    func `one octet at a time`(seed: UInt64) {
        let stream = RandomStream(seed: seed, messageCount: 30, lengths: RandomStream.smallLengths)
        let reader = StreamReader.read(stream.bytes) { _ in 1 }
        #expect(reader.units == stream.units)
        #expect(reader.complaints == [])
    }

    @Test
    func `a read without commands is one event for all its whole messages`() {
        let bytes = Array(repeatElement([0, 1, 0x41] as [UInt8], count: 10_000).joined())
        let reader = StreamReader.read(bytes) { $0 }
        #expect(reader.units.count == 10_000)
        #expect(reader.eventCount == 2)
    }

    /// Under limits the verdict is part of what may not depend on the cuts.
    @Test(arguments: 0..<100 as Range<UInt64>)
    func `a verdict does not depend on where reads end`(seed: UInt64) {
        let stream = RandomStream(seed: seed, messageCount: 40, lengths: RandomStream.smallLengths)
        var generator = SeededGenerator(seed: seed &+ 1_000)
        let limits = FrameScanner.Limits(
            messageByteCountMax: Int.random(in: 0...1_800, using: &generator),
            commandByteCountMax: Int.random(in: 100...300, using: &generator)
        )
        let whole = StreamReader.read(stream.bytes, limits: limits) { $0 }
        let octets = StreamReader.read(stream.bytes, limits: limits) { _ in 1 }
        let cut = StreamReader.read(stream.bytes, limits: limits) { _ in
            Int.random(in: 1...300, using: &generator)
        }
        for reader in [octets, cut] {
            #expect(reader.violation == whole.violation)
            #expect(reader.units == whole.units)
            #expect(reader.complaints == whole.complaints)
            #expect(reader.spillByteCountMax <= max(limits.messageByteCountMax + 9, 300))
        }
        #expect(whole.units == Array(stream.units.prefix(whole.units.count)))
        #expect(whole.violation != nil || whole.units.count == stream.units.count)
    }
}
