import DataPlane
import NIOCore
import Transports
import Patterns
import Wire

/// A message and the group it was sent to.
public struct GroupMessage: Sendable, Equatable {
    /// At most 255 octets, none of them zero.
    public let group: Frame
    /// One frame.
    public let message: Message

    public init(group: Frame, message: Message) {
        self.group = group
        self.message = message
    }

    /// The item is what travels: a frame of the group, a frame of the body; `nil` for what is no message.
    init?(_ item: Mailbox.Item) {
        guard case .message(let encoded, let peer) = item else { return nil }
        let byteCount = encoded.withUnsafeReadableBytes { bytes -> Int in
            let header = FrameHeader(at: 0, in: bytes)
            return header.byteCount + header.bodyByteCount
        }
        group = Message(encoded: encoded)[0]
        message = Message(encoded: encoded.slice(byteCount..<encoded.readableBytes), from: peer)
    }

    var encoded: ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(2 + group.count + message.encoded.readableBytes)
        buffer.writeFrameHeader(bodyByteCount: group.count, hasMore: true)
        buffer.writeImmutableBuffer(group.buffer)
        buffer.writeImmutableBuffer(message.encoded)
        return buffer
    }

    static func check(_ group: Frame) throws(ZeroMQError) {
        guard group.withUnsafeBytes({ GroupIndex.isGroup($0) }) else {
            throw ZeroMQError(
                .group,
                "a group has at most 255 octets, none of them zero (RFC 48), unlike \(group)"
            )
        }
    }
}
