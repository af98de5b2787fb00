/// Who sends a stream of packets: the global source id and the source port (RFC 3208 §8, TSI).
///
/// The GSI alone tells nobody apart: every libzmq publisher draws the same one.
public struct TransportSessionID: Hashable, Sendable, CustomStringConvertible {
    /// The lower 48 bits.
    public var globalSourceID: UInt64
    public var sourcePort: UInt16

    public init(globalSourceID: UInt64, sourcePort: UInt16) {
        self.globalSourceID = globalSourceID & 0xFFFF_FFFF_FFFF
        self.sourcePort = sourcePort
    }

    /// `b7c6d1bc038a.21655`: the GSI in hexadecimal, the port in decimal.
    public var description: String { "\(globalSourceIDText).\(sourcePort)" }

    /// The GSI as twelve hexadecimal digits.
    public var globalSourceIDText: String {
        let digits = String(globalSourceID, radix: 16)
        return String(repeating: "0", count: 12 - digits.count) + digits
    }
}
