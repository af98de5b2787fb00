import Simulation
import Testing

@testable import PGM

@Suite struct ReedSolomonTests {
    /// Multiplication as the definition says it, without tables.
    private func slowProduct(_ one: UInt8, _ other: UInt8) -> UInt8 {
        var result = 0
        for bit in 0..<8 where other >> bit & 1 == 1 { result ^= Int(one) << bit }
        for bit in stride(from: 14, through: 8, by: -1) where result >> bit & 1 == 1 {
            result ^= 0x11D << (bit - 8)
        }
        return UInt8(result)
    }

    @Test func `products are those of polynomials modulo 0x11D`() {
        for one in UInt8.min...UInt8.max {
            for other in UInt8.min...UInt8.max {
                #expect(GaloisField.shared.product(one, other) == slowProduct(one, other))
            }
        }
    }

    @Test func `a value times its inverse is 1`() {
        for value in UInt8(1)...UInt8.max {
            #expect(slowProduct(value, GaloisField.shared.inverse(value)) == 1)
        }
    }

    /// With two data packets the Vandermonde rows are (1, 0), (1, 1), (1, α), (1, α²) …; the inverse of the upper two maps
    /// (1, x) to (1 + x, x). So parity j is d₀ (1 + αʲ⁺¹) + d₁ αʲ⁺¹.
    @Test func `coefficients of two packets are as computed by hand`() {
        let code = ReedSolomon(groupSize: 2)
        for parityIndex in 0..<8 {
            let power = (0...parityIndex).reduce(UInt8(1)) { value, _ in slowProduct(value, 2) }
            for index in 0...1 {
                var octet: [UInt8] = [0]
                octet.withUnsafeMutableBytes { parity in
                    [UInt8(1)].withUnsafeBytes {
                        code.add($0, at: index, to: parity, parityIndex: parityIndex)
                    }
                }
                #expect(octet[0] == (index == 0 ? 1 ^ power : power))
            }
        }
    }

    @Test func `any k of n packets give all, small groups exhaustively`() {
        var generator = SeededGenerator(seed: 11)
        for groupSize in 1...4 {
            let group = Group(groupSize, packetByteCount: 9, using: &generator)
            for lost in 0..<(1 << groupSize) {
                for received in 0..<(1 << 5) where received.nonzeroBitCount == lost.nonzeroBitCount
                {
                    let missing = (0..<groupSize).filter { lost >> $0 & 1 == 1 }
                    let parity = (0..<5).filter { received >> $0 & 1 == 1 }
                    #expect(group.recover(missing, from: parity) == missing.map { group.data[$0] })
                }
            }
        }
    }

    @Test(arguments: [8, 16, 64, 128])
    func `any k of n packets give all, large groups by chance`(groupSize: Int) {
        var generator = SeededGenerator(seed: UInt64(groupSize))
        let group = Group(groupSize, packetByteCount: 37, using: &generator)
        for _ in 0..<5 {
            let count = Int.random(in: 1...min(12, groupSize), using: &generator)
            let missing = Array((0..<groupSize).shuffled(using: &generator).prefix(count))
            let parity = Array(
                (0..<group.code.parityCountMax).shuffled(using: &generator).prefix(count)
            )
            #expect(
                group.recover(missing, from: parity) == missing.map { group.data[$0] },
                "missing \(missing), parity \(parity)"
            )
        }
    }

    @Test func `short packets count as if zeros followed`() {
        var generator = SeededGenerator(seed: 4)
        var group = Group(4, packetByteCount: 20, using: &generator)
        group.data[1] = Array(group.data[1].prefix(3))
        group.data[3] = []
        let zeros = [UInt8](repeating: 0, count: 17)
        #expect(group.recover([1, 0], from: [2, 0]) == [group.data[1] + zeros, group.data[0]])
        #expect(group.recover([3], from: [5]) == [zeros + [0, 0, 0]])
    }
}

/// A transmission group, to lose packets of.
private struct Group {
    let code: ReedSolomon
    let packetByteCount: Int
    var data: [[UInt8]]

    init(_ size: Int, packetByteCount: Int, using generator: inout SeededGenerator) {
        code = ReedSolomon(groupSize: size)
        self.packetByteCount = packetByteCount
        data = (0..<size).map { _ in generator.octets(packetByteCount) }
    }

    private func parity(_ index: Int) -> [UInt8] {
        var parity = [UInt8](repeating: 0, count: packetByteCount)
        parity.withUnsafeMutableBytes { parity in
            for (number, packet) in data.enumerated() {
                packet.withUnsafeBytes {
                    code.add($0, at: number, to: parity, parityIndex: index)
                }
            }
        }
        return parity
    }

    /// The missing packets, computed from these parity packets and the data packets that are not missing.
    func recover(_ missing: [Int], from parityIndices: [Int]) -> [[UInt8]] {
        let parity = parityIndices.map { index in
            let buffer = UnsafeMutableRawBufferPointer.allocate(
                byteCount: packetByteCount,
                alignment: 1
            )
            buffer.copyBytes(from: self.parity(index))
            return buffer
        }
        let kept = data.enumerated().map { index, packet in
            let buffer = UnsafeMutableRawBufferPointer.allocate(
                byteCount: packet.count,
                alignment: 1
            )
            // What is missing must not be looked at: give nonsense.
            buffer.copyBytes(from: missing.contains(index) ? packet.map { ~$0 } : packet)
            return buffer
        }
        defer { for buffer in parity + kept { buffer.deallocate() } }
        code.reconstruct(
            missing: missing,
            parityIndices: parityIndices,
            parity: parity,
            data: kept.map { UnsafeRawBufferPointer($0) }
        )
        return parity.map { Array($0) }
    }
}
