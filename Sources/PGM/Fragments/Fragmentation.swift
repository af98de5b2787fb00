/// Cuts an application's unit (APDU) into packets, and says what OPT_FRAGMENT each carries (RFC 3208 §9.2.2).
///
///     APDU      │ 0 … 1399 │ 1400 … 2799 │ 2800 … 3000 │
///     packets   │ sqn 7    │ sqn 8       │ sqn 9       │    each: first 7, its offset, 3001 in all
///
/// libzmq's framing needs none of it: there messages are cut anywhere by `FramingEncoder`.
public struct Fragmentation: Sequence, IteratorProtocol, Sendable {
    public struct Fragment: Hashable, Sendable {
        /// Which octets of the unit.
        public var octets: Range<Int>
        public var option: PacketOption
    }

    private let first: SequenceNumber
    private let byteCount: Int
    private let payloadByteCountMax: Int
    private var offset = 0

    /// `first` is the number of the packet that carries the first fragment; the others follow.
    ///
    /// - Precondition: the unit has 1…2^32 − 1 octets, a payload at least one.
    public init(first: SequenceNumber, byteCount: Int, payloadByteCountMax: Int) {
        precondition((1...Int(UInt32.max)).contains(byteCount), "a unit has 1 to 2^32 − 1 octets")
        precondition(payloadByteCountMax > 0, "a payload has at least one octet")
        self.first = first
        self.byteCount = byteCount
        self.payloadByteCountMax = payloadByteCountMax
    }

    public mutating func next() -> Fragment? {
        guard offset < byteCount else { return nil }
        let end = Swift.min(offset + payloadByteCountMax, byteCount)
        defer { offset = end }
        let option = PacketOption(
            .fragment(first: first, offset: UInt32(offset), byteCount: UInt32(byteCount))
        )
        return Fragment(octets: offset..<end, option: option)
    }
}
