import ZMTP

/// What the messages of a socket type look like to who passes them on as they are.
enum MessageForm {
    /// Any number of frames.
    case frames
    /// One frame: the thread-safe patterns (RFC 37).
    case single
    /// A group and a body (RFC 48).
    case grouped
    /// An address that means something to this socket alone, and what is for there.
    case addressed
    /// Nothing by itself: a question has to be answered first.
    case lockstep

    init(_ type: SocketType) {
        switch type {
        case .pair, .pub, .sub, .dealer, .router, .pull, .push, .xpub, .xsub: self = .frames
        case .client, .scatter, .gather, .channel: self = .single
        case .radio, .dish: self = .grouped
        case .server, .peer, .stream, .dgram: self = .addressed
        case .req, .rep: self = .lockstep
        }
    }

    /// Refuses what cannot be passed on from one type to another without being taken apart.
    static func check(from source: SocketType, to target: SocketType) throws(ZeroMQError) {
        for type in [source, target] {
            switch MessageForm(type) {
            case .lockstep:
                throw ZeroMQError(
                    .unsupported,
                    "a proxy passes on many requests at once; use \(type == .req ? "DEALER" : "ROUTER") instead of \(type.rawValue)"
                )
            case .addressed:
                throw ZeroMQError(
                    .unsupported,
                    "whom a message of \(type.withArticle) is from or for is known to that socket alone; a proxy passes on requests by ROUTER and DEALER"
                )
            case .frames, .single, .grouped: break
            }
        }
        switch (MessageForm(source), MessageForm(target)) {
        case (_, .frames), (.single, .single), (.grouped, .grouped): break
        default:
            throw ZeroMQError(
                .unsupported,
                "\(target.withArticle) cannot send what \(source.withArticle) receives: its messages have another number of frames"
            )
        }
    }
}
