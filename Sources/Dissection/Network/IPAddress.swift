/// An IPv4 or IPv6 address as a value that costs nothing to copy, hash and compare.
public struct IPAddress: Hashable, Comparable, Sendable {
    public enum Family: UInt8, Sendable {
        case v4 = 4
        case v6 = 6
    }

    public var family: Family
    /// The upper and lower half in host order; an IPv4 address is in the lower 32 bits of `low`.
    public var high: UInt64
    public var low: UInt64

    public init(v4 address: UInt32) {
        family = .v4
        high = 0
        low = UInt64(address)
    }

    public init(v6High high: UInt64, low: UInt64) {
        family = .v6
        self.high = high
        self.low = low
    }

    public static func < (left: IPAddress, right: IPAddress) -> Bool {
        if left.family != right.family { return left.family.rawValue < right.family.rawValue }
        return left.high != right.high ? left.high < right.high : left.low < right.low
    }

    /// 224.0.0.0/4 or ff00::/8.
    public var isMulticast: Bool {
        family == .v4 ? low >> 28 == 0xE : high >> 56 == 0xFF
    }
}
