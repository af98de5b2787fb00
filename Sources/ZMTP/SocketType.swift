/// What a socket announces itself as in READY (RFC 37 "The Socket-Type Property"): every type that speaks ZMTP, drafts included.
///
/// STREAM speaks plain TCP and DGRAM plain UDP; they announce nothing, and nobody may meet them by ZMTP.
public enum SocketType: String, Sendable, CaseIterable {
    case pair = "PAIR"
    case pub = "PUB"
    case sub = "SUB"
    case req = "REQ"
    case rep = "REP"
    case dealer = "DEALER"
    case router = "ROUTER"
    case pull = "PULL"
    case push = "PUSH"
    case xpub = "XPUB"
    case xsub = "XSUB"
    /// Drafts (RFC 41, 48, 49, 51, 52).
    case server = "SERVER"
    case client = "CLIENT"
    case radio = "RADIO"
    case dish = "DISH"
    case gather = "GATHER"
    case scatter = "SCATTER"
    case peer = "PEER"
    case channel = "CHANNEL"
    /// Octets and datagrams without ZMTP.
    case stream = "STREAM"
    case dgram = "DGRAM"

    /// For a sentence: `an XPUB`, `a PULL`.
    package var withArticle: String { Self.withArticle(rawValue) }

    /// The same for what a peer calls its type.
    package static func withArticle(_ name: String) -> String {
        (name.hasPrefix("X") ? "an " : "a ") + name
    }

    /// Whom the pattern lets it talk to. The relation is symmetric.
    public var peers: [SocketType] {
        switch self {
        // RFC 31
        case .pair: [.pair]
        // RFC 29
        case .pub, .xpub: [.sub, .xsub]
        case .sub, .xsub: [.pub, .xpub]
        // RFC 28
        case .req: [.rep, .router]
        case .rep: [.req, .dealer]
        case .dealer: [.rep, .dealer, .router]
        case .router: [.req, .dealer, .router]
        // RFC 30
        case .push: [.pull]
        case .pull: [.push]
        // RFC 41
        case .client: [.server]
        case .server: [.client]
        // RFC 48
        case .radio: [.dish]
        case .dish: [.radio]
        // RFC 49
        case .scatter: [.gather]
        case .gather: [.scatter]
        // RFC 51
        case .peer: [.peer]
        // RFC 52
        case .channel: [.channel]
        case .stream, .dgram: []
        }
    }

    /// Whether the pattern lets these two talk.
    public func accepts(_ peer: SocketType) -> Bool { peers.contains(peer) }

    var isPublisher: Bool { self == .pub || self == .xpub }

    /// The number that stands for it in the greeting of ZMTP 2.0 (RFC 15), which is that of `zmq_socket`; `nil` for what is younger.
    public var revision2Number: UInt8? { Self.ofRevision2.firstIndex(of: self).map { UInt8($0) } }

    /// The type with this number in a greeting of ZMTP 2.0.
    public init?(revision2Number number: UInt8) {
        guard number < Self.ofRevision2.count else { return nil }
        self = Self.ofRevision2[Int(number)]
    }

    private static let ofRevision2: [SocketType] = [
        .pair, .pub, .sub, .req, .rep, .dealer, .router, .pull, .push, .xpub, .xsub,
    ]
}
