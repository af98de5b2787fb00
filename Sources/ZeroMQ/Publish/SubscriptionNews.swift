import NIOCore

/// What an XPUB learns of its subscribers.
public enum SubscriptionNews: Equatable, Sendable {
    case subscribed(topic: [UInt8])
    case cancelled(topic: [UInt8])
    /// An XSUB sent a message upstream. Its first octet is never 0 or 1: those mean subscriptions.
    case message(Message)
}

/// News waits in a mailbox like messages do, in the form RFC 29 gives it: a subscription is a message whose first
/// octet is 1, a cancellation one whose first octet is 0.
extension SubscriptionNews {
    init(_ message: Message) {
        let topic = message[0].bytes
        switch topic.first {
        case 1: self = .subscribed(topic: Array(topic.dropFirst()))
        case 0: self = .cancelled(topic: Array(topic.dropFirst()))
        default: self = .message(message)
        }
    }

    var encoded: ByteBuffer {
        switch self {
        case .subscribed(let topic): Message([1] + topic).encoded
        case .cancelled(let topic): Message([0] + topic).encoded
        case .message(let message): message.encoded
        }
    }
}
