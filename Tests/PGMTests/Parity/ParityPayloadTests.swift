import Simulation
import Testing

@testable import PGM

struct ParityPayloadTests {
    /// Copies that live as long as the test.
    private final class Memory {
        private var copies: [UnsafeMutableRawBufferPointer] = []

        func bytes(_ octets: [UInt8]) -> UnsafeRawBufferPointer {
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: octets.count, alignment: 1)
            copy.copyBytes(from: octets)
            copies.append(copy)
            return UnsafeRawBufferPointer(copy)
        }

        deinit { copies.forEach { $0.deallocate() } }
    }

    private let memory = Memory()

    private func parity(
        _ index: Int,
        of payloads: [[UInt8]],
        _ code: ReedSolomon,
        hasLengths: Bool
    ) -> [UInt8] {
        let longest = payloads.map(\.count).max() ?? 0
        let count = ReedSolomon.parityByteCount(longest: longest, hasLengths: hasLengths)
        var output = [UInt8](repeating: 9, count: count)
        output.withUnsafeMutableBytes {
            code.encode(
                parity: index,
                of: payloads.map(memory.bytes),
                hasLengths: hasLengths,
                into: $0
            )
        }
        return output
    }

    @Test func `RFC 3208 §11.2: any k of n packets give back all payloads, whatever their lengths`()
    {
        let codes = [2, 4, 8, 16].map { ReedSolomon(groupSize: $0) }
        for seed in 0..<120 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            let code = codes[Int(seed % 4)]
            let size = code.groupSize
            let hasLengths = seed % 3 != 0
            let payloads = (0..<size).map { _ in
                generator.octets(hasLengths ? Int.random(in: 0..<40, using: &generator) : 25)
            }
            let missing = Array((0..<size).shuffled(using: &generator).prefix(1 + Int(seed) % size))
            let indices = (0..<(255 - size)).shuffled(using: &generator).prefix(missing.count)
            let first = SequenceNumber(UInt32.max - 3)
            let result = code.reconstruct(
                Reconstruction(
                    group: first,
                    groupSize: size,
                    missing: missing.map { first + $0 },
                    parity: Array(indices),
                    hasLengths: hasLengths
                ),
                payload: { number in
                    let index = number.distance(from: first)
                    return missing.contains(index) ? nil : memory.bytes(payloads[index])
                },
                parity: { memory.bytes(parity($0, of: payloads, code, hasLengths: hasLengths)) }
            )
            #expect(result == missing.map { payloads[$0] }, "seed \(seed)")
        }
    }

    @Test func `what does not fit together gives nothing`() {
        let code = ReedSolomon(groupSize: 2)
        func result(missing: [Int], parity indices: [Int], octets: [UInt8]) -> [[UInt8]]? {
            code.reconstruct(
                Reconstruction(
                    group: SequenceNumber(8),
                    groupSize: 2,
                    missing: missing.map { SequenceNumber(8) + $0 },
                    parity: indices,
                    hasLengths: true
                ),
                payload: { _ in memory.bytes([1, 2, 3]) },
                parity: { _ in memory.bytes(octets) }
            )
        }
        #expect(result(missing: [5], parity: [0], octets: [0, 0, 0, 0, 0]) == nil)
        #expect(result(missing: [0], parity: [], octets: []) == nil)
        #expect(result(missing: [0], parity: [253], octets: [0, 0, 0, 0, 0]) == nil)
        #expect(result(missing: [0], parity: [0], octets: [0]) == nil)
        #expect(result(missing: [0], parity: [0], octets: [0, 0, 0]) == nil)
        #expect(result(missing: [0], parity: [0], octets: [7, 7, 7, 0xFF, 0xFF]) == nil)
        #expect(result(missing: [0, 1], parity: [3, 3], octets: [0, 0, 0, 0, 0]) == nil)
    }
}
