/// A machine of a simulated network.
public struct NodeID: Hashable, Sendable {
    public let rawValue: Int

    init(_ rawValue: Int) {
        self.rawValue = rawValue
    }
}

/// A connection of a simulated network; never used again for another.
public struct ConnectionID: Hashable, Sendable {
    public let rawValue: Int

    public init(_ rawValue: Int) {
        self.rawValue = rawValue
    }
}

/// What a node of a simulated network learns.
public enum NetworkEvent<Packet: Sendable, Alarm: Sendable>: Sendable {
    /// The listener is told first, the dialler when the answer has reached it.
    case opened(ConnectionID, at: NodeID)
    case received(Packet, on: ConnectionID, at: NodeID)
    /// The other end closed, crashed or is cut off. The end that closes is not told.
    case closed(ConnectionID, at: NodeID)
    /// Nobody answered the dialler.
    case failed(ConnectionID, at: NodeID)
    case alarm(Alarm, at: NodeID)

    /// Who learns it.
    public var node: NodeID {
        switch self {
        case .opened(_, let node), .received(_, _, let node), .closed(_, let node),
            .failed(_, let node), .alarm(_, let node):
            node
        }
    }
}
