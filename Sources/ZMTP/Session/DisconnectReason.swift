/// Why a connection ended; the description is what an operator reads in the log.
public enum DisconnectReason: Error, Equatable, Sendable, CustomStringConvertible {
    /// The peer closed in good order.
    case peerClosed
    /// This side closed it.
    case closedHere
    case handshake(HandshakeFailure)
    case framing(FrameViolation)
    /// The peer sent what its pattern or the protocol does not allow.
    case misbehaviour(String)
    case heartbeat
    case stalled(StallWatch.Stall)
    /// The peer could not keep up and the overflow policy is `disconnect`.
    case overflow
    /// The peer made this side hold more than `PeerLimits` allow.
    case limit(PeerLimit)
    case network(String)

    /// Whether one end does not want the other: the peer said ERROR, or did what it may not. To try again at once changes nothing.
    package var isRefusal: Bool {
        switch self {
        case .handshake(.refused), .misbehaviour: true
        default: false
        }
    }

    public var description: String {
        switch self {
        case .peerClosed: "the peer closed the connection"
        case .closedHere: "closed by this side"
        case .handshake(let failure): failure.description
        case .framing(let violation): violation.description
        case .misbehaviour(let what): what
        case .heartbeat: "the peer went silent (heartbeat time-out)"
        case .stalled(.insideMessage): "the peer stopped in the middle of a message"
        case .stalled(.notReading): "the peer has stopped reading"
        case .overflow: "the peer could not keep up (overflow policy: disconnect)"
        case .limit(let limit): limit.description
        case .network(let what): what
        }
    }
}
