/// The number of a packet in a window; it wraps, so it is ordered only against numbers less than half the range away
/// (RFC 3208 §2, serial arithmetic). Not `Comparable` for that reason.
public struct SequenceNumber: Hashable, Sendable, CustomStringConvertible {
    public var rawValue: UInt32

    @inlinable
    public init(_ rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// How many steps lead from `other` to this number; negative when this one is older.
    @inlinable
    public func distance(from other: SequenceNumber) -> Int {
        Int(Int32(bitPattern: rawValue &- other.rawValue))
    }

    @inlinable
    public func isAfter(_ other: SequenceNumber) -> Bool { distance(from: other) > 0 }

    @inlinable
    public static func + (number: SequenceNumber, steps: Int) -> SequenceNumber {
        SequenceNumber(number.rawValue &+ UInt32(truncatingIfNeeded: steps))
    }

    @inlinable
    public static func - (number: SequenceNumber, steps: Int) -> SequenceNumber {
        SequenceNumber(number.rawValue &- UInt32(truncatingIfNeeded: steps))
    }

    public var description: String { String(rawValue) }
}
