/// GF(2⁸) with the polynomial x⁸ + x⁴ + x³ + x² + 1 (0x11D) and the generator 2, as OpenPGM uses it.
///
/// Sums are exclusive ors; products are looked up.
struct GaloisField: Sendable {
    /// Powers of the generator; twice around, so that a sum of two logarithms needs no reduction.
    private let powers: [UInt8]
    /// Logarithms; that of 0 is not used.
    private let logarithms: [UInt8]
    /// `products[256 * a + b]`: a row for each factor.
    private let products: [UInt8]

    static let shared = GaloisField()
    static let order = 255

    private init() {
        var powers = [UInt8](repeating: 0, count: 2 * Self.order)
        var logarithms = [UInt8](repeating: 0, count: 256)
        var value = 1
        for exponent in 0..<Self.order {
            powers[exponent] = UInt8(value)
            powers[exponent + Self.order] = UInt8(value)
            logarithms[value] = UInt8(exponent)
            value <<= 1
            if value > 255 { value ^= 0x11D }
        }
        var products = [UInt8](repeating: 0, count: 65_536)
        for one in 1...255 {
            for other in 1...255 {
                products[256 * one + other] =
                    powers[Int(logarithms[one]) + Int(logarithms[other])]
            }
        }
        self.powers = powers
        self.logarithms = logarithms
        self.products = products
    }

    func power(_ exponent: Int) -> UInt8 { powers[exponent % Self.order] }

    func product(_ one: UInt8, _ other: UInt8) -> UInt8 { products[256 * Int(one) + Int(other)] }

    /// - Precondition: `value` is not 0.
    func inverse(_ value: UInt8) -> UInt8 {
        precondition(value != 0, "0 has no inverse")
        return powers[Self.order - Int(logarithms[Int(value)])]
    }

    /// Adds `factor` times `source` to the beginning of `target`, which is at least as long.
    func add(
        _ source: UnsafeRawBufferPointer,
        times factor: UInt8,
        to target: UnsafeMutableRawBufferPointer
    ) {
        precondition(source.count <= target.count, "the sum is at least as long as what is added")
        guard factor != 0, let from = source.baseAddress, let into = target.baseAddress else {
            return
        }
        let octets = from.assumingMemoryBound(to: UInt8.self)
        let sums = into.assumingMemoryBound(to: UInt8.self)
        products.withUnsafeBufferPointer { products in
            guard let row = products.baseAddress?.advanced(by: 256 * Int(factor)) else { return }
            for index in 0..<source.count { sums[index] ^= row[Int(octets[index])] }
        }
    }

    /// Multiplies all of `target`.
    func multiply(_ target: UnsafeMutableRawBufferPointer, by factor: UInt8) {
        guard factor != 1, let base = target.baseAddress else { return }
        let octets = base.assumingMemoryBound(to: UInt8.self)
        products.withUnsafeBufferPointer { products in
            guard let row = products.baseAddress?.advanced(by: 256 * Int(factor)) else { return }
            for index in 0..<target.count { octets[index] = row[Int(octets[index])] }
        }
    }
}
