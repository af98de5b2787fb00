import Wire

/// Frames of ZMTP 1.0 become frames of ZMTP 3 (RFC 13 "The Framing Layer").
///
///     +--------+-------+------- - -+          +------+-----------------+-------+------- - -+
///     | length | flags | body      |    or    | 0xFF | length, 64 bits | flags | body      |
///     +--------+-------+------- - -+          +------+-----------------+-------+------- - -+
///
/// The length counts the flags. A frame of length 0 is discarded, and reserved flags mean nothing, as the RFC asks for.
struct V1Decoder: FrameDecoder {
    private enum Progress {
        case length
        /// Octets of the long form's length that have been read.
        case longLength(UInt64, octetCount: Int)
        case flags(bodyByteCount: Int)
        case body(remainingByteCount: Int)
    }

    private var progress = Progress.length

    func byteCountMax(decoding octetCount: Int) -> Int {
        // Either header is at least as long here as there; what was read before may be of one.
        octetCount + FrameHeader.byteCountMax
    }

    mutating func decode(
        _ octets: UnsafeRawBufferPointer,
        into frames: UnsafeMutableRawBufferPointer
    ) throws(FrameViolation) -> Int {
        var offset = 0
        var byteCount = 0
        while offset < octets.count {
            switch progress {
            case .length:
                let length = octets[offset]
                offset += 1
                switch length {
                case 0: break
                case 0xFF: progress = .longLength(0, octetCount: 0)
                default: progress = .flags(bodyByteCount: Int(length) - 1)
                }
            case .longLength(let value, let octetCount):
                let length = value << 8 | UInt64(octets[offset])
                offset += 1
                progress = try Self.read(length, octetCount: octetCount + 1)
            case .flags(let bodyByteCount):
                let hasMore = octets[offset] & FrameHeader.more != 0
                offset += 1
                byteCount += FrameHeader.store(
                    bodyByteCount: bodyByteCount,
                    hasMore: hasMore,
                    in: frames,
                    at: byteCount
                )
                progress = bodyByteCount == 0 ? .length : .body(remainingByteCount: bodyByteCount)
            case .body(let remaining):
                let taken = min(remaining, octets.count - offset)
                UnsafeMutableRawBufferPointer(rebasing: frames[byteCount...]).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: octets[offset..<offset + taken])
                )
                offset += taken
                byteCount += taken
                progress =
                    taken == remaining ? .length : .body(remainingByteCount: remaining - taken)
            }
        }
        return byteCount
    }

    private static func read(
        _ length: UInt64,
        octetCount: Int
    ) throws(FrameViolation) -> Progress {
        guard octetCount == 8 else { return .longLength(length, octetCount: octetCount) }
        guard let byteCount = Int(exactly: length) else {
            throw .frameTooLong(byteCount: .max, limit: .max)
        }
        return byteCount == 0 ? .length : .flags(bodyByteCount: byteCount - 1)
    }
}
