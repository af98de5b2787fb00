/// What is wrong with octets that should be a PGM packet. A peer's fault, or a stranger's: counted, never fatal.
public enum PacketError: Error, Hashable, Sendable {
    /// The octets end before what the header promises.
    case truncated(byteCount: Int, neededByteCount: Int)
    case unknownVersion(UInt8)
    case unknownType(UInt8)
    /// An address family other than IPv4 and IPv6.
    case unknownAddressFamily(UInt16)
    /// Options must begin with OPT_LENGTH (RFC 3208 §9.1).
    case missingOptionLength
    /// An option, or the option area, is shorter or longer than it can be.
    case wrongOptionLength(type: UInt8, byteCount: Int)
    /// The options do not end with the end bit where OPT_LENGTH says they end.
    case optionsWithoutEnd
    /// More than sixteen (RFC 3208 §9).
    case tooManyOptions
    /// The TSDU length field, and how many octets are there.
    case wrongPayloadLength(field: Int, byteCount: Int)
}

extension PacketError {
    /// The same as an index below `kindCount`, for tables of counters.
    public var kind: Int {
        switch self {
        case .truncated: 0
        case .unknownVersion: 1
        case .unknownType: 2
        case .unknownAddressFamily: 3
        case .missingOptionLength: 4
        case .wrongOptionLength: 5
        case .optionsWithoutEnd: 6
        case .tooManyOptions: 7
        case .wrongPayloadLength: 8
        }
    }

    public static let kindCount = 9
}

extension PacketError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .truncated(let count, let needed):
            "ends after \(count) octets, \(needed) are needed"
        case .unknownVersion(let version): "is of version \(version), not 0"
        case .unknownType(let type): "has the unknown type \(hexadecimal(type))"
        case .unknownAddressFamily(let family): "has an address of the unknown family \(family)"
        case .missingOptionLength: "has options that do not begin with OPT_LENGTH"
        case .wrongOptionLength(let type, let count):
            "has an option of type \(hexadecimal(type)) with \(count) octets, which cannot be"
        case .optionsWithoutEnd: "has options that do not end where OPT_LENGTH says"
        case .tooManyOptions: "has more than 16 options"
        case .wrongPayloadLength(let field, let count):
            "announces \(field) octets of payload and has \(count)"
        }
    }

    private func hexadecimal(_ octet: UInt8) -> String {
        "0x" + (octet < 16 ? "0" : "") + String(octet, radix: 16)
    }
}
