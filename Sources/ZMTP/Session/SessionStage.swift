/// Where a session stands, without what it keeps there.
public enum SessionStage: Sendable {
    case idle, opening, established, draining, flushed, parting, aborted, closed

    /// Whether messages and commands are delivered.
    @inlinable
    public var isEstablished: Bool {
        switch self {
        case .established, .draining, .flushed: true
        case .idle, .opening, .parting, .aborted, .closed: false
        }
    }

    /// Whether messages may still be sent.
    @inlinable
    public var isSending: Bool {
        switch self {
        case .established, .draining: true
        case .idle, .opening, .flushed, .parting, .aborted, .closed: false
        }
    }

    init(_ state: Session.State) {
        self =
            switch state {
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
