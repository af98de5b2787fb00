/// What a socket announces itself as in READY (RFC 37 "The Socket-Type Property").
public enum SocketType: String, Sendable, CaseIterable {
    case pub = "PUB"
    case sub = "SUB"
    case xpub = "XPUB"
    case xsub = "XSUB"

    /// Whether the pattern lets these two talk (RFC 29).
    public func accepts(_ peer: SocketType) -> Bool {
        switch self {
        case .pub, .xpub: peer == .sub || peer == .xsub
        case .sub, .xsub: peer == .pub || peer == .xpub
        }
    }
}
