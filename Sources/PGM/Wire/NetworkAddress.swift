import Wire

/// A network-layer address (NLA) of PGM: IPv4 or IPv6, a value that costs nothing to copy and compare.
///
///     +-------------+------------+-----------------------+
///     | AFI 16 bits | reserved   | address, 4 or 16      |    AFI 1: IPv4, 2: IPv6
///     +-------------+------------+-----------------------+
public struct NetworkAddress: Hashable, Sendable {
    public enum Family: UInt8, Sendable {
        case v4 = 4
        case v6 = 6
    }

    public var family: Family
    /// The upper and lower half in host order; an IPv4 address is in the lower 32 bits of `low`.
    public var high: UInt64
    public var low: UInt64

    @inlinable
    public init(v4 address: UInt32) {
        family = .v4
        high = 0
        low = UInt64(address)
    }

    @inlinable
    public init(v6High high: UInt64, low: UInt64) {
        family = .v6
        self.high = high
        self.low = low
    }

    /// 0.0.0.0: what stands where no address is known.
    @inlinable
    public static var unspecified: NetworkAddress { NetworkAddress(v4: 0) }

    /// 224.0.0.0/4 or ff00::/8.
    @inlinable
    public var isMulticast: Bool { family == .v4 ? low >> 28 == 0xE : high >> 56 == 0xFF }

    /// Octets of the bare address.
    @inlinable
    public var byteCount: Int { family == .v4 ? 4 : 16 }
}

extension NetworkAddress {
    /// Address family indicators (RFC 1700).
    static let indicatorV4: UInt16 = 1
    static let indicatorV6: UInt16 = 2
    /// AFI and reserved octets before an address.
    static let headByteCount = 4

    var indicator: UInt16 { family == .v4 ? Self.indicatorV4 : Self.indicatorV6 }

    /// Octets with AFI and reserved: 8 or 20.
    var encodedByteCount: Int { Self.headByteCount + byteCount }

    /// Octets of an address after this AFI; `nil` for a family that PGM over IP does not know.
    @inline(__always)
    static func byteCount(indicator: UInt16) -> Int? {
        switch indicator {
        case indicatorV4: 4
        case indicatorV6: 16
        default: nil
        }
    }

    /// Reads AFI, reserved and address; the caller has checked AFI and length.
    init(encoded bytes: UnsafeRawBufferPointer, at offset: Int) {
        let isV4 = BigEndian.loadUInt16(bytes, at: offset) == Self.indicatorV4
        self.init(
            bare: bytes,
            at: offset + Self.headByteCount,
            family: isV4 ? .v4 : .v6
        )
    }

    /// Reads an address without AFI; the caller has checked the length.
    init(bare bytes: UnsafeRawBufferPointer, at offset: Int, family: Family) {
        switch family {
        case .v4:
            self.init(v4: BigEndian.loadUInt32(bytes, at: offset))
        case .v6:
            self.init(
                v6High: BigEndian.loadUInt64(bytes, at: offset),
                low: BigEndian.loadUInt64(bytes, at: offset + 8)
            )
        }
    }

    /// Writes AFI, reserved and address; gives the offset behind it.
    func write(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        BigEndian.store(indicator, in: bytes, at: offset)
        BigEndian.store(UInt16(0), in: bytes, at: offset + 2)
        return writeBare(into: bytes, at: offset + Self.headByteCount)
    }

    /// Writes the address alone; gives the offset behind it.
    func writeBare(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        switch family {
        case .v4:
            BigEndian.store(UInt32(truncatingIfNeeded: low), in: bytes, at: offset)
        case .v6:
            BigEndian.store(high, in: bytes, at: offset)
            BigEndian.store(low, in: bytes, at: offset + 8)
        }
        return offset + byteCount
    }
}

extension NetworkAddress: CustomStringConvertible {
    /// `192.0.2.1`, or IPv6 as RFC 5952 writes it.
    public var description: String {
        switch family {
        case .v4:
            return [24, 16, 8, 0].map { String(low >> UInt64($0) & 0xFF) }.joined(separator: ".")
        case .v6:
            let groups = [high, low].flatMap { half in
                [48, 32, 16, 0].map { UInt16(truncatingIfNeeded: half >> UInt64($0)) }
            }
            return Self.text(of: groups)
        }
    }

    private static func text(of groups: [UInt16]) -> String {
        let zeroes = longestZeroes(in: groups)
        func joined(_ part: ArraySlice<UInt16>) -> String {
            part.map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard zeroes.count > 1 else { return joined(groups[...]) }
        return joined(groups[..<zeroes.lowerBound]) + "::" + joined(groups[zeroes.upperBound...])
    }

    /// The first of the longest runs of zero groups.
    private static func longestZeroes(in groups: [UInt16]) -> Range<Int> {
        var longest = 0..<0
        var start = 0
        for (index, group) in groups.enumerated() {
            if group != 0 {
                start = index + 1
            } else if index + 1 - start > longest.count {
                longest = start..<(index + 1)
            }
        }
        return longest
    }
}
