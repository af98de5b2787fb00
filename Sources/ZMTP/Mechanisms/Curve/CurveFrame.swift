import Wire

/// How a ZMTP frame lies in a MESSAGE command of CurveZMQ, and that in a frame (RFC 26 "MESSAGE Command").
///
///     0        2 or 9         +8           +8        +16     +1
///     +--------+--------------+------------+---------+-------+--------
///     | header | 07 "MESSAGE" | nonce      | tag     | flags | body …
///     +--------+--------------+------------+---------+-------+--------
///                                                    └── encrypted ──
///
/// The encrypted flags are MORE (1) and COMMAND (2). The header's own have neither, as libzmq sends them.
enum CurveFrame {
    /// Octets of the frame's body that are not the body of what it carries.
    static let overheadByteCount = 8 + 8 + 16 + 1
    /// "\u{7}MESSAGE", as the octets lie.
    static let name: UInt64 = 0x4547_4153_5345_4D07
    static let more: UInt8 = 1
    static let command: UInt8 = 2

    /// The first octets of a frame, as far as they are there.
    struct Head {
        var flags: UInt8
        var bodyByteCount: Int
        var byteCount: Int

        /// `nil` when there are too few octets. A length that does not fit in 63 bits is the largest one.
        @inline(__always)
        init?(_ octets: UnsafeRawBufferPointer, at offset: Int) {
            guard offset < octets.count else { return nil }
            flags = octets[offset]
            byteCount = flags & FrameHeader.long == 0 ? 2 : 9
            guard byteCount <= octets.count - offset else { return nil }
            bodyByteCount =
                byteCount == 2
                ? Int(octets[offset + 1])
                : Int(exactly: BigEndian.loadUInt64(octets, at: offset + 1)) ?? .max
        }
    }

    /// Octets of a frame with that body.
    @inline(__always)
    static func byteCount(body bodyByteCount: Int) -> Int {
        FrameHeader.frameByteCount(bodyByteCount: bodyByteCount)
    }

    /// Writes a frame's header; gives how many octets it has.
    @inline(__always)
    static func writeHeader(
        _ flags: UInt8,
        _ bodyByteCount: Int,
        to octets: UnsafeMutableRawPointer
    ) -> Int {
        guard bodyByteCount > 255 else {
            octets.storeBytes(of: flags, as: UInt8.self)
            octets.storeBytes(of: UInt8(bodyByteCount), toByteOffset: 1, as: UInt8.self)
            return 2
        }
        octets.storeBytes(of: flags | FrameHeader.long, as: UInt8.self)
        octets.storeBytes(of: UInt64(bodyByteCount).bigEndian, toByteOffset: 1, as: UInt64.self)
        return 9
    }
}
