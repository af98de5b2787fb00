import DataPlane
import NIOCore
import Transports
import Wire

/// The number by which a SERVER or PEER knows one of its peers (RFC 41, 51 "routing id"): never zero, and this side's choice alone.
///
/// It is good for as long as the peer is connected; for a peer that was dialled with `connect(to:)`, for as long as it is dialled.
public struct RoutingID: Hashable, Sendable, CustomStringConvertible {
    public let rawValue: UInt32

    /// `nil` for zero, which is nobody's.
    public init?(rawValue: UInt32) {
        guard rawValue != 0 else { return nil }
        self.rawValue = rawValue
    }

    public var description: String { "\(rawValue)" }

    /// Four octets, the high one first.
    init?(octets: UnsafeRawBufferPointer) {
        guard octets.count == 4 else { return nil }
        self.init(rawValue: BigEndian.loadUInt32(octets, at: 0))
    }

    /// The message in its encoded form, with the id as first frame.
    func addressing(_ message: Message) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(6 + message.encoded.readableBytes)
        buffer.writeFrameHeader(bodyByteCount: 4, hasMore: true)
        buffer.writeInteger(rawValue)
        buffer.writeImmutableBuffer(message.encoded)
        return buffer
    }
}

/// A message and the peer it came from.
public struct RoutedMessage: Sendable, Equatable {
    /// Whom an answer goes to.
    public let routingID: RoutingID
    /// One frame.
    public let message: Message

    public init(routingID: RoutingID, message: Message) {
        self.routingID = routingID
        self.message = message
    }

    /// The item is what the core gives: four octets of routing id, and one frame; `nil` for anything else.
    init?(_ item: Mailbox.Item) {
        guard case .message(let encoded, let peer) = item else { return nil }
        let routingID = encoded.withUnsafeReadableBytes { bytes -> RoutingID? in
            guard bytes.count >= 6 else { return nil }
            return RoutingID(octets: UnsafeRawBufferPointer(rebasing: bytes[2..<6]))
        }
        guard let routingID else { return nil }
        self.routingID = routingID
        message = Message(encoded: encoded.slice(6..<encoded.readableBytes), from: peer)
    }
}
