import DataPlane
import NIOCore
import Patterns
import Routing
import Transports

/// Who holds whom up, on the home loop.
extension StatusReader {
    func holdUps(_ peers: [NodeStatus.Peer]) -> [NodeStatus.HoldUp] {
        guard !relay.pauses.isEmpty else { return [] }
        var held: [(queue: HoldingQueue, peers: [UInt64])] = []
        for id in relay.pauses.keys.sorted(by: { $0.rawValue < $1.rawValue }) {
            for queue in relay.instance.queuesHolding(id) {
                if let place = held.firstIndex(where: { $0.queue == queue }) {
                    held[place].peers.append(id.rawValue)
                } else {
                    held.append((queue, [id.rawValue]))
                }
            }
        }
        let holdUps = held.flatMap { holders(of: $0.queue, holding: $0.peers, peers) }
        return holdUps.sorted { $0.seconds > $1.seconds }
    }

    private func holders(
        of queue: HoldingQueue,
        holding held: [UInt64],
        _ peers: [NodeStatus.Peer]
    ) -> [NodeStatus.HoldUp] {
        switch queue {
        case .down(let queue):
            relay.fanOut.congestedSubscribers(group: Relay.fanOutGroup(of: queue)).map {
                holder($0.subscriber, seconds: seconds(since: $0.since), holding: held, peers)
            }
        case .uplink(let tree): [parent(of: tree, holding: held)]
        case .islands(let tree):
            relay.served[tree.rawValue].filter(\.source.wantsPause).map { island in
                NodeStatus.HoldUp(
                    role: "segment",
                    node: island.configuration.segment,
                    address: island.configuration.endpoint,
                    tree: relay.configuration.seats[tree.rawValue].tree,
                    queuedMessages: island.source.queuedMessageCount,
                    queuedBytes: island.source.queuedByteCount,
                    seconds: island.fullSince.map { seconds(since: $0) } ?? 0,
                    holds: held
                )
            }
        }
    }

    private func holder(
        _ subscriber: SubscriberID,
        seconds: Double,
        holding held: [UInt64],
        _ peers: [NodeStatus.Peer]
    ) -> NodeStatus.HoldUp {
        let peer = peers.first {
            relay.instance.peer(RelayPeer.ID($0.id))?.subscriber == subscriber
        }
        let child = relay.instance.absentChild(of: subscriber)
        return NodeStatus.HoldUp(
            role: peer?.role ?? (child == nil ? "subscriber" : "child-feed"),
            peer: peer?.id,
            node: peer?.node ?? child?.node,
            address: peer?.address,
            tree: peer?.tree ?? child.map { relay.configuration.seats[$0.tree.rawValue].tree },
            queuedMessages: peer?.queuedMessages,
            queuedBytes: peer?.queuedBytes,
            seconds: seconds,
            holds: held
        )
    }

    private func parent(of tree: TreeID, holding held: [UInt64]) -> NodeStatus.HoldUp {
        let seat = relay.configuration.seats[tree.rawValue]
        let connection = relay.uplink(of: tree)
        let outbox = relay.upwardOutbox(of: tree)
        return NodeStatus.HoldUp(
            role: "parent-uplink",
            peer: connection?.id,
            node: seat.parent?.name,
            address: connection?.peerDescription,
            tree: seat.tree,
            queuedMessages: outbox?.queuedMessageCount,
            queuedBytes: outbox?.queuedByteCount,
            seconds: relay.uplinkFullSince[tree.rawValue].map { seconds(since: $0) } ?? 0,
            holds: held
        )
    }
}
