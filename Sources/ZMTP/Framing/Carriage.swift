/// What a transport carries between two sessions.
public enum Carriage: Sendable {
    /// How two sessions begin when the transport has agreed on version and mechanism by itself.
    public enum Opening: Equatable, Sendable {
        /// With the mechanism's first command.
        case mechanism
        /// Each side says its routing id, and messages follow. The peer's type is known if the transport was told.
        case routingID(peer: SocketType?)
    }

    /// An ordered stream of octets, cut anywhere: greetings first, then frames (tcp, ipc, inproc).
    case octets
    /// Whole messages, whose bounds the transport keeps. It has agreed on version and mechanism by itself, as a WebSocket
    /// does in its upgrade (RFC 45), so no greetings are sent; `framing` is how its messages hold ZMTP's frames.
    case messages(framing: Framing, opening: Opening = .mechanism)
    /// Octets that are no ZMTP at all: nothing is said before them, and what one read brings is one message.
    case raw

    public var framing: Framing {
        switch self {
        case .octets: .v3
        case .messages(let framing, _): framing
        case .raw: Framing(ingress: .rewritten(RawDecoder()), egress: .rewritten(RawEncoder()))
        }
    }

    /// Whether the transport carries PING and PONG to any peer, whatever version of ZMTP it speaks.
    var hasHeartbeat: Bool {
        switch self {
        case .octets, .raw: false
        case .messages: true
        }
    }
}
