/// How a socket behaves that addresses its peers (RFC 28 "ROUTER").
public struct RouterOptions: Sendable {
    /// Whether sending to nobody is an error (`ZMQ_ROUTER_MANDATORY`): `send` throws `unroutable`, and waits while the peer's queue is full. Without,
    /// such messages are dropped and counted.
    public var isMandatory = false
    /// Whether a new peer takes over the routing id of another one that is still connected (`ZMQ_ROUTER_HANDOVER`), as one that comes back
    /// before its old connection is noticed to be dead. Without, the new one is refused.
    public var allowsHandover = false
    /// What the application is told of by an empty message from the peer in question (`ZMQ_ROUTER_NOTIFY`).
    public var notifications: PeerNotifications = []

    public init() {}
}

/// Which changes an application learns of by an empty message.
public struct PeerNotifications: OptionSet, Sendable {
    public let rawValue: Int

    public init(rawValue: Int) {
        self.rawValue = rawValue
    }

    public static let connect = PeerNotifications(rawValue: 1)
    public static let disconnect = PeerNotifications(rawValue: 2)
}
