/// Which of the bounds on what a peer may make this side hold it went beyond.
public enum PeerLimit: String, Equatable, Sendable, CustomStringConvertible {
    case subscriptions, upstream, control

    public var description: String {
        switch self {
        case .subscriptions:
            "the peer holds more subscriptions than the limit on their number or octets allows"
        case .upstream:
            "the peer sent subscriptions or messages upstream, and more of them wait for the application than the limit allows"
        case .control:
            "the peer does not read, and more commands and subscriptions wait for it than the limit allows"
        }
    }
}
