import DataPlane
import NIOCore
import Patterns
import Wire

/// A request that a REP has received, and the way back to who sent it.
public struct Request: Sendable {
    /// The body, without the envelope.
    public let message: Message
    /// The peer's address and the envelope, as frames that go before the reply.
    let returnPath: ByteBuffer

    /// The item is what the core gives: an address, an envelope, a body; `nil` for what is no message.
    init?(_ item: Mailbox.Item) {
        guard case .message(let encoded, let peer) = item else { return nil }
        let envelope = encoded.withUnsafeReadableBytes { bytes in
            let address = FrameHeader(at: 0, in: bytes)
            return Envelope(bytes, from: address.byteCount + address.bodyByteCount)
        }
        // The core lets nothing else through.
        let body = envelope?.body ?? 0..<encoded.readableBytes
        returnPath = encoded.slice(0..<body.lowerBound)
        message = Message(encoded: encoded.slice(body), from: peer)
    }

    /// The reply in its encoded form for the outlet.
    func encodedReply(_ reply: Message) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(returnPath.readableBytes + reply.encoded.readableBytes)
        buffer.writeImmutableBuffer(returnPath)
        buffer.writeImmutableBuffer(reply.encoded)
        return buffer
    }
}
