import DataPlane
import NIOCore
import Routing
import Transports
import ZMTP

/// One of a relay's sockets. It passes the events of its connections to the home loop, and says what they are for.
final class RelayPort: ConnectionHandler, @unchecked Sendable {
    enum Kind {
        /// XSUB, bound: publishers and publishing children.
        case publishers
        /// XPUB, bound: subscribers and subscribing children.
        case subscribers
        /// Connected to the parent of a tree: XSUB for its feed, XPUB for its uplink.
        case parent(ParentConnection)
        /// Connected to a publisher or a subscriber that listens itself: XSUB or XPUB; with its number among them.
        case dialled(DialledPeer, Int)

        /// Whether messages go to plain subscribers there.
        var isTaker: Bool {
            switch self {
            case .subscribers: true
            case .publishers, .parent: false
            case .dialled(let peer, _): peer.side == .subscribers
            }
        }
    }

    let kind: Kind
    private let home: any EventLoop
    // Weak, because a connection may outlive the relay by its linger time.
    private weak var relay: Relay?

    init(kind: Kind, relay: Relay) {
        self.kind = kind
        self.relay = relay
        home = relay.home
    }

    func connectionDidEstablish(_ connection: Connection, peer: RemotePeer) {
        if peer.linkVersion != nil, let claim = LinkClaim(peer),
            relay?.sockets.linkIncarnation != nil
        {
            connection.slot = Self.linkSlot
            let seat = relay?.configuration.seats.first { $0.tree == claim.tree }
            // What the child asks to be held to counts for nothing once it says anything else.
            connection.allowPauses(heartbeat: seat?.link?.heartbeat)
            return onHome(connection) {
                $0.links.handle(connection, peer, claim, isFeed: $1.isFeeding)
            }
        }
        if let tree = linkTree(peer) {
            connection.allowPauses()
            connection.outbox.keepsQueue = relay?.keepsQueue(ofTree: tree) ?? false
        }
        onHome(connection) { $0.handleEstablished(connection, peer, $1.kind) }
    }

    func connection(_ connection: Connection, didReceive run: ByteBuffer, messageCount: Int) {
        guard connection.slot != Self.linkSlot else {
            guard case .subscribers = kind else {
                return connection.close(.misbehaviour("messages came up outside of parcels"))
            }
            return onHome(connection) { relay, _ in relay.handleUpstream(run, from: connection) }
        }
        switch kind {
        // These connections live on the home loop, so the data path takes no detour.
        case .publishers: relay?.handlePublished(run, messageCount: messageCount, from: connection)
        case .parent(.feed(let tree)): relay?.handleFeed(run, messageCount: messageCount, of: tree)
        case .parent(.uplink): relay?.handleUpstream(run, from: connection)
        case .dialled(let peer, _) where peer.side == .subscribers:
            relay?.handleUpstream(run, from: connection)
        case .dialled(let peer, _):
            guard let tree = peer.tree else {
                relay?.handlePublished(run, messageCount: messageCount, from: connection)
                return
            }
            relay?.handlePublished(run, messageCount: messageCount, in: tree)
        case .subscribers:
            onHome(connection) { relay, _ in relay.handleUpstream(run, from: connection) }
        }
    }

    func connection(_ connection: Connection, didReceive command: PeerCommand) {
        guard connection.slot != Self.linkSlot || ReadersCommand.hasReaders(command) != nil else {
            let input = Result { () throws(LinkFault) in try LinkInput(command) }
            return onHome(connection) { relay, _ in relay.links.handle(input, on: connection) }
        }
        guard let (topic, isSubscribe) = command.subscription else {
            if let hasReaders = ReadersCommand.hasReaders(command) {
                onHome(connection) { relay, _ in
                    relay.handleReaders(hasReaders, from: connection)
                }
            }
            return
        }
        onHome(connection) { relay, port in
            topic.withUnsafeReadableBytes {
                relay.handleSubscription($0, isSubscribe: isSubscribe, from: connection)
            }
            port.closeIfRefused(relay)
        }
    }

    /// A publisher that subscribes is disconnected before it can do so a second time in the same read.
    private func closeIfRefused(_ relay: Relay) {
        switch kind {
        case .publishers, .parent(.feed), .dialled: relay.execute()
        case .subscribers, .parent(.uplink): break
        }
    }

    func connectionDidEndRead(_ connection: Connection) {
        onHome(connection) { relay, _ in relay.flush() }
    }

    func connectionDidDrain(_ connection: Connection) {
        guard connection.slot != Self.linkSlot else {
            let waiting = connection.outbox.queuedPieceByteCount
            return onHome(connection) { relay, _ in
                relay.links.handleDrain(connection, waitingByteCount: waiting)
            }
        }
        switch kind {
        case .subscribers, .dialled:
            guard !connection.outbox.wantsPause else { return }
            onHome(connection) { relay, port in relay.handleDrain(connection, port.kind) }
        case .parent(.uplink): relay?.handleDrain(connection, kind)
        case .publishers, .parent(.feed): break
        }
    }

    func connectionDidClose(_ connection: Connection, reason: DisconnectReason) {
        onHome(connection) { relay, _ in relay.handleClosed(connection, reason) }
    }

    /// Marks a connection of a tree link.
    private static let linkSlot = 1

    /// The tree of a link to another relay; `nil` for a plain peer.
    private func linkTree(_ peer: RemotePeer) -> String? {
        switch kind {
        case .parent(let parent): relay?.configuration.seats[parent.tree.rawValue].tree
        case .publishers, .subscribers: LinkClaim(peer)?.tree
        case .dialled: nil
        }
    }

    /// Whether children come here to be fed.
    private var isFeeding: Bool {
        if case .subscribers = kind { true } else { false }
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
