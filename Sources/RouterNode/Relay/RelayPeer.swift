import Patterns
import Routing
import Transports

/// One established connection of a relay.
final class RelayPeer {
    enum Role: String {
        case publisher, subscriber
        /// A child relay's connection to our subscribers' endpoint.
        case childFeed = "child-feed"
        /// A child relay's connection to our publishers' endpoint.
        case childUplink = "child-uplink"
        case parentFeed = "parent-feed"
        case parentUplink = "parent-uplink"
    }

    let connection: Connection
    let role: Role
    /// Set on links.
    let tree: TreeID?
    /// The relay at the other end of a link.
    let node: String?
    /// Set for who is sent messages through the fan-out.
    let subscriber: SubscriberID?
    /// Whether its connection is read from; see `Relay.Gates`.
    var isReading = true

    init(
        _ connection: Connection,
        role: Role,
        tree: TreeID? = nil,
        node: String? = nil,
        subscriber: SubscriberID? = nil
    ) {
        self.connection = connection
        self.role = role
        self.tree = tree
        self.node = node
        self.subscriber = subscriber
    }

    /// Whether it sends messages that go towards the root.
    var isPublishing: Bool { role == .publisher || role == .childUplink }
}
