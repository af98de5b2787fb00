package import NIOCore
package import ZMTP

/// A command that a peer sent, for whoever its pattern or extension concerns.
package struct PeerCommand: Sendable {
    /// What it is; ranges are places in `body`.
    package let kind: Command
    package let body: ByteBuffer

    init(_ kind: Command, body: ByteBuffer) {
        self.kind = kind
        self.body = body
    }

    /// The octets of one of the command's parts.
    package func part(_ range: Range<Int>) -> ByteBuffer { body.slice(range) }

    /// The group of a JOIN or LEAVE; `nil` for other commands.
    package var membership: (group: ByteBuffer, isJoin: Bool)? {
        switch kind {
        case .join(let group): (part(group), true)
        case .leave(let group): (part(group), false)
        case .ready, .error, .ping, .pong, .subscribe, .cancel, .unknown, .malformed: nil
        }
    }

    /// The topic of a SUBSCRIBE or CANCEL; `nil` for other commands.
    package var subscription: (topic: ByteBuffer, isSubscribe: Bool)? {
        switch kind {
        case .subscribe(let topic): (part(topic), true)
        case .cancel(let topic): (part(topic), false)
        case .ready, .error, .ping, .pong, .join, .leave, .unknown, .malformed: nil
        }
    }
}
