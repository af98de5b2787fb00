import Patterns
import Routing
import Simulation
import Wire

/// A production relay on the simulated network: the shell around `RelayInstance`, and nothing else.
final class RelayHost {
    /// What a host does with its node.
    struct Links {
        var dial: (ParentConnection) -> Void
        var send: (FleetPacket, ConnectionID) -> Void
        var close: (ConnectionID) -> Void
        var setReading: (ConnectionID, Bool) -> Void
        /// Whether as much as may be waits at the other end of a connection.
        var isFull: (ConnectionID) -> Bool
        var ring: (Instant) -> Void
    }

    private struct Subscriber {
        var connection: ConnectionID
        var queue: DownQueue
    }

    let number: Int
    private(set) var instance: RelayInstance
    private let links: Links
    private let treeCount: Int
    /// By subscriber id; `nil` = free.
    private var subscribers: [Subscriber?] = []
    private var ringsAt: Instant?
    /// Messages that came from the parent although nobody below wants them.
    private(set) var unwanted: [FleetMessage] = []
    /// Messages that came while there was no parent.
    private(set) var orphanedCount = 0

    init(number: Int, shape: Shape, links: Links) {
        self.number = number
        self.links = links
        treeCount = shape.trees.count
        instance = RelayInstance(
            RelaySetup(
                seats: shape.trees.enumerated().map { index, tree in
                    TreeSeat(
                        name: Shape.name(of: index),
                        prefixes: [tree.prefix],
                        isRoot: tree.root == number,
                        rank: tree.levels[number],
                        isBlocking: shape.isBlocking
                    )
                }
            )
        )
    }

    // MARK: - Events

    func start() {
        instance.handleStart()
        execute()
    }

    func handleOpened(_ connection: ConnectionID, _ arrival: Arrival, at now: Instant) {
        instance.handleConnected(RelayPeer.ID(connection), arrival, at: now)
        execute()
    }

    func handleClosed(_ connection: ConnectionID) {
        instance.handleDisconnected(RelayPeer.ID(connection))
        execute()
        reportQueues()
    }

    func handleRing(at now: Instant) {
        guard let deadline = instance.deadline, deadline <= now else { return }
        instance.handleTimeout(at: now)
        execute()
    }

    func handle(_ packet: FleetPacket, on connection: ConnectionID) {
        switch packet {
        case .subscription(let topic, let isSubscribe):
            topic.withUnsafeBytes {
                instance.handleSubscription(
                    $0,
                    isSubscribe: isSubscribe,
                    from: RelayPeer.ID(connection)
                )
            }
            execute()
        case .message(let message): handle(message, from: RelayPeer.ID(connection))
        }
        reportQueues()
    }

    /// Queues may be full, or have room again.
    func reportQueues() {
        for queue in [.subscribers] + (0..<treeCount).map({ DownQueue.children(TreeID($0)) }) {
            let isFull = subscribers.contains { subscriber in
                subscriber.map { $0.queue == queue && links.isFull($0.connection) } ?? false
            }
            instance.handleQueue(queue, isFull: isFull)
        }
        for tree in (0..<treeCount).map(TreeID.init) {
            guard case .up(let parent) = instance.destination(in: tree) else { continue }
            instance.handleUplinkQueue(of: tree, isFull: links.isFull(parent.connection))
        }
        execute()
    }

    // MARK: - Messages

    private func handle(_ message: FleetMessage, from id: RelayPeer.ID) {
        guard let peer = instance.peer(id) else { return }
        switch peer.role {
        case .publisher:
            let tree = message.topic.withUnsafeBytes { instance.interest.tree(of: $0) }
            if let tree { route(message, in: tree) }
        case .childUplink(let tree), .treePublisher(let tree): route(message, in: tree)
        case .parentFeed(let tree):
            if !distribute(message, in: tree) { unwanted.append(message) }
        case .subscriber, .treeSubscriber, .childFeed, .parentUplink: break
        }
    }

    private func route(_ message: FleetMessage, in tree: TreeID) {
        switch instance.destination(in: tree) {
        case .down: _ = distribute(message, in: tree)
        case .up(let parent): links.send(.message(message), parent.connection)
        case .nowhere: orphanedCount += 1
        }
    }

    /// Whether anybody wanted it.
    private func distribute(_ message: FleetMessage, in tree: TreeID) -> Bool {
        let receivers = instance.interest.receivers(of: message.topic, in: tree)
        for receiver in receivers {
            guard let subscriber = subscribers[Int(receiver.rawValue)] else { continue }
            links.send(.message(message), subscriber.connection)
        }
        return !receivers.isEmpty
    }

    // MARK: - Directives

    private func execute() {
        while let directive = instance.nextDirective() { perform(directive) }
        guard let deadline = instance.deadline, deadline != ringsAt else { return }
        ringsAt = deadline
        links.ring(deadline)
    }

    private func perform(_ directive: RelayDirective) {
        switch directive {
        case .connect(let parent): links.dial(parent)
        case .attach(let peer, let queue): attach(peer, to: queue)
        case .detach(let subscriber): subscribers[Int(subscriber.rawValue)] = nil
        case .disconnect(let peer, _): links.close(peer.connection)
        case .setReading(let peer, let isReading): links.setReading(peer.connection, isReading)
        case .sendInterest(let interest, let peer):
            instance.forEachTopic(of: interest) {
                links.send(.subscription(Array($0), isSubscribe: true), peer.connection)
            }
        case .announce(let announcement):
            for recipient in announcement.recipients {
                announcement.forEachChange { topic, isSubscribe in
                    let packet = FleetPacket.subscription(Array(topic), isSubscribe: isSubscribe)
                    links.send(packet, recipient.connection)
                }
            }
        // There is no multicast here.
        case .open, .join, .leave, .setGroupReading, .report: break
        }
    }

    private func attach(_ peer: RelayPeer.ID, to queue: DownQueue) {
        let subscriber = Subscriber(connection: peer.connection, queue: queue)
        let place = subscribers.firstIndex { $0 == nil } ?? subscribers.count
        if place == subscribers.count { subscribers.append(nil) }
        subscribers[place] = subscriber
        instance.handleAttached(peer, as: SubscriberID(UInt32(place)))
    }
}

extension RelayPeer.ID {
    init(_ connection: ConnectionID) {
        self.init(UInt64(connection.rawValue))
    }

    var connection: ConnectionID { ConnectionID(Int(rawValue)) }
}
