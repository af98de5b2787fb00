import Wire

/// Cuts octets into frames: heads first, then pieces of bodies, where they lie.
struct FrameReader {
    enum Head {
        /// Octets are missing.
        case partial
        /// The body follows.
        case whole
        case malformed(Violation)
    }

    enum Violation {
        case length, flags

        var text: String {
            switch self {
            case .length: "a frame has a length that makes no sense"
            case .flags: "a frame has flags that no version knows"
            }
        }
    }

    private var header = FrameHeaderBytes()
    /// Of the frame under way.
    private(set) var flags: UInt8 = 0
    private(set) var bodyRemaining = 0
    private(set) var isInBody = false

    var hasMoreFlag: Bool { flags & FrameHeader.more != 0 }
    var hasCommandFlag: Bool { flags & FrameHeader.command != 0 }

    /// Reads the head that begins, or goes on, at `offset`, and moves `offset` behind what it read.
    mutating func readHead(
        _ bytes: UnsafeRawBufferPointer,
        at offset: inout Int,
        _ format: ZMTPSearch.Format
    ) -> Head {
        if header.count == 0,
            let meaning = FrameHeaderBytes.meaning(of: bytes, at: offset, format)
        {
            offset += meaning.headerByteCount
            return begin(meaning, format)
        }
        header.append(bytes[offset])
        offset += 1
        guard let meaning = header.meaning(format) else { return .partial }
        header = FrameHeaderBytes()
        return begin(meaning, format)
    }

    private mutating func begin(
        _ meaning: FrameHeaderBytes.Meaning,
        _ format: ZMTPSearch.Format
    ) -> Head {
        guard meaning.bodyByteCount >= 0 else { return .malformed(.length) }
        if format == .v2 {
            let commandAndMore = FrameHeader.command | FrameHeader.more
            guard meaning.flags & FrameHeader.reserved == 0,
                meaning.flags & commandAndMore != commandAndMore
            else { return .malformed(.flags) }
        }
        flags = meaning.flags
        bodyRemaining = meaning.bodyByteCount
        isInBody = true
        return .whole
    }

    /// The next piece of the body, of which something must remain; moves `offset` behind it.
    mutating func readBody(
        _ bytes: UnsafeRawBufferPointer,
        at offset: inout Int
    ) -> UnsafeRawBufferPointer {
        let end = offset + min(bodyRemaining, bytes.count - offset)
        let piece = UnsafeRawBufferPointer(rebasing: bytes[offset..<end])
        bodyRemaining -= piece.count
        offset = end
        return piece
    }

    /// Passes over octets that nobody has. `false` when they are not all of this frame's body, so that the place of the
    /// next frame is not known.
    mutating func skipBody(_ byteCount: Int) -> Bool {
        guard isInBody, byteCount <= bodyRemaining else { return false }
        bodyRemaining -= byteCount
        return true
    }

    mutating func endFrame() {
        isInBody = false
        bodyRemaining = 0
    }
}

/// What a frame's body is read for.
enum FramePurpose {
    /// Counted, and its first octets taken as the topic.
    case message
    /// Collected, for what it says.
    case command, subscription, identity
    /// Passed over.
    case skipped
}
