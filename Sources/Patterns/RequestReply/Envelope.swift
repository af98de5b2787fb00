import Wire

/// The parts of a message that a REP gets or a REQ gets back (RFC 28 "REP": an address envelope, ended by an empty frame, and the body).
///
///     +---------+---------+-------+--------+--------+
///     | address | address | empty | body   | body   |
///     +---------+---------+-------+--------+--------+
///     └──────── envelope ─────────┘
public struct Envelope: Equatable, Sendable {
    /// The octets of the envelope, with its empty frame, in the message's.
    public let envelope: Range<Int>
    /// The octets of the body; it has at least one frame.
    public let body: Range<Int>

    public init(envelope: Range<Int>, body: Range<Int>) {
        self.envelope = envelope
        self.body = body
    }

    /// `nil` when no empty frame is followed by another one.
    ///
    /// - Parameters:
    ///   - message: the octets of one whole message, frames with their headers.
    ///   - start: where the envelope begins.
    public init?(_ message: UnsafeRawBufferPointer, from start: Int = 0) {
        var offset = start
        while offset < message.count {
            let header = FrameHeader(at: offset, in: message)
            let end = offset + header.byteCount + header.bodyByteCount
            guard header.hasMore else { return nil }
            if header.bodyByteCount == 0 {
                envelope = start..<end
                body = end..<message.count
                return
            }
            offset = end
        }
        return nil
    }
}
