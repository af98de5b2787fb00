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

    /// The header that stands at `offset`; the caller has checked that it is whole.
    @inlinable
    public init(at offset: Int, in bytes: UnsafeRawBufferPointer) {
        flags = bytes[offset]
        bodyByteCount =
            flags & Self.long == 0
            ? Int(bytes[offset + 1])
            : Int(truncatingIfNeeded: BigEndian.loadUInt64(bytes, at: offset + 1))
    }

    /// Octets this header takes on the wire.
    @inlinable
    public var byteCount: Int { flags & Self.long == 0 ? 2 : 9 }

    @inlinable
    public var hasMore: Bool { flags & Self.more != 0 }

    @inlinable
    public var isCommand: Bool { flags & Self.command != 0 }

    // Computed, not stored: a stored constant is a call when an inlined loop of another module reads it.
    @inlinable
    public static var more: UInt8 { 1 }
    @inlinable
    public static var long: UInt8 { 2 }
    @inlinable
    public static var command: UInt8 { 4 }
    @inlinable
    public static var reserved: UInt8 { 0xF8 }
    /// The longest form.
    @inlinable
    public static var byteCountMax: Int { 9 }

    /// The flags octet for a body of this length.
    @inlinable
    public static func flags(bodyByteCount: Int, hasMore: Bool, isCommand: Bool = false) -> UInt8 {
        (hasMore ? more : 0) | (bodyByteCount > 255 ? long : 0) | (isCommand ? command : 0)
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
        appendHeader(bodyByteCount: body.count, hasMore: hasMore, isCommand: isCommand, to: &bytes)
        bytes.append(contentsOf: body)
    }

    /// Appends the header alone, in the shortest form that holds the length.
    public static func appendHeader(
        bodyByteCount: Int,
        hasMore: Bool = false,
        isCommand: Bool = false,
        to bytes: inout [UInt8]
    ) {
        bytes.append(flags(bodyByteCount: bodyByteCount, hasMore: hasMore, isCommand: isCommand))
        if bodyByteCount > 255 {
            BigEndian.append(UInt64(bodyByteCount), to: &bytes)
        } else {
            bytes.append(UInt8(truncatingIfNeeded: bodyByteCount))
        }
    }

    /// Writes the header alone at `offset`, in the shortest form that holds the length; gives how many octets it took. The
    /// caller has checked that there is room.
    public static func store(
        bodyByteCount: Int,
        hasMore: Bool = false,
        isCommand: Bool = false,
        in bytes: UnsafeMutableRawBufferPointer,
        at offset: Int
    ) -> Int {
        bytes[offset] = flags(bodyByteCount: bodyByteCount, hasMore: hasMore, isCommand: isCommand)
        guard bodyByteCount > 255 else {
            bytes[offset + 1] = UInt8(truncatingIfNeeded: bodyByteCount)
            return 2
        }
        BigEndian.store(UInt64(bodyByteCount), in: bytes, at: offset + 1)
        return 9
    }
}
