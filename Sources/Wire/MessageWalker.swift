/// Walks the whole messages of a run: bytes that are known to hold complete, well-formed frames.
///
/// A scanner (`ZMTP.FrameScanner`) has checked every header of the run, so nothing here can fail; `next()` costs
/// a few loads. Inlinable, because it is the inner loop of every fan-out.
///
///     +-------- message --------+---- message ----+
///     | frame MORE | frame last | frame last      |
///     +------------+------------+-----------------+
///     start        ^body of the first frame = topic
public struct MessageWalker {
    @usableFromInline let bytes: UnsafeRawBufferPointer
    /// Where the next message starts; after `next()`, where the message it found ends.
    public var end: Int
    /// Where the message found by `next()` starts.
    public var start: Int
    /// The body of its first frame: what subscriptions are matched against (RFC 29).
    public var topic: Range<Int>

    @inlinable
    public init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        self.start = 0
        self.end = 0
        self.topic = 0..<0
    }

    /// Moves to the next message; `false` at the end of the run.
    @inlinable
    public mutating func next() -> Bool {
        guard end < bytes.count else { return false }
        start = end
        var flags = bytes[end]
        var body = end + 2
        var bodyByteCount: Int
        if flags & FrameHeader.long == 0 {
            bodyByteCount = Int(bytes[end + 1])
        } else {
            bodyByteCount = Int(truncatingIfNeeded: BigEndian.loadUInt64(bytes, at: end + 1))
            body = end + 9
        }
        topic = body..<(body + bodyByteCount)
        end = body + bodyByteCount
        while flags & FrameHeader.more != 0 {
            flags = bytes[end]
            if flags & FrameHeader.long == 0 {
                end += 2 + Int(bytes[end + 1])
            } else {
                end += 9 + Int(truncatingIfNeeded: BigEndian.loadUInt64(bytes, at: end + 1))
            }
        }
        return true
    }

    /// How many octets the first `messageCount` messages take.
    public static func byteCount(
        ofFirst messageCount: Int,
        in bytes: UnsafeRawBufferPointer
    ) -> Int {
        var walker = MessageWalker(bytes)
        var left = messageCount
        while left > 0, walker.next() { left -= 1 }
        return walker.end
    }
}
