import Patterns
import Routing
import Simulation

/// The shell of a relay on a simulated network: what `RouterNode` does with sockets, with the same core.
final class SimulatedRelay {
    private struct Peer {
        var connection: ConnectionID
        /// `nil` for a plain one.
        var tree: TreeID?
    }

    let number: Int
    private(set) var core: InterestCore
    private var subscribers: [Peer?] = []
    private var publishers: [Peer] = []
    private(set) var feeds: [ConnectionID?]
    private(set) var uplinks: [ConnectionID?]
    private let send: (FleetPacket, ConnectionID) -> Void
    /// Messages that came from the parent although nobody below wants them.
    private(set) var unwanted: [FleetMessage] = []

    init(
        number: Int,
        shape: Shape,
        send: @escaping (FleetPacket, ConnectionID) -> Void
    ) {
        self.number = number
        self.send = send
        core = InterestCore(
            seats: shape.trees.enumerated().map { index, tree in
                TreeSeat(
                    name: "tree \(index)",
                    prefixes: [tree.prefix],
                    isRoot: tree.root == number,
                    rank: tree.levels[number]
                )
            }
        )
        feeds = Array(repeating: nil, count: shape.trees.count)
        uplinks = feeds
    }

    // MARK: - Connections

    func handleSubscriberOpened(_ connection: ConnectionID, tree: TreeID?) {
        let peer = Peer(connection: connection, tree: tree)
        if let free = subscribers.firstIndex(where: { $0 == nil }) {
            subscribers[free] = peer
        } else {
            subscribers.append(peer)
        }
    }

    func handlePublisherOpened(_ connection: ConnectionID, tree: TreeID?) {
        publishers.append(Peer(connection: connection, tree: tree))
        core.forEachDemand(of: tree) {
            send(.subscription(Array($0), isSubscribe: true), connection)
        }
    }

    func handleFeedOpened(_ connection: ConnectionID, tree: Int) {
        feeds[tree] = connection
        core.forEachBranchTopic(of: TreeID(tree)) {
            send(.subscription(Array($0), isSubscribe: true), connection)
        }
    }

    func handleUplinkOpened(_ connection: ConnectionID, tree: Int) {
        uplinks[tree] = connection
        core.handleParentConnected(TreeID(tree))
        announce()
    }

    func handleSettled(tree: Int, connection: ConnectionID) {
        guard uplinks[tree] == connection else { return }
        core.handleDemandSettled(TreeID(tree))
        announce()
    }

    func handleClosed(_ connection: ConnectionID) {
        for tree in feeds.indices {
            if feeds[tree] == connection { feeds[tree] = nil }
            if uplinks[tree] == connection { uplinks[tree] = nil }
        }
        publishers.removeAll { $0.connection == connection }
        if let index = subscribers.firstIndex(where: { $0?.connection == connection }) {
            subscribers[index] = nil
            core.handleDeparture(of: SubscriberID(UInt32(index)))
            announce()
        }
    }

    // MARK: - Packets

    func handle(_ packet: FleetPacket, on connection: ConnectionID) {
        switch packet {
        case .subscription(let topic, let isSubscribe):
            handleSubscription(topic, isSubscribe: isSubscribe, on: connection)
            announce()
        case .message(let message):
            if let tree = feeds.firstIndex(of: connection) {
                if !distribute(message, in: TreeID(tree)) { unwanted.append(message) }
            } else if let peer = publishers.first(where: { $0.connection == connection }) {
                let tree = peer.tree ?? message.topic.withUnsafeBytes { core.tree(of: $0) }
                if let tree { route(message, in: tree) }
            }
        }
    }

    private func handleSubscription(
        _ topic: [UInt8],
        isSubscribe: Bool,
        on connection: ConnectionID
    ) {
        topic.withUnsafeBytes { bytes in
            if let tree = uplinks.firstIndex(of: connection) {
                core.handleDemand(bytes, isSubscribe: isSubscribe, in: TreeID(tree))
            } else if let index = subscribers.firstIndex(where: { $0?.connection == connection }),
                let peer = subscribers[index]
            {
                let subscriber = SubscriberID(UInt32(index))
                if isSubscribe {
                    core.handleSubscribe(bytes, by: subscriber, in: peer.tree)
                } else {
                    core.handleCancel(bytes, by: subscriber, in: peer.tree)
                }
            }
        }
    }

    private func route(_ message: FleetMessage, in tree: TreeID) {
        if core.seat(tree).isRoot {
            _ = distribute(message, in: tree)
        } else if let uplink = uplinks[tree.rawValue] {
            send(.message(message), uplink)
        }
    }

    /// Whether anybody wanted it.
    private func distribute(_ message: FleetMessage, in tree: TreeID) -> Bool {
        let receivers = core.receivers(of: message.topic, in: tree)
        for receiver in receivers {
            guard let peer = subscribers[Int(receiver.rawValue)] else { continue }
            send(.message(message), peer.connection)
        }
        return !receivers.isEmpty
    }

    private func announce() {
        core.drainAnnouncements { tree, audience, topic, isSubscribe in
            let packet = FleetPacket.subscription(Array(topic), isSubscribe: isSubscribe)
            switch audience {
            case .parent:
                if let feed = feeds[tree.rawValue] { send(packet, feed) }
            case .publishers:
                for peer in publishers where peer.tree == nil || peer.tree == tree {
                    send(packet, peer.connection)
                }
            }
        }
    }
}
