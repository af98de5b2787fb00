import DataPlane
import NIOCore
import Routing
import Transports
import ZMTP

/// One of the relay's four kinds of socket; it only says which connection its news is about and brings the news to
/// the home loop.
final class RelayPort: ConnectionHandler, @unchecked Sendable {
    enum Kind {
        /// XSUB, bound: publishers and publishing children.
        case publishers
        /// XPUB, bound: subscribers and subscribing children.
        case subscribers
        /// XSUB, connected to the parent of a tree.
        case feed(TreeID)
        /// XPUB, connected to the parent of a tree.
        case uplink(TreeID)
    }

    let kind: Kind
    private let home: any EventLoop
    // Weak for the time after the relay: a connection may outlive it by a linger.
    private weak var relay: Relay?

    init(kind: Kind, relay: Relay) {
        self.kind = kind
        self.relay = relay
        home = relay.home
    }

    func connectionDidEstablish(_ connection: Connection, peer: RemotePeer) {
        if isLink(peer) { connection.allowPauses() }
        onHome(connection) { $0.handleEstablished(connection, peer, $1) }
    }

    func connection(_ connection: Connection, didReceive run: ByteBuffer, messageCount: Int) {
        switch kind {
        // These live on the home loop: the data path takes no detour.
        case .publishers: relay?.handlePublished(run, messageCount: messageCount, from: connection)
        case .feed(let tree): relay?.handleFeed(run, messageCount: messageCount, of: tree)
        case .subscribers:
            onHome(connection) { relay, _ in relay.handleUpstream(run, from: connection) }
        case .uplink(let tree):
            run.forEachUpstreamMessage { topic, isSubscribe in
                relay?.handleDemand(topic, isSubscribe: isSubscribe, in: tree)
            } onMessage: { _ in
            }
        }
    }

    func connection(_ connection: Connection, didReceive command: PeerCommand) {
        guard let (topic, isSubscribe) = command.subscription else { return }
        switch kind {
        case .publishers, .feed:
            connection.close(.misbehaviour("a publisher sent a subscription"))
        case .subscribers:
            onHome(connection) { relay, _ in
                topic.withUnsafeReadableBytes {
                    relay.handleSubscription($0, isSubscribe: isSubscribe, from: connection)
                }
            }
        case .uplink(let tree):
            topic.withUnsafeReadableBytes {
                relay?.handleDemand($0, isSubscribe: isSubscribe, in: tree)
            }
        }
    }

    func connectionDidEndRead(_ connection: Connection) {
        onHome(connection) { relay, _ in relay.flush() }
    }

    func connectionDidDrain(_ connection: Connection) {
        switch kind {
        case .subscribers:
            guard !connection.outbox.wantsPause else { return }
            onHome(connection) { relay, port in relay.handleDrain(connection, port.kind) }
        case .uplink: relay?.handleDrain(connection, kind)
        case .publishers, .feed: break
        }
    }

    func connectionDidClose(_ connection: Connection, reason: DisconnectReason) {
        onHome(connection) { relay, _ in relay.handleClosed(connection) }
    }

    /// Whether the peer is another relay.
    private func isLink(_ peer: RemotePeer) -> Bool {
        switch kind {
        case .feed, .uplink: true
        case .publishers, .subscribers: LinkProperties(peer) != nil
        }
    }

    private func onHome(
        _ connection: Connection,
        _ body: @escaping @Sendable (Relay, RelayPort) -> Void
    ) {
        guard let relay else { return }
        if connection.loop === home {
            body(relay, self)
        } else {
            home.execute { body(relay, self) }
        }
    }
}
