/// The way of messages that a publisher or a child has sent.
public enum Destination: Equatable, Sendable {
    /// To whoever wants them: this is the root.
    case down
    case up(RelayPeer.ID)
    /// There is no connection to the parent.
    case nowhere
}
