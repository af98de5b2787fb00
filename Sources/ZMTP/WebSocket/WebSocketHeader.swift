import Wire

/// What stands before the payload of a WebSocket frame (RFC 6455 §5.2).
///
///     +-----+--------+------+---------+--------------------+----------------+
///     | FIN | opcode | MASK | 7 bits  | 16 or 64 bits more | key, if masked |
///     +-----+--------+------+---------+--------------------+----------------+
struct WebSocketHeader: Equatable, Sendable {
    enum Opcode: UInt8, Sendable {
        case continuation = 0
        case text = 1
        case binary = 2
        case close = 8
        case ping = 9
        case pong = 10

        var isControl: Bool { rawValue >= 8 }
    }

    var isFinal: Bool
    /// Three bits that only extensions use.
    var reserved: UInt8
    var opcode: UInt8
    var payloadByteCount: UInt64
    /// `nil` = not masked.
    var maskKey: UInt32?
    /// Octets the header takes.
    var byteCount: Int

    /// The longest form.
    static let byteCountMax = 14

    /// `nil` while octets are missing.
    init?(_ bytes: UnsafeRawBufferPointer, at start: Int) {
        let availableByteCount = bytes.count - start
        guard availableByteCount >= 2 else { return nil }
        let (first, second) = (bytes[start], bytes[start + 1])
        isFinal = first & 0x80 != 0
        reserved = first >> 4 & 0x07
        opcode = first & 0x0F
        let short = second & 0x7F
        let isMasked = second & 0x80 != 0
        let lengthEnd = short < 126 ? 2 : short == 126 ? 4 : 10
        byteCount = lengthEnd + (isMasked ? 4 : 0)
        guard availableByteCount >= byteCount else { return nil }
        payloadByteCount =
            switch short {
            case 126: UInt64(BigEndian.loadUInt16(bytes, at: start + 2))
            case 127: BigEndian.loadUInt64(bytes, at: start + 2)
            default: UInt64(short)
            }
        maskKey = isMasked ? BigEndian.loadUInt32(bytes, at: start + lengthEnd) : nil
    }

    /// How many octets a header takes.
    static func byteCount(payloadByteCount: Int, isMasked: Bool) -> Int {
        (payloadByteCount < 126 ? 2 : payloadByteCount <= 0xFFFF ? 4 : 10) + (isMasked ? 4 : 0)
    }

    /// Writes the header of an unfragmented frame; gives how many octets it took. The caller has checked that there is room.
    static func store(
        _ opcode: Opcode,
        payloadByteCount: Int,
        maskKey: UInt32?,
        in bytes: UnsafeMutableRawBufferPointer,
        at start: Int
    ) -> Int {
        let maskBit: UInt8 = maskKey == nil ? 0 : 0x80
        bytes[start] = 0x80 | opcode.rawValue
        var end = start + 2
        if payloadByteCount < 126 {
            bytes[start + 1] = maskBit | UInt8(payloadByteCount)
        } else if payloadByteCount <= 0xFFFF {
            bytes[start + 1] = maskBit | 126
            BigEndian.store(UInt16(payloadByteCount), in: bytes, at: end)
            end += 2
        } else {
            bytes[start + 1] = maskBit | 127
            BigEndian.store(UInt64(payloadByteCount), in: bytes, at: end)
            end += 8
        }
        if let maskKey {
            BigEndian.store(maskKey, in: bytes, at: end)
            end += 4
        }
        return end - start
    }
}

/// The key that a client's payload is masked with, octet by octet (RFC 6455 §5.3).
struct WebSocketMask: Equatable, Sendable {
    /// The key, turned so that its first octet is for the next octet of the payload.
    private var key: UInt32

    init(_ key: UInt32) {
        self.key = key
    }

    /// Copies octets of the payload, masked or unmasked, which is the same.
    mutating func copy(
        _ source: UnsafeRawBufferPointer,
        to target: UnsafeMutableRawBufferPointer,
        at start: Int
    ) {
        let wide = (UInt64(key) << 32 | UInt64(key)).bigEndian
        var offset = 0
        while offset + 8 <= source.count {
            let octets = source.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            target.storeBytes(of: octets ^ wide, toByteOffset: start + offset, as: UInt64.self)
            offset += 8
        }
        while offset < source.count {
            target[start + offset] = source[offset] ^ UInt8(truncatingIfNeeded: key >> 24)
            key = key << 8 | key >> 24
            offset += 1
        }
    }
}
