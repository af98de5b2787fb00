import Wire

/// The octets of a frame's header as they come in, of either framing.
///
///     ZMTP 1.0     length+1 (1 octet), flags          or   FF, length+1 (8 octets), flags
///     2.0 …        flags, length (1 octet)            or   flags with LONG, length (8 octets)
struct FrameHeaderBytes {
    private var octets: (UInt64, UInt16) = (0, 0)
    private(set) var count = 0

    /// What a whole header says. `bodyByteCount` is negative when it makes no sense.
    struct Meaning {
        var flags: UInt8
        var bodyByteCount: Int
        var headerByteCount: Int
    }

    mutating func append(_ octet: UInt8) {
        withUnsafeMutableBytes(of: &octets) { $0[count] = octet }
        count += 1
    }

    /// `nil` while octets are missing.
    func meaning(_ format: ZMTPSearch.Format) -> Meaning? {
        withUnsafeBytes(of: octets) {
            Self.meaning(of: UnsafeRawBufferPointer(rebasing: $0[..<count]), at: 0, format)
        }
    }

    /// Reads a header where it lies.
    static func meaning(
        of bytes: UnsafeRawBufferPointer,
        at offset: Int,
        _ format: ZMTPSearch.Format
    ) -> Meaning? {
        let available = bytes.count - offset
        guard available >= 2 else { return nil }
        let first = bytes[offset]
        switch format {
        case .v2:
            if first & FrameHeader.long == 0 {
                return Meaning(
                    flags: first,
                    bodyByteCount: Int(bytes[offset + 1]),
                    headerByteCount: 2
                )
            }
            guard available >= 9 else { return nil }
            let length = BigEndian.loadUInt64(bytes, at: offset + 1)
            return Meaning(
                flags: first,
                bodyByteCount: Int(exactly: length) ?? -1,
                headerByteCount: 9
            )
        case .v1:
            if first != 0xFF {
                return Meaning(
                    flags: bytes[offset + 1] & FrameHeader.more,
                    bodyByteCount: Int(first) - 1,
                    headerByteCount: 2
                )
            }
            guard available >= 10 else { return nil }
            let length = BigEndian.loadUInt64(bytes, at: offset + 1)
            return Meaning(
                flags: bytes[offset + 9] & FrameHeader.more,
                bodyByteCount: (Int(exactly: length) ?? 0) - 1,
                headerByteCount: 10
            )
        }
    }
}
