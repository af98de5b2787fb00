/// An IPv4 or IPv6 address: a value that costs nothing to copy and compare.
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

    /// 127.0.0.0/8 or ::1.
    @inlinable
    public var isLoopback: Bool { family == .v4 ? low >> 24 == 127 : high == 0 && low == 1 }

    /// 169.254.0.0/16 is not meant: fe80::/10, which means nothing without its interface.
    @inlinable
    public var isLinkLocal: Bool { family == .v6 && high >> 54 == 0xFE80 >> 6 }

    /// Octets of the bare address.
    @inlinable
    public var byteCount: Int { family == .v4 ? 4 : 16 }

    /// The bare address as it goes on the wire.
    package var octets: [UInt8] {
        let all = [high, low].flatMap { half in
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: half >> $0) }
        }
        return Array(all.suffix(byteCount))
    }
}

extension NetworkAddress: CustomStringConvertible {
    /// As it stands in an endpoint: IPv6 in brackets.
    public var endpointText: String { family == .v4 ? description : "[\(description)]" }

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
