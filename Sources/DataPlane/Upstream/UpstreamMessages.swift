package import NIOCore
import Wire

extension ByteBuffer {
    /// Reads a run that came from a subscriber. Subscriptions of peers older than ZMTP 3.1 are messages whose first
    /// octet is 1 (subscribe) or 0 (cancel); anything else is a message from an XSUB's application (RFC 29). With `readsEveryFrame` each frame of a
    /// message is looked at, and those that are no subscriptions make the message; else the first frame says what all of it is.
    package func forEachUpstreamMessage(
        readsEveryFrame: Bool = false,
        onSubscription: (_ topic: UnsafeRawBufferPointer, _ isSubscribe: Bool) -> Void,
        onMessage: (ByteBuffer) -> Void
    ) {
        withUnsafeReadableBytes { bytes in
            var walker = MessageWalker(bytes)
            while walker.next() {
                if readsEveryFrame, bytes[walker.start] & FrameHeader.more != 0 {
                    let frames = UnsafeRawBufferPointer(rebasing: bytes[walker.start..<walker.end])
                    if let rest = Self.takeSubscriptions(of: frames, onSubscription) {
                        onMessage(rest)
                    }
                    continue
                }
                let body = UnsafeRawBufferPointer(rebasing: bytes[walker.topic])
                if let first = body.first, first <= 1 {
                    onSubscription(UnsafeRawBufferPointer(rebasing: body.dropFirst()), first == 1)
                } else if let message = getSlice(
                    at: readerIndex + walker.start,
                    length: walker.end - walker.start
                ) {
                    onMessage(message)
                }
            }
        }
    }
    /// Gives the frames of a message that are no subscriptions, as a message; `nil` when there are none.
    private static func takeSubscriptions(
        of message: UnsafeRawBufferPointer,
        _ onSubscription: (_ topic: UnsafeRawBufferPointer, _ isSubscribe: Bool) -> Void
    ) -> ByteBuffer? {
        var bodies: [Range<Int>] = []
        var offset = 0
        while offset < message.count {
            let header = FrameHeader(at: offset, in: message)
            let start = offset + header.byteCount
            offset = start + header.bodyByteCount
            let body = UnsafeRawBufferPointer(rebasing: message[start..<offset])
            if let first = body.first, first <= 1 {
                onSubscription(UnsafeRawBufferPointer(rebasing: body.dropFirst()), first == 1)
            } else {
                bodies.append(start..<offset)
            }
        }
        guard let last = bodies.indices.last else { return nil }
        var frames: [UInt8] = []
        for (index, body) in bodies.enumerated() {
            FrameHeader.append(
                body: UnsafeRawBufferPointer(rebasing: message[body]),
                hasMore: index < last,
                to: &frames
            )
        }
        return ByteBuffer(bytes: frames)
    }
}
