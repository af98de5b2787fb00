import Vocabulary
import DataPlane
import Foundation
import NIOCore
import Patterns
import Routing
import Transports

extension Relay {
    /// A snapshot of everything the relay counts. A relay that has stopped gives its name and nothing else.
    public func status() async -> NodeStatus {
        let status = await lifetime.visit {
            let peers = (try? await peerStatus().get()) ?? []
            let sent = (try? await fanOut.counters().get()) ?? OutboxCounters()
            return try? await home.submit { self.makeStatus(peers, sent) }.get()
        }
        return (status ?? nil)
            ?? NodeStatus(
                name: configuration.name,
                pid: Int(ProcessInfo.processInfo.processIdentifier),
                uptimeSeconds: 0,
                endpoints: endpointStatus,
                plan: planStatus,
                totals: .init(),
                trees: [],
                peers: [],
                islands: []
            )
    }

    private var endpointStatus: NodeStatus.Endpoints {
        .init(
            publishers: endpoints?.publishers.description ?? configuration.publishers.told,
            subscribers: endpoints?.subscribers.description ?? configuration.subscribers.told,
            listening: doors.status
        )
    }

    private var planStatus: NodeStatus.Plan? {
        configuration.planIdentity.map { .init(id: $0.id, epoch: $0.epoch) }
    }

    private var dialledStatus: [NodeStatus.Dialled] {
        configuration.dialled.enumerated().map { number, peer in
            NodeStatus.Dialled(
                side: peer.side.rawValue,
                endpoint: peer.endpoint,
                tree: peer.tree.map { configuration.seats[$0.rawValue].tree },
                isConnected: watches[number].watch.isConnected,
                problem: watches[number].watch.problem
            )
        }
    }

    /// Each peer's counters are read on its own loop.
    private func peerStatus() -> EventLoopFuture<[NodeStatus.Peer]> {
        home.flatSubmit {
            let parts = self.connections.values.sorted { $0.id < $1.id }.compactMap {
                connection -> EventLoopFuture<NodeStatus.Peer>? in
                guard let prepared = self.describe(connection) else { return nil }
                return connection.loop.submit { prepared.reading(connection) }
            }
            return EventLoopFuture.whenAllSucceed(parts, on: self.home)
        }
    }

    /// `nil` for one that was refused.
    private func describe(_ connection: Connection) -> NodeStatus.Peer? {
        guard let peer = instance.peer(RelayPeer.ID(connection.id)) else { return nil }
        let isParent = peer.role.isParent
        return NodeStatus.Peer(
            id: connection.id,
            role: peer.role.name,
            address: connection.peerDescription,
            node: isParent
                ? peer.tree.flatMap { configuration.seats[$0.rawValue].parent?.name } : peer.node,
            tree: peer.tree.map { configuration.seats[$0.rawValue].tree },
            receivedMessages: 0,
            receivedBytes: 0,
            sentMessages: 0,
            sentBytes: 0,
            droppedMessages: 0,
            queuedMessages: 0,
            queuedBytes: 0,
            subscriptions: peer.subscriber.map { instance.interest.subscriptionCount(of: $0) } ?? 0
        )
    }

    private func makeStatus(_ peers: [NodeStatus.Peer], _ sent: OutboxCounters) -> NodeStatus {
        var totals = NodeStatus.Totals()
        totals.receivedMessages = traffic.receivedMessageCount
        totals.receivedBytes = traffic.receivedByteCount
        totals.unwantedMessages = traffic.unwantedMessageCount
        totals.unroutableMessages = traffic.unroutableMessageCount
        totals.orphanedMessages = traffic.orphanedMessageCount
        totals.limitDisconnects = traffic.limitDisconnectCount
        totals.sentMessages = sent.sentMessageCount
        totals.sentBytes = sent.sentByteCount
        totals.droppedMessages = sent.droppedMessageCount + traffic.uplinkDroppedMessageCount
        for island in served.joined() {
            let counters = island.source.counters
            totals.sentMessages += counters.sentMessageCount
            totals.sentBytes += counters.sentByteCount
            totals.droppedMessages += counters.droppedMessageCount
            totals.queuedMessages += island.source.queuedMessageCount
        }
        for number in policies.indices {
            guard let uplink = uplink(of: TreeID(number)) else { continue }
            totals.droppedMessages += uplink.outbox.counters.droppedMessageCount
        }
        totals.topics = instance.interest.topicCount
        for peer in peers {
            totals.queuedMessages += peer.queuedMessages
            totals.queuedBytes += peer.queuedBytes
            totals.subscriptions += peer.subscriptions
        }
        for id in connections.keys {
            switch instance.peer(id)?.role {
            case .publisher, .treePublisher: totals.publishers += 1
            case .subscriber, .treeSubscriber: totals.subscribers += 1
            // Every child has one; those that hear a group have no feed.
            case .childUplink: totals.children += 1
            case .childFeed, .parentFeed, .parentUplink, nil: break
            }
        }
        return NodeStatus(
            name: configuration.name,
            pid: Int(ProcessInfo.processInfo.processIdentifier),
            uptimeSeconds: Double((NIODeadline.now() - startedAt).nanoseconds) / 1e9,
            endpoints: endpointStatus,
            plan: planStatus,
            totals: totals,
            trees: treeStatus,
            peers: peers,
            islands: islandStatus,
            dialled: dialledStatus
        )
    }

    private var islandStatus: [NodeStatus.Island] {
        configuration.seats.enumerated().flatMap { number, seat in
            served[number].map { $0.status(treeName: seat.tree) }
                + groupFeeds.indices.filter { groupFeeds[$0].tree.rawValue == number }
                .map { groupFeeds[$0].status(instance.group(GroupID($0)), treeName: seat.tree) }
        }
    }

    private var treeStatus: [NodeStatus.Tree] {
        configuration.seats.enumerated().map { number, seat in
            NodeStatus.Tree(
                name: seat.tree,
                rank: seat.rank,
                parent: seat.parent?.name,
                isConnected: instance.isConnected(TreeID(number)),
                problem: watches.problem(of: TreeID(number)),
                overflow: seat.overflow.rawValue
            )
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
    /// Adds what is read on the connection's loop.
    fileprivate func reading(_ connection: Connection) -> NodeStatus.Peer {
        var peer = self
        let counters = connection.outbox.counters
        peer.receivedMessages = connection.received.messageCount
        peer.receivedBytes = connection.received.byteCount
        peer.sentMessages = counters.sentMessageCount
        peer.sentBytes = counters.sentByteCount
        peer.droppedMessages = counters.droppedMessageCount
        peer.queuedMessages = connection.outbox.queuedMessageCount
        peer.queuedBytes = connection.outbox.queuedByteCount
        return peer
    }
}
