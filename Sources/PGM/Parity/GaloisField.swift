/// Arithmetic in GF(2^8) with the polynomial x^8 + x^4 + x^3 + x^2 + 1 (0x11D) and its generator 2.
///
/// Adding is exclusive or. Multiplying goes through logarithms, or for whole packets through a row of products.
enum GaloisField {
    private static let polynomial = 0x11D

    /// Powers of the generator, twice over, so that a sum of two logarithms needs no remainder.
    static let powers: [UInt8] = {
        var powers = [UInt8](repeating: 0, count: 510)
        var value = 1
        for exponent in 0..<255 {
            powers[exponent] = UInt8(value)
            powers[exponent + 255] = UInt8(value)
            value <<= 1
            if value > 255 { value ^= polynomial }
        }
        return powers
    }()

    /// Of 1…255; that of 0 is not defined and stands as 0.
    static let logarithms: [UInt8] = {
        var logarithms = [UInt8](repeating: 0, count: 256)
        for exponent in 0..<255 { logarithms[Int(powers[exponent])] = UInt8(exponent) }
        return logarithms
    }()

    /// All products: row `a` holds a × 0, a × 1, … a × 255.
    static let products: [UInt8] = {
        var products = [UInt8](repeating: 0, count: 65_536)
        for left in 1..<256 {
            for right in 1..<256 {
                products[left << 8 | right] = multiply(UInt8(left), UInt8(right))
            }
        }
        return products
    }()

    static func multiply(_ left: UInt8, _ right: UInt8) -> UInt8 {
        guard left != 0, right != 0 else { return 0 }
        return powers[Int(logarithms[Int(left)]) + Int(logarithms[Int(right)])]
    }

    /// - Precondition: `value` is not 0.
    static func inverse(_ value: UInt8) -> UInt8 {
        precondition(value != 0, "0 has no inverse")
        return powers[255 - Int(logarithms[Int(value)])]
    }

    /// Adds `factor` times the octets of `source` to those of `target`, as many as `source` has.
    static func addProduct(
        _ factor: UInt8,
        _ source: UnsafeRawBufferPointer,
        to target: UnsafeMutableRawBufferPointer
    ) {
        precondition(target.count >= source.count, "the target is shorter than the source")
        guard factor != 0, let from = source.baseAddress, let into = target.baseAddress else {
            return
        }
        products.withUnsafeBufferPointer { table in
            guard let row = table.baseAddress.map({ $0 + Int(factor) << 8 }) else { return }
            for index in 0..<source.count {
                let product = row[Int(from.load(fromByteOffset: index, as: UInt8.self))]
                let sum = into.load(fromByteOffset: index, as: UInt8.self) ^ product
                into.storeBytes(of: sum, toByteOffset: index, as: UInt8.self)
            }
        }
    }
}
