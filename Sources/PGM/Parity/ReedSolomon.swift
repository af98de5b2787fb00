/// Reed–Solomon erasure code over the packets of a transmission group (RFC 3208 §11): any k of the k data packets and
/// up to 255 − k parity packets give back all data.
///
/// Octet by octet, the data packets are values of a polynomial of degree below k at the points 0, 1, 2, 4, 8 …; parity
/// packets are its values at the points that follow. So a parity packet is a sum of the data packets, each times a
/// factor, and what is missing is the solution of as many equations.
///
///     data    │ d0 ………│ d1 …………… │ d2 …… │          padded with zeros to the longest,
///     parity  │ Σ factor × d …………… │ Σ length │    with two octets of length when lengths differ
public struct ReedSolomon: Sendable {
    public let groupSize: Int
    /// Parity packets there can be.
    public var parityCountMax: Int { 255 - groupSize }

    /// Octets of a length behind the longest payload.
    public static let lengthByteCount = 2

    /// - Precondition: 1…254 data packets.
    public init(groupSize: Int) {
        precondition((1...254).contains(groupSize), "a transmission group has 1 to 254 packets")
        self.groupSize = groupSize
    }

    /// The point of the packet with this index; parity follows data.
    private static func point(_ index: Int) -> UInt8 {
        index == 0 ? 0 : GaloisField.powers[index - 1]
    }

    /// With what each data packet goes into a parity packet: Lagrange's basis at the parity packet's point.
    func factors(ofParity index: Int) -> [UInt8] {
        let point = Self.point(groupSize + index)
        return (0..<groupSize).map { data in
            var factor: UInt8 = 1
            let own = Self.point(data)
            for other in 0..<groupSize where other != data {
                let over = point ^ Self.point(other)
                let under = GaloisField.inverse(own ^ Self.point(other))
                factor = GaloisField.multiply(factor, GaloisField.multiply(over, under))
            }
            return factor
        }
    }

    /// Octets of a parity packet's payload.
    public static func parityByteCount(_ longest: Int, hasLengths: Bool) -> Int {
        longest + (hasLengths ? lengthByteCount : 0)
    }

    /// Computes one parity packet.
    ///
    /// - Precondition: there are as many payloads as the group has packets, the index is below `parityCountMax`, and the
    ///   output is as long as the longest payload, and two octets longer with lengths.
    public func encode(
        parity index: Int,
        of payloads: [UnsafeRawBufferPointer],
        hasLengths: Bool,
        into output: UnsafeMutableRawBufferPointer
    ) {
        precondition(payloads.count == groupSize, "not a whole transmission group")
        precondition((0..<parityCountMax).contains(index), "no such parity packet")
        let longest = payloads.map(\.count).max() ?? 0
        precondition(
            output.count == Self.parityByteCount(longest, hasLengths: hasLengths),
            "the output does not have the length of the parity packet"
        )
        output.initializeMemory(as: UInt8.self, repeating: 0)
        for (factor, payload) in zip(factors(ofParity: index), payloads) {
            Self.add(factor, payload, hasLengths: hasLengths, to: output)
        }
    }

    /// Adds a payload, its padding and its length.
    private static func add(
        _ factor: UInt8,
        _ payload: UnsafeRawBufferPointer,
        hasLengths: Bool,
        to output: UnsafeMutableRawBufferPointer
    ) {
        GaloisField.addProduct(factor, payload, to: output)
        guard hasLengths else { return }
        let end = output.count - lengthByteCount
        output[end] ^= GaloisField.multiply(factor, UInt8(truncatingIfNeeded: payload.count >> 8))
        output[end + 1] ^= GaloisField.multiply(factor, UInt8(truncatingIfNeeded: payload.count))
    }

    /// Computes the payloads that a receiver asks for; `nil` when what it has does not fit together.
    ///
    /// `payload` gives the data packets of the group that are there, `parity` the parity packets by their index.
    public static func reconstruct(
        _ reconstruction: Reconstruction,
        payload: (SequenceNumber) -> UnsafeRawBufferPointer?,
        parity: (Int) -> UnsafeRawBufferPointer?
    ) -> [[UInt8]]? {
        let size = reconstruction.groupSize
        let missing = reconstruction.missing.map { $0.distance(from: reconstruction.group) }
        guard (1...254).contains(size), !missing.isEmpty,
            missing.count == reconstruction.parity.count,
            missing.allSatisfy({ (0..<size).contains($0) }), Set(missing).count == missing.count,
            let first = reconstruction.parity.first.flatMap(parity)
        else { return nil }
        let code = ReedSolomon(groupSize: size)
        let byteCount = first.count
        let extra = reconstruction.hasLengths ? lengthByteCount : 0
        guard byteCount >= extra else { return nil }
        var system = ErasureSystem()
        for index in reconstruction.parity {
            guard index < code.parityCountMax, let octets = parity(index), octets.count == byteCount
            else { return nil }
            let factors = code.factors(ofParity: index)
            var right = Array(octets)
            for data in 0..<size where !missing.contains(data) {
                guard let known = payload(reconstruction.group + data),
                    known.count <= byteCount - extra,
                    reconstruction.hasLengths || known.count == byteCount
                else { return nil }
                right.withUnsafeMutableBytes {
                    add(factors[data], known, hasLengths: reconstruction.hasLengths, to: $0)
                }
            }
            system.add(missing.map { factors[$0] }, right)
        }
        guard let solution = system.solve() else { return nil }
        guard reconstruction.hasLengths else { return solution }
        return cut(solution, at: byteCount - extra)
    }

    /// Takes off the padding; `nil` when a length cannot be.
    private static func cut(_ solution: [[UInt8]], at end: Int) -> [[UInt8]]? {
        var payloads: [[UInt8]] = []
        for padded in solution {
            let length = Int(padded[end]) << 8 | Int(padded[end + 1])
            guard length <= end else { return nil }
            payloads.append(Array(padded[..<length]))
        }
        return payloads
    }
}
