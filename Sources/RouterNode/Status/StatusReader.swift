import DataPlane
import Foundation
import NIOCore
import Patterns
import Routing
import Transports
import Vocabulary

/// Reads a relay's status; on its home loop, but for `peers()` and `nameOnly`.
struct StatusReader: Sendable {
    let relay: Relay

    init(_ relay: Relay) {
        self.relay = relay
    }

    /// Of a relay that has stopped.
    var nameOnly: NodeStatus {
        NodeStatus(
            name: relay.configuration.name,
            pid: Int(ProcessInfo.processInfo.processIdentifier),
            uptimeSeconds: 0,
            endpoints: endpointStatus,
            plan: planStatus,
            totals: .init(),
            balance: .init(),
            memory: .init(),
            restarts: relay.configuration.restartCount,
            trees: [],
            peers: [],
            departed: [],
            lastDeparted: [],
            holdUps: [],
            islands: []
        )
    }

    private var endpointStatus: NodeStatus.Endpoints {
        .init(
            publishers: relay.endpoints?.publishers.description
                ?? relay.configuration.publishers.told,
            subscribers: relay.endpoints?.subscribers.description
                ?? relay.configuration.subscribers.told,
            listening: relay.doors.status
        )
    }

    private var planStatus: NodeStatus.Plan? {
        relay.configuration.planIdentity.map { .init(id: $0.id, epoch: $0.epoch) }
    }

    private var dialledStatus: [NodeStatus.Dialled] {
        relay.configuration.dialled.enumerated().map { number, peer in
            NodeStatus.Dialled(
                side: peer.side.rawValue,
                endpoint: peer.endpoint,
                tree: peer.tree.map { relay.configuration.seats[$0.rawValue].tree },
                isConnected: relay.watches[number].watch.isConnected,
                problem: relay.watches[number].watch.problem
            )
        }
    }

    /// Each peer's counters are read on its own loop.
    func peers() -> EventLoopFuture<[NodeStatus.Peer]> {
        relay.home.flatSubmit {
            let parts = relay.connections.values.sorted { $0.id < $1.id }.compactMap {
                connection -> EventLoopFuture<NodeStatus.Peer>? in
                guard let prepared = describe(connection) else { return nil }
                return connection.loop.submit { prepared.reading(connection) }
            }
            return EventLoopFuture.whenAllSucceed(parts + linkPeers(), on: relay.home)
        }
    }

    /// The connections of tree links, in the order in which they came.
    private func linkPeers() -> [EventLoopFuture<NodeStatus.Peer>] {
        relay.links.trees.compactMap { $0?.isRunning ?? false ? $0 : nil }
            .flatMap(StatusLane.all)
            .sorted { $0.connection.id < $1.connection.id }
            .map { lane in
                let peer = NodeStatus.Peer(lane)
                return lane.connection.loop.submit { peer.reading(lane.connection) }
            }
    }

    /// Its place in the status, without its counters; `nil` for one that was refused.
    func describe(_ connection: Connection) -> NodeStatus.Peer? {
        guard let peer = relay.instance.peer(RelayPeer.ID(connection.id)) else { return nil }
        let isParent = peer.role.isParent
        let refusals = relay.instance.access?.refusals(of: RelayPeer.ID(connection.id))
        return NodeStatus.Peer(
            id: connection.id,
            role: peer.role.name,
            address: connection.peerDescription,
            node: isParent
                ? peer.tree.flatMap { relay.configuration.seats[$0.rawValue].parent?.name }
                : peer.node,
            tree: peer.tree.map { relay.configuration.seats[$0.rawValue].tree },
            receivedMessages: 0,
            receivedBytes: 0,
            sentMessages: 0,
            sentBytes: 0,
            droppedMessages: 0,
            queuedMessages: 0,
            queuedBytes: 0,
            subscriptions: peer.subscriber.map { relay.instance.interest.subscriptionCount(of: $0) }
                ?? 0,
            refusedMessages: refusals?.messageCount,
            refusedSubscriptions: refusals?.subscriptionCount,
            pausedSeconds: relay.pauses[RelayPeer.ID(connection.id)].map { seconds(since: $0) }
        )
    }

    func status(_ peers: [NodeStatus.Peer], _ down: DeliveryBook) -> NodeStatus {
        let ledger = relay.instance.ledger
        let groups = islandBook
        var book = down
        book.add(groups)
        book.add(homeBook)
        var drops = ledger.drops
        drops.add(book.counters.drops)
        var totals = NodeStatus.Totals()
        totals.receivedMessages = ledger.receivedMessageCount
        totals.receivedBytes = ledger.receivedByteCount
        totals.unwantedMessages = ledger.filteredMessageCount
        totals.unroutableMessages = drops[.noTree]
        totals.orphanedMessages = drops[.noParent]
        totals.limitDisconnects = relay.departures.limitDisconnectCount
        totals.acceptPauses = relay.sockets.acceptPauseCount
        totals.sentMessages = down.counters.sentMessageCount + groups.counters.sentMessageCount
        totals.sentBytes = down.counters.sentByteCount + groups.counters.sentByteCount
        totals.droppedMessages = drops.total
        totals.drops = drops.byWord
        totals.queuedMessages = book.queuedMessageCount
        totals.queuedBytes = book.queuedByteCount
        totals.refusedSubscriptions = relay.instance.access?.refusedSubscriptionCount
        totals.topics = relay.instance.interest.topicCount
        for peer in peers { totals.subscriptions += peer.subscriptions }
        for id in relay.connections.keys {
            switch relay.instance.peer(id)?.role {
            case .publisher, .treePublisher: totals.publishers += 1
            case .subscriber, .treeSubscriber: totals.subscribers += 1
            // Every child has one; those that hear a group have no feed.
            case .childUplink: totals.children += 1
            case .childFeed, .parentFeed, .parentUplink, nil: break
            }
        }
        for case let link? in relay.links.trees { totals.children += link.children.uplinks.count }
        return NodeStatus(
            name: relay.configuration.name,
            pid: Int(ProcessInfo.processInfo.processIdentifier),
            uptimeSeconds: seconds(since: relay.startedAt),
            endpoints: endpointStatus,
            plan: planStatus,
            totals: totals,
            balance: NodeStatus.Balance(ledger, book),
            memory: .init(held: relay.budget.byteCount, limit: relay.budget.byteCountMax),
            restarts: relay.configuration.restartCount,
            trees: treeStatus,
            peers: peers,
            departed: relay.departures.sums,
            lastDeparted: relay.departures.last,
            holdUps: holdUps(peers),
            islands: islandStatus,
            dialled: dialledStatus
        )
    }

    func seconds(since start: NIODeadline) -> Double {
        Double((NIODeadline.now() - start).nanoseconds) / 1e9
    }

    /// What does not go through the fan-out, over connections present and past.
    private var homeBook: DeliveryBook {
        var book = relay.homeBook
        for (id, connection) in relay.connections where connection.loop === relay.home {
            if let peer = relay.instance.peer(id), peer.subscriber == nil {
                book.add(connection.outbox)
            }
        }
        for (_, connection) in relay.links.peers.values where connection.loop === relay.home {
            book.add(connection.outbox)
        }
        for case let room? in relay.waitingRooms { book.add(room) }
        return book
    }

    private var islandBook: DeliveryBook {
        var book = DeliveryBook()
        for island in relay.served.joined() { book.add(island.book) }
        return book
    }

    private var islandStatus: [NodeStatus.Island] {
        relay.configuration.seats.enumerated().flatMap { number, seat in
            relay.served[number].map { $0.status(treeName: seat.tree) }
                + relay.groupFeeds.indices.filter { relay.groupFeeds[$0].tree.rawValue == number }
                .map {
                    relay.groupFeeds[$0].status(
                        relay.instance.group(GroupID($0)),
                        treeName: seat.tree
                    )
                }
        }
    }

    private var treeStatus: [NodeStatus.Tree] {
        relay.configuration.seats.enumerated().map { number, seat in
            let link = relay.links[TreeID(number)]
            var tree = NodeStatus.Tree(
                name: seat.tree,
                rank: seat.rank,
                parent: seat.parent?.name,
                isConnected: relay.instance.isConnected(TreeID(number)),
                problem: relay.watches.problem(of: TreeID(number)),
                overflow: seat.overflow.rawValue
            )
            guard let link else { return tree }
            tree.parent = link.core.isRoot ? nil : link.core.parent ?? seat.parent?.name
            tree.isConnected = link.core.isAttached
            tree.problem = link.core.isAttached ? nil : link.news.problem
            tree.link = NodeStatus.Link(link)
            return tree
        }
    }
}

extension RelayPeer.Role {
    fileprivate var name: String {
        switch self {
        case .publisher, .treePublisher: "publisher"
        case .subscriber, .treeSubscriber: "subscriber"
        case .childFeed: "child-feed"
        case .childUplink: "child-uplink"
        case .parentFeed: "parent-feed"
        case .parentUplink: "parent-uplink"
        }
    }

    fileprivate var isParent: Bool {
        switch self {
        case .parentFeed, .parentUplink: true
        case .publisher, .subscriber, .treePublisher, .treeSubscriber, .childFeed, .childUplink:
            false
        }
    }
}

extension NodeStatus.Peer {
    /// With what is read on the connection's loop.
    func reading(_ connection: Connection) -> NodeStatus.Peer {
        var peer = self
        let counters = connection.outbox.counters
        peer.receivedMessages = connection.received.messageCount
        peer.receivedBytes = connection.received.byteCount
        peer.sentMessages = counters.sentMessageCount
        peer.sentBytes = counters.sentByteCount
        peer.droppedMessages = counters.droppedMessageCount
        peer.drops = counters.drops.byWord
        peer.queuedMessages = connection.outbox.queuedMessageCount
        peer.queuedBytes = connection.outbox.queuedByteCount
        return peer
    }
}
