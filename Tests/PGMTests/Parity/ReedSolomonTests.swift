import Simulation
import Testing

@testable import PGM

struct ReedSolomonTests {
    /// Long multiplication of polynomials over GF(2), reduced by 0x11D.
    private func slowProduct(_ left: UInt8, _ right: UInt8) -> UInt8 {
        var sum = 0
        for bit in 0..<8 where right >> UInt8(bit) & 1 == 1 { sum ^= Int(left) << bit }
        for bit in stride(from: 15, through: 8, by: -1) where sum >> bit & 1 == 1 {
            sum ^= 0x11D << (bit - 8)
        }
        return UInt8(sum)
    }

    @Test func `every product is that of long multiplication, every inverse undoes`() {
        var isRight = true
        for left in 0...255 {
            for right in 0...255 {
                let product = slowProduct(UInt8(left), UInt8(right))
                isRight = isRight && GaloisField.multiply(UInt8(left), UInt8(right)) == product
                isRight = isRight && GaloisField.products[left << 8 | right] == product
            }
        }
        #expect(isRight)
        for value in 1...255 {
            #expect(
                GaloisField.multiply(UInt8(value), GaloisField.inverse(UInt8(value))) == 1
            )
        }
    }

    private func parity(_ index: Int, of payloads: [[UInt8]], hasLengths: Bool) -> [UInt8] {
        let longest = payloads.map(\.count).max() ?? 0
        var output = [UInt8](
            repeating: 9,
            count: ReedSolomon.parityByteCount(longest, hasLengths: hasLengths)
        )
        let pointers = payloads.map { payload in
            let copy = UnsafeMutableRawBufferPointer.allocate(
                byteCount: payload.count,
                alignment: 1
            )
            copy.copyBytes(from: payload)
            return UnsafeRawBufferPointer(copy)
        }
        defer { pointers.forEach { $0.deallocate() } }
        output.withUnsafeMutableBytes {
            ReedSolomon(groupSize: payloads.count)
                .encode(parity: index, of: pointers, hasLengths: hasLengths, into: $0)
        }
        return output
    }

    /// Evaluates the interpolating polynomial by solving for its coefficients: another way to the same numbers.
    private func slowParity(_ index: Int, of values: [UInt8]) -> UInt8 {
        let size = values.count
        func point(_ index: Int) -> UInt8 { index == 0 ? 0 : GaloisField.powers[index - 1] }
        func powers(_ point: UInt8) -> [UInt8] {
            var power: UInt8 = 1
            return (0..<size).map { _ in
                defer { power = slowProduct(power, point) }
                return power
            }
        }
        var system = ErasureSystem()
        for row in 0..<size { system.add(powers(point(row)), [values[row]]) }
        guard let coefficients = system.solve() else { return 0 }
        return zip(powers(point(size + index)), coefficients)
            .reduce(0) { $0 ^ slowProduct($1.0, $1.1[0]) }
    }

    @Test func `RFC 3208 §11.2: parity is the polynomial through the data, further on`() {
        var generator = SeededGenerator(seed: 1)
        for size in [1, 2, 3, 8, 16, 20] {
            let values = generator.octets(size)
            for index in [0, 1, 5, 254 - size] {
                let fast = parity(index, of: values.map { [$0] }, hasLengths: false)
                #expect(fast == [slowParity(index, of: values)], "k \(size), parity \(index)")
            }
        }
    }

    private func bytes(
        _ octets: [UInt8],
        _ keep: inout [UnsafeMutableRawBufferPointer]
    )
        -> UnsafeRawBufferPointer
    {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: octets.count, alignment: 1)
        copy.copyBytes(from: octets)
        keep.append(copy)
        return UnsafeRawBufferPointer(copy)
    }

    @Test func `any k of n packets give back all, lengths too`() {
        for seed in 0..<150 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            let size = [2, 4, 8, 16, 32][Int(seed % 5)]
            let hasLengths = seed % 3 != 0
            let payloads = (0..<size).map { _ in
                generator.octets(hasLengths ? Int.random(in: 0..<40, using: &generator) : 25)
            }
            let missing = Array((0..<size).shuffled(using: &generator).prefix(1 + Int(seed) % size))
            let indices = Array(
                (0..<(255 - size)).shuffled(using: &generator).prefix(missing.count)
            )
            let first = SequenceNumber(UInt32.max - 3)
            var keep: [UnsafeMutableRawBufferPointer] = []
            defer { keep.forEach { $0.deallocate() } }
            let result = ReedSolomon.reconstruct(
                Reconstruction(
                    group: first,
                    groupSize: size,
                    missing: missing.map { first + $0 },
                    parity: indices,
                    hasLengths: hasLengths
                ),
                payload: { number in
                    let index = number.distance(from: first)
                    return missing.contains(index) ? nil : bytes(payloads[index], &keep)
                },
                parity: { bytes(parity($0, of: payloads, hasLengths: hasLengths), &keep) }
            )
            #expect(result == missing.map { payloads[$0] }, "seed \(seed)")
        }
    }

    @Test func `what does not fit together gives nothing`() {
        var keep: [UnsafeMutableRawBufferPointer] = []
        defer { keep.forEach { $0.deallocate() } }
        func result(missing: [Int], parity indices: [Int], octets: [UInt8]) -> [[UInt8]]? {
            ReedSolomon.reconstruct(
                Reconstruction(
                    group: SequenceNumber(8),
                    groupSize: 2,
                    missing: missing.map { SequenceNumber(8) + $0 },
                    parity: indices,
                    hasLengths: true
                ),
                payload: { _ in bytes([1, 2, 3], &keep) },
                parity: { _ in bytes(octets, &keep) }
            )
        }
        #expect(result(missing: [5], parity: [0], octets: [0, 0, 0, 0, 0]) == nil)
        #expect(result(missing: [0], parity: [], octets: []) == nil)
        #expect(result(missing: [0], parity: [254], octets: [0, 0, 0, 0, 0]) == nil)
        #expect(result(missing: [0], parity: [0], octets: [0]) == nil)
        #expect(result(missing: [0], parity: [0], octets: [0, 0, 0]) == nil)
        #expect(result(missing: [0], parity: [0], octets: [7, 7, 7, 0xFF, 0xFF]) == nil)
        #expect(result(missing: [0, 1], parity: [3, 3], octets: [0, 0, 0, 0, 0]) == nil)
    }
}
