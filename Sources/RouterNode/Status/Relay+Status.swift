import Vocabulary
import DataPlane
import Foundation
import NIOCore
import Patterns
import Routing
import Transports

extension Relay {
    /// A snapshot of everything the relay counts; of a stopped relay only its name is left.
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
                totals: .init(),
                trees: [],
                peers: [],
                islands: []
            )
    }

    private var endpointStatus: NodeStatus.Endpoints {
        .init(
            publishers: endpoints?.publishers.description ?? configuration.publishersEndpoint,
            subscribers: endpoints?.subscribers.description ?? configuration.subscribersEndpoint
        )
    }

    /// Each peer's counters are read on its own loop.
    private func peerStatus() -> EventLoopFuture<[NodeStatus.Peer]> {
        home.flatSubmit {
            let parts = self.peers.values.sorted { $0.connection.id < $1.connection.id }.map {
                peer in
                let prepared = self.describe(peer)
                let connection = peer.connection
                return connection.loop.submit { prepared.reading(connection) }
            }
            return EventLoopFuture.whenAllSucceed(parts, on: self.home)
        }
    }

    private func describe(_ peer: RelayPeer) -> NodeStatus.Peer {
        NodeStatus.Peer(
            id: peer.connection.id,
            role: peer.role.rawValue,
            address: peer.connection.peerDescription,
            node: peer.node,
            tree: peer.tree.map { core.seat($0).name },
            receivedMessages: 0,
            receivedBytes: 0,
            sentMessages: 0,
            sentBytes: 0,
            droppedMessages: 0,
            queuedMessages: 0,
            queuedBytes: 0,
            subscriptions: peer.subscriber.map { core.subscriptionCount(of: $0) } ?? 0
        )
    }

    private func makeStatus(_ peers: [NodeStatus.Peer], _ sent: OutboxCounters) -> NodeStatus {
        var totals = NodeStatus.Totals()
        totals.receivedMessages = traffic.receivedMessageCount
        totals.receivedBytes = traffic.receivedByteCount
        totals.unwantedMessages = traffic.unwantedMessageCount
        totals.unroutableMessages = traffic.unroutableMessageCount
        totals.orphanedMessages = traffic.orphanedMessageCount
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
        for case let uplink? in uplinks {
            totals.droppedMessages += uplink.outbox.counters.droppedMessageCount
        }
        totals.topics = core.topicCount
        for peer in peers {
            totals.queuedMessages += peer.queuedMessages
            totals.queuedBytes += peer.queuedBytes
            totals.subscriptions += peer.subscriptions
        }
        for peer in self.peers.values {
            switch peer.role {
            case .publisher: totals.publishers += 1
            case .subscriber: totals.subscribers += 1
            // Every child has one; a feed has only who does not hear a group.
            case .childUplink: totals.children += 1
            case .childFeed, .parentFeed, .parentUplink: break
            }
        }
        return NodeStatus(
            name: configuration.name,
            pid: Int(ProcessInfo.processInfo.processIdentifier),
            uptimeSeconds: Double((NIODeadline.now() - startedAt).nanoseconds) / 1e9,
            endpoints: endpointStatus,
            totals: totals,
            trees: treeStatus,
            peers: peers,
            islands: islandStatus
        )
    }

    private func hasFeed(of tree: TreeID) -> Bool {
        let isHearing = groupFeeds.contains {
            $0.tree == tree && $0.isParent && $0.state == .receiving
        }
        return isHearing || feeds[tree.rawValue] != nil
    }

    private var islandStatus: [NodeStatus.Island] {
        configuration.seats.enumerated().flatMap { number, seat in
            served[number].map { $0.status(treeName: seat.tree) }
                + groupFeeds.filter { $0.tree.rawValue == number }
                .map { $0.status(treeName: seat.tree) }
        }
    }

    private var treeStatus: [NodeStatus.Tree] {
        configuration.seats.enumerated().map { number, seat in
            let isUp = uplinks[number] != nil && hasFeed(of: TreeID(number))
            return NodeStatus.Tree(
                name: seat.tree,
                rank: seat.rank,
                parent: seat.parent?.name,
                isConnected: seat.parent == nil || isUp,
                overflow: seat.overflow.rawValue
            )
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
