package import NIOCore
import Wire

extension ByteBuffer {
    /// Reads a run that came from a subscriber. Subscriptions of peers older than ZMTP 3.1 are messages whose first
    /// octet is 1 (subscribe) or 0 (cancel); anything else is a message from an XSUB's application (RFC 29).
    package func forEachUpstreamMessage(
        onSubscription: (_ topic: UnsafeRawBufferPointer, _ isSubscribe: Bool) -> Void,
        onMessage: (ByteBuffer) -> Void
    ) {
        withUnsafeReadableBytes { bytes in
            var walker = MessageWalker(bytes)
            while walker.next() {
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
}
