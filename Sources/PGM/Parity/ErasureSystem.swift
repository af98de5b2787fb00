/// As many linear equations over GF(2^8) as there are unknown packets, solved by elimination (Gauss and Jordan).
struct ErasureSystem {
    private var factors: [[UInt8]] = []
    private var rights: [[UInt8]] = []

    mutating func add(_ row: [UInt8], _ right: [UInt8]) {
        factors.append(row)
        rights.append(right)
    }

    /// The unknown packets in the order of the columns; `nil` when the equations do not tell.
    mutating func solve() -> [[UInt8]]? {
        let count = factors.count
        guard factors.allSatisfy({ $0.count == count }) else { return nil }
        for column in 0..<count {
            guard let pivot = (column..<count).first(where: { factors[$0][column] != 0 }) else {
                return nil
            }
            factors.swapAt(column, pivot)
            rights.swapAt(column, pivot)
            scale(column, by: GaloisField.inverse(factors[column][column]))
            for row in 0..<count where row != column && factors[row][column] != 0 {
                subtract(column, times: factors[row][column], from: row)
            }
        }
        return rights
    }

    private mutating func scale(_ row: Int, by factor: UInt8) {
        guard factor != 1 else { return }
        for column in factors[row].indices {
            factors[row][column] = GaloisField.multiply(factors[row][column], factor)
        }
        for index in rights[row].indices {
            rights[row][index] = GaloisField.multiply(rights[row][index], factor)
        }
    }

    private mutating func subtract(_ source: Int, times factor: UInt8, from row: Int) {
        for column in factors[row].indices {
            factors[row][column] ^= GaloisField.multiply(factors[source][column], factor)
        }
        let known = rights[source]
        known.withUnsafeBytes { bytes in
            rights[row].withUnsafeMutableBytes { GaloisField.addProduct(factor, bytes, to: $0) }
        }
    }
}
