/// The type octet of a PGM packet (RFC 3208 §8).
///
///      0 1   2 3   4 5 6 7
///     +-----+-----+-------+
///     | ver | 0 0 | type  |    version 0; the low nibble alone tells the ten types apart
///     +-----+-----+-------+
public enum PacketType: UInt8, CaseIterable, Sendable, CustomStringConvertible {
    /// Source path message: window state and the way back to the source.
    case spm = 0x00
    case poll = 0x01
    /// Poll response.
    case polr = 0x02
    /// Original data.
    case odata = 0x04
    /// Repair data.
    case rdata = 0x05
    /// Negative acknowledgement: a receiver asks for a repair.
    case nak = 0x08
    /// Null NAK: a local repairer tells the source what it repaired.
    case nnak = 0x09
    /// NAK confirmation.
    case ncf = 0x0A
    /// SPM request.
    case spmr = 0x0C
    /// Acknowledgement of PGMCC's elected receiver; not of RFC 3208.
    case ack = 0x0D

    /// ODATA or RDATA: the types that carry a payload.
    @inlinable
    public var isData: Bool { self == .odata || self == .rdata }

    /// Flows towards the source; its two ports are swapped (RFC 3208 §8.3).
    @inlinable
    public var isUpstream: Bool {
        switch self {
        case .nak, .nnak, .spmr, .polr, .ack: true
        case .spm, .poll, .odata, .rdata, .ncf: false
        }
    }

    /// The RFC's name.
    public var description: String {
        switch self {
        case .spm: "SPM"
        case .poll: "POLL"
        case .polr: "POLR"
        case .odata: "ODATA"
        case .rdata: "RDATA"
        case .nak: "NAK"
        case .nnak: "NNAK"
        case .ncf: "NCF"
        case .spmr: "SPMR"
        case .ack: "ACK"
        }
    }
}

/// The options octet of the common header (RFC 3208 §8).
public struct PacketFlags: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8

    @inlinable
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Option extensions follow the fixed part.
    @inlinable
    public static var options: PacketFlags { PacketFlags(rawValue: 0x01) }
    /// Network elements must look at the options.
    @inlinable
    public static var networkSignificant: PacketFlags { PacketFlags(rawValue: 0x02) }
    /// Parity over packets of different lengths.
    @inlinable
    public static var variableLength: PacketFlags { PacketFlags(rawValue: 0x40) }
    /// A parity packet, or a request for some.
    @inlinable
    public static var parity: PacketFlags { PacketFlags(rawValue: 0x80) }
}
