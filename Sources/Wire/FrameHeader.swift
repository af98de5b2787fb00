/// The two or nine octets before every ZMTP 2.0, 3.0 and 3.1 frame (RFC 23, RFC 37 "Framing").
///
///      0        1                                0        1 … 8
///     +--------+--------+                       +--------+-----------------+
///     | flags  | length |      or, LONG set,    | flags  | length, 64 bits |
///     +--------+--------+                       +--------+-----------------+
///
/// Flags: bit 0 MORE (another frame of this message follows), bit 1 LONG, bit 2 COMMAND; the rest are zero.
public struct FrameHeader: Equatable, Sendable {
    public var flags: UInt8
    /// Octets of the body that follows.
    public var bodyByteCount: Int

    @inlinable
    public init(flags: UInt8, bodyByteCount: Int) {
        self.flags = flags
        self.bodyByteCount = bodyByteCount
    }

    /// Octets this header takes on the wire.
    @inlinable
    public var byteCount: Int { flags & Self.long == 0 ? 2 : 9 }

    @inlinable
    public var hasMore: Bool { flags & Self.more != 0 }

    @inlinable
    public var isCommand: Bool { flags & Self.command != 0 }

    public static let more: UInt8 = 1
    public static let long: UInt8 = 2
    public static let command: UInt8 = 4
    public static let reserved: UInt8 = 0xF8
    /// The longest form.
    public static let byteCountMax = 9

    /// The flags octet for a body of this length.
    @inlinable
    public static func flags(bodyByteCount: Int, hasMore: Bool, isCommand: Bool = false) -> UInt8 {
        (hasMore ? 1 : 0) | (bodyByteCount > 255 ? 2 : 0) | (isCommand ? 4 : 0)
    }

    /// Octets a whole frame of this body length takes.
    @inlinable
    public static func frameByteCount(bodyByteCount: Int) -> Int {
        bodyByteCount + (bodyByteCount > 255 ? 9 : 2)
    }

    /// Appends header and body.
    public static func append(
        body: UnsafeRawBufferPointer,
        hasMore: Bool = false,
        isCommand: Bool = false,
        to bytes: inout [UInt8]
    ) {
        bytes.append(flags(bodyByteCount: body.count, hasMore: hasMore, isCommand: isCommand))
        if body.count > 255 {
            BigEndian.append(UInt64(body.count), to: &bytes)
        } else {
            bytes.append(UInt8(truncatingIfNeeded: body.count))
        }
        bytes.append(contentsOf: body)
    }
}
