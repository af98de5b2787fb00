/// Where a session stands, with what it keeps there: elsewhere, because a handshake is large and an idle connection is to be small.
indirect enum SessionState: Sendable {
    case idle(Handshake)
    case opening(Handshake)
    case established(Conversation)
    /// Our user is finished: what waits is sent.
    case draining(Conversation)
    /// All is sent and our half is closed; the peer may still talk.
    case flushed(Conversation)
    /// A farewell is on its way.
    case parting(DisconnectReason)
    /// The stream was told to close at once.
    case aborted(DisconnectReason)
    case closed
}

extension SessionState {
    /// What is kept of the peer, in the states that have one.
    var conversation: Conversation? {
        switch self {
        case .established(let conversation), .draining(let conversation),
            .flushed(let conversation):
            conversation
        case .idle, .opening, .parting, .aborted, .closed: nil
        }
    }

    /// Why the session ends, when that is decided.
    var closeReason: DisconnectReason? {
        switch self {
        case .idle, .opening, .established, .closed: nil
        case .draining, .flushed: .closedHere
        case .parting(let reason), .aborted(let reason): reason
        }
    }

    /// The peer's leave in the middle of a handshake that has a usual reason for it.
    var abandonment: DisconnectReason? {
        guard case .opening(let handshake) = self else { return nil }
        return handshake.abandonment.map { .handshake($0) }
    }

    var isAwaitingVerdict: Bool {
        if case .opening(let handshake) = self { handshake.isAwaitingVerdict } else { false }
    }

    var stage: Session.Stage {
        switch self {
        case .idle: .idle
        case .opening: .opening
        case .established: .established
        case .draining: .draining
        case .flushed: .flushed
        case .parting: .parting
        case .aborted: .aborted
        case .closed: .closed
        }
    }
}
