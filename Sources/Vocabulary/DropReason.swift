/// Why a message, or its delivery to one peer, came to nothing.
public enum DropReason: Int, CaseIterable, Sendable {
    // MARK: As it arrived

    /// It was larger than this side takes from anybody.
    case tooLarge
    /// Its topic belongs to no tree.
    case noTree
    /// There was no parent to send it to.
    case noParent

    /// An access list does not allow whoever sent it to publish that topic.
    case notAllowed

    // MARK: On its way to one peer

    /// The peer's queue was full, and the overflow policy drops.
    case queueFull
    /// All queues together held as much as they may, and the overflow policy drops.
    case memoryFull
    /// It still waited for the peer when the connection ended.
    case disconnected
    /// It waited for a peer that took nothing, or was away, for longer than the stall time-out.
    case expired

    // MARK: At a socket that is no publisher's

    /// No peer of that address is connected.
    case unroutable
    /// It did not have the form that the pattern asks for.
    case malformed

    /// The word for it in status, log and documents.
    public var word: String {
        switch self {
        case .tooLarge: "too-large"
        case .noTree: "no-tree"
        case .noParent: "no-parent"
        case .notAllowed: "not-allowed"
        case .queueFull: "queue-full"
        case .memoryFull: "memory-full"
        case .disconnected: "disconnected"
        case .expired: "expired"
        case .unroutable: "unroutable"
        case .malformed: "malformed"
        }
    }
}
