/// The erasure code of RFC 3208 §11: of a transmission group of k packets, any k of its data and parity packets give
/// all data packets.
///
/// Systematic, over `GaloisField`: data packets are sent as they are, and parity packet j is the sum of all data
/// packets, each times a coefficient. The coefficients are those of OpenPGM: a Vandermonde matrix of 255 rows, the first
/// of them (1, 0, …), the next the powers of the generator, times the inverse of its upper k rows (Rizzo, "Effective
/// erasure codes for reliable computer communication protocols", 1997).
///
/// Packets of a group that are shorter than its longest count as if zeros followed.
public struct ReedSolomon: Sendable {
    /// Data packets of a group, k.
    public let groupSize: Int
    /// Parity packet j has `coefficients[j * groupSize ..< (j + 1) * groupSize]`.
    private let coefficients: [UInt8]

    /// The most packets that a group can have, parity included.
    public static let packetCountMax = 255

    /// The most parity packets that a group can have.
    public var parityCountMax: Int { Self.packetCountMax - groupSize }

    /// - Precondition: 1…254 packets.
    public init(groupSize: Int) {
        precondition((1...254).contains(groupSize), "a group has 1 to 254 data packets")
        self.groupSize = groupSize
        coefficients = Self.makeCoefficients(groupSize)
    }

    /// Adds data packet `index` of the group to parity packet `parityIndex`, which was filled with zeros before the
    /// first and is as long as the group's longest packet.
    ///
    /// - Precondition: both indices exist; `parity` is at least as long as `packet`.
    public func add(
        _ packet: UnsafeRawBufferPointer,
        at index: Int,
        to parity: UnsafeMutableRawBufferPointer,
        parityIndex: Int
    ) {
        let factor = coefficient(of: index, in: parityIndex)
        GaloisField.shared.add(packet, times: factor, to: parity)
    }

    /// Turns parity packets into the missing data packets, in place: afterwards `parity[n]` is data packet `missing[n]`.
    ///
    /// - Parameters:
    ///   - missing: indices of data packets, each once.
    ///   - parityIndices: as many indices of parity packets, each once.
    ///   - parity: these parity packets, all of one length.
    ///   - data: all other data packets, by index; the missing ones are not looked at.
    /// - Precondition: there are as many missing packets as parity packets; all indices exist; no data packet is longer
    ///   than a parity packet.
    public func reconstruct(
        missing: [Int],
        parityIndices: [Int],
        parity: [UnsafeMutableRawBufferPointer],
        data: [UnsafeRawBufferPointer]
    ) {
        precondition(data.count == groupSize, "a place for every data packet")
        precondition(
            missing.count == parityIndices.count && missing.count == parity.count,
            "a parity packet for each missing packet"
        )
        // What is left of a parity packet without the packets that are there is a sum of the missing ones.
        for index in 0..<groupSize where !missing.contains(index) {
            for (row, parityIndex) in parityIndices.enumerated() {
                add(data[index], at: index, to: parity[row], parityIndex: parityIndex)
            }
        }
        var matrix = parityIndices.map { parityIndex in
            missing.map { coefficient(of: $0, in: parityIndex) }
        }
        Self.solve(&matrix, parity)
    }

    private func coefficient(of index: Int, in parityIndex: Int) -> UInt8 {
        precondition((0..<groupSize).contains(index), "the group has no data packet \(index)")
        precondition(
            (0..<parityCountMax).contains(parityIndex),
            "the group has no parity packet \(parityIndex)"
        )
        return coefficients[parityIndex * groupSize + index]
    }

    /// Gauss–Jordan elimination; what is done to a row is done to its packet. Every square part of the coefficients can
    /// be inverted, so a pivot is always found.
    private static func solve(
        _ matrix: inout [[UInt8]],
        _ packets: [UnsafeMutableRawBufferPointer]
    ) {
        let field = GaloisField.shared
        // The packet that row n works on: rows are swapped, packets stay where they are.
        var places = Array(packets.indices)
        for column in matrix.indices {
            guard let pivot = matrix[column...].firstIndex(where: { $0[column] != 0 }) else {
                preconditionFailure("the coefficients of a Reed–Solomon code are independent")
            }
            matrix.swapAt(column, pivot)
            places.swapAt(column, pivot)
            let factor = field.inverse(matrix[column][column])
            matrix[column] = matrix[column].map { field.product($0, factor) }
            field.multiply(packets[places[column]], by: factor)
            for row in matrix.indices where row != column && matrix[row][column] != 0 {
                let factor = matrix[row][column]
                for index in matrix.indices {
                    matrix[row][index] ^= field.product(matrix[column][index], factor)
                }
                field.add(
                    UnsafeRawBufferPointer(packets[places[column]]),
                    times: factor,
                    to: packets[places[row]]
                )
            }
        }
        reorder(packets, places)
    }

    /// Brings packet `places[n]` to place n.
    private static func reorder(_ packets: [UnsafeMutableRawBufferPointer], _ places: [Int]) {
        guard places != Array(packets.indices) else { return }
        let copies = packets.map { Array($0) }
        for (place, source) in places.enumerated() {
            packets[place].copyBytes(from: copies[source])
        }
    }

    // MARK: - Coefficients

    private static func makeCoefficients(_ groupSize: Int) -> [UInt8] {
        let field = GaloisField.shared
        func vandermonde(_ row: Int) -> [UInt8] {
            row == 0
                ? (0..<groupSize).map { $0 == 0 ? 1 : 0 }
                : (0..<groupSize).map { field.power((row - 1) * $0) }
        }
        let inverse = invert((0..<groupSize).map(vandermonde))
        var coefficients: [UInt8] = []
        coefficients.reserveCapacity((packetCountMax - groupSize) * groupSize)
        for row in groupSize..<packetCountMax {
            var sums = [UInt8](repeating: 0, count: groupSize)
            for (factor, other) in zip(vandermonde(row), inverse) where factor != 0 {
                for column in 0..<groupSize { sums[column] ^= field.product(factor, other[column]) }
            }
            coefficients += sums
        }
        return coefficients
    }

    private static func invert(_ matrix: [[UInt8]]) -> [[UInt8]] {
        let size = matrix.count
        var matrix = matrix
        var rows = (0..<size).map { row in
            (0..<size).map { UInt8($0 == row ? 1 : 0) }
        }
        let field = GaloisField.shared
        for column in 0..<size {
            guard let pivot = (column..<size).first(where: { matrix[$0][column] != 0 }) else {
                preconditionFailure("a Vandermonde matrix can be inverted")
            }
            matrix.swapAt(column, pivot)
            rows.swapAt(column, pivot)
            let factor = field.inverse(matrix[column][column])
            matrix[column] = matrix[column].map { field.product($0, factor) }
            rows[column] = rows[column].map { field.product($0, factor) }
            for row in 0..<size where row != column && matrix[row][column] != 0 {
                let factor = matrix[row][column]
                for index in 0..<size {
                    matrix[row][index] ^= field.product(matrix[column][index], factor)
                    rows[row][index] ^= field.product(rows[column][index], factor)
                }
            }
        }
        return rows
    }
}
