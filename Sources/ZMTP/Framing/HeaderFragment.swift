import Wire

/// The octets of a frame header that have arrived so far, when a read ended inside it.
struct HeaderFragment: Sendable {
    private(set) var flags: UInt8 = 0
    private var length: UInt64 = 0
    private(set) var octetCount = 0

    var isEmpty: Bool { octetCount == 0 }

    var isComplete: Bool {
        octetCount > 0 && octetCount == (flags & FrameHeader.long == 0 ? 2 : 9)
    }

    /// `nil` when the length does not fit.
    var bodyByteCount: Int? { Int(exactly: length) }

    var violation: FrameViolation? {
        guard flags & FrameHeader.reserved == 0 else { return .reservedFlags(flags) }
        let commandMore = FrameHeader.command | FrameHeader.more
        return flags & commandMore == commandMore ? .commandWithMore : nil
    }

    mutating func append(_ octet: UInt8) {
        if octetCount == 0 { flags = octet } else { length = length << 8 | UInt64(octet) }
        octetCount += 1
    }
}
