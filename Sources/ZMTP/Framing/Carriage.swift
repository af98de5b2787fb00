/// What a transport carries between two sessions.
public enum Carriage: Sendable {
    /// An ordered stream of octets, cut anywhere: greetings first, then frames (tcp, ipc, inproc).
    case octets
    /// Whole messages, whose bounds the transport keeps. It has agreed on version and mechanism by itself, as a WebSocket
    /// does in its upgrade (RFC 45), so no greetings are sent; `framing` is how its messages hold ZMTP's frames.
    case messages(framing: Framing)
    /// Octets that are no ZMTP at all: nothing is said before them, and what one read brings is one message.
    case raw

    public var framing: Framing {
        switch self {
        case .octets: .v3
        case .messages(let framing): framing
        case .raw: Framing(ingress: .rewritten(RawDecoder()), egress: .rewritten(RawEncoder()))
        }
    }
}
