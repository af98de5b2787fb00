import PGM
import Simulation
import Testing

struct ChecksumTests {
    /// RFC 1071 §4.1, word by word.
    private func slow(_ octets: [UInt8]) -> UInt16 {
        var sum: UInt32 = 0
        for index in stride(from: 0, to: octets.count, by: 2) {
            let low = index + 1 < octets.count ? octets[index + 1] : 0
            sum += UInt32(octets[index]) << 8 | UInt32(low)
            sum = (sum & 0xFFFF) + (sum >> 16)
        }
        let value = ~UInt16(sum)
        return value == 0 ? 0xFFFF : value
    }

    private func fast(_ parts: [[UInt8]]) -> UInt16 {
        var sum = Checksum()
        for part in parts { part.withUnsafeBytes { sum.add($0) } }
        return sum.value
    }

    @Test func `RFC 1071 §3: the example's sum is ddf2`() {
        #expect(fast([[0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7]]) == ~0xDDF2)
    }

    @Test func `any length at any alignment gives what the slow way gives`() {
        var generator = SeededGenerator(seed: 1)
        for count in Array(0...200) + [1_428, 1_499, 9_000, 65_535] {
            let octets = generator.octets(count)
            #expect(fast([octets]) == slow(octets), "\(count) octets")
            for start in [1, 2, 3] where count > start {
                let part = octets[start...].withUnsafeBytes { bytes in
                    var sum = Checksum()
                    sum.add(bytes)
                    return sum.value
                }
                #expect(part == slow(Array(octets[start...])), "\(count) octets from \(start)")
            }
        }
    }

    @Test func `all ones everywhere does not overflow`() {
        let octets = [UInt8](repeating: 0xFF, count: 65_535)
        #expect(fast([octets]) == slow(octets))
    }

    @Test func `sums of parts combine, odd lengths too`() {
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<500 {
            let octets = generator.octets(Int.random(in: 0...300, using: &generator))
            let cut = Int.random(in: 0...octets.count, using: &generator)
            #expect(fast([Array(octets[..<cut]), Array(octets[cut...])]) == slow(octets))
            var head = Checksum()
            var tail = Checksum()
            octets[..<cut].withUnsafeBytes { head.add($0) }
            octets[cut...].withUnsafeBytes { tail.add($0) }
            head.add(tail)
            #expect(head.value == slow(octets), "\(octets.count) octets cut at \(cut)")
        }
    }

    @Test func `RFC 3208 §8: a checksum of zero is sent as all ones`() {
        #expect(fast([[0xFF, 0xFF]]) == 0xFFFF)
    }

    @Test func `RFC 1624: a changed word updates the checksum`() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<500 {
            var octets = generator.octets(40)
            let before = slow(octets)
            let old = UInt16(octets[10]) << 8 | UInt16(octets[11])
            let new = UInt16(truncatingIfNeeded: generator.next())
            octets[10] = UInt8(new >> 8)
            octets[11] = UInt8(truncatingIfNeeded: new)
            #expect(Checksum.updated(before, from: old, to: new) == slow(octets))
        }
    }

    @Test func `a changed octet is noticed, a missing checksum named`() throws {
        var random = RandomPacket(seed: 4)
        var octets = random.next(.odata).encoded()
        func verdict() throws -> ChecksumVerdict {
            try octets.withUnsafeBytes { try PacketView($0).verifyChecksum() }
        }
        #expect(try verdict() == .valid)
        octets[17] ^= 0x10
        #expect(try verdict() == .invalid)
        octets[6...7] = [0, 0]
        #expect(try verdict() == .absent)
    }
}
