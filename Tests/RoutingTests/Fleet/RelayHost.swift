import NIOCore
import NIOEmbedded
import Patterns
import Routing
import Simulation
import Transports
import Vocabulary
import Wire

/// A production relay on the simulated network: the shell around `RelayInstance` and the production queues, and nothing else.
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

    /// What waits for one peer.
    struct Queue {
        var connection: ConnectionID
        var outbox: Outbox
    }

    let number: Int
    private(set) var instance: RelayInstance
    private let links: Links
    private let policies: [OverflowPolicy]
    private let queueLimit: QueueLimit
    private let loop = EmbeddedEventLoop()
    /// By tree: what waits for a parent, where the tree blocks.
    private(set) var waitingRooms: [Outbox?] = []
    /// By subscriber id; `nil` = free.
    private var subscribers: [Subscriber?] = []
    /// In the order in which they connected, so that a seed repeats its run.
    private(set) var queues: [Queue] = []
    /// Of connections that have ended.
    private(set) var departed = OutboxCounters()
    /// Messages times receivers.
    private(set) var owedCount = 0
    /// What the network brought and took, counted where it happens.
    private(set) var seenReceivedCount = 0
    private(set) var seenSentCount = 0
    private var ringsAt: Instant?
    /// Messages that came from the parent although nobody below wants them.
    private(set) var unwanted: [FleetMessage] = []

    init(number: Int, shape: Shape, queueLimit: QueueLimit, links: Links) {
        self.number = number
        self.links = links
        self.queueLimit = queueLimit
        policies = shape.trees.map(\.policy)
        instance = RelayInstance(
            RelaySetup(
                seats: shape.trees.enumerated().map { index, tree in
                    TreeSeat(
                        name: Shape.name(of: index),
                        prefixes: [tree.prefix],
                        isRoot: tree.root == number,
                        rank: tree.levels[number],
                        isBlocking: tree.policy == .block
                    )
                }
            )
        )
        waitingRooms = shape.trees.map { [loop] tree in
            guard tree.root != number, tree.policy == .block else { return nil }
            let stream = SimulatedStream(loop: loop, isFull: { true }, send: { _ in })
            let room = Outbox(stream: stream, limit: queueLimit)
            room.keepsQueue = true
            return room
        }
    }

    // MARK: - Events

    func start() {
        instance.handleStart()
        execute()
    }

    func handleOpened(_ connection: ConnectionID, _ arrival: Arrival, at now: Instant) {
        let outbox = makeOutbox(connection)
        outbox.keepsQueue = arrival.treeName.map { isBlocking($0) } ?? false
        queues.append(Queue(connection: connection, outbox: outbox))
        instance.handleConnected(RelayPeer.ID(connection), arrival, at: now)
        if case .parent(.uplink(let tree), _) = arrival, let room = waitingRooms[tree.rawValue] {
            outbox.keepsQueue = true
            outbox.adopt(room.takeLeftover())
        }
        execute()
        handleRelief()
    }

    private func isBlocking(_ tree: String) -> Bool {
        instance.interest.tree(named: tree).map { policies[$0.rawValue] == .block } ?? false
    }

    private func makeOutbox(_ connection: ConnectionID) -> Outbox {
        let stream = SimulatedStream(loop: loop) { [links] in
            links.isFull(connection)
        } send: { [unowned self] message in
            seenSentCount += 1
            links.send(.message(message), connection)
        }
        return Outbox(stream: stream, limit: queueLimit)
    }

    func handleClosed(_ connection: ConnectionID, at now: Instant) {
        let outbox = outbox(connection)
        outbox?.handleClose(.disconnected)
        if case .parentUplink(let tree)? = instance.peer(RelayPeer.ID(connection))?.role,
            let room = waitingRooms[tree.rawValue], let outbox
        {
            room.adopt(outbox.takeLeftover())
        }
        instance.handleDisconnected(RelayPeer.ID(connection), at: now)
        execute()
        let isKept = subscribers.contains { $0?.connection == connection }
        if !isKept { removeQueue(of: connection, .disconnected) }
        handleRelief()
    }

    private func removeQueue(of connection: ConnectionID, _ reason: DropReason) {
        guard let outbox = outbox(connection) else { return }
        outbox.abandon(reason)
        departed.add(outbox.counters)
        queues.removeAll { $0.connection == connection }
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
        case .message(let message):
            seenReceivedCount += 1
            instance.ledger.receive(messageCount: 1, byteCount: message.encoded.readableBytes)
            handle(message, from: RelayPeer.ID(connection))
        }
        handleRelief()
    }

    /// Streams may take more, and queues be full or have room again.
    func handleRelief() {
        for queue in queues { queue.outbox.drain() }
        let downQueues = policies.indices.map { DownQueue.children(TreeID($0)) }
        for queue in [.subscribers] + downQueues {
            let isFull = subscribers.contains { subscriber in
                subscriber.map { $0.queue == queue && wantsPause($0.connection) } ?? false
            }
            instance.handleQueue(queue, isFull: isFull)
        }
        for tree in policies.indices.map(TreeID.init) {
            guard let outbox = upwardOutbox(of: tree) else { continue }
            instance.handleUplinkQueue(of: tree, isFull: outbox.wantsPause)
        }
        execute()
    }

    private func upwardOutbox(of tree: TreeID) -> Outbox? {
        guard case .up(let parent) = instance.destination(in: tree) else {
            return waitingRooms[tree.rawValue]
        }
        return outbox(parent.connection)
    }

    private func wantsPause(_ connection: ConnectionID) -> Bool {
        outbox(connection)?.wantsPause ?? false
    }

    private func outbox(_ connection: ConnectionID) -> Outbox? {
        queues.first { $0.connection == connection }?.outbox
    }

    // MARK: - Messages

    private func handle(_ message: FleetMessage, from id: RelayPeer.ID) {
        switch instance.peer(id)?.role {
        case .publisher:
            let tree = message.topic.withUnsafeBytes { instance.interest.tree(of: $0) }
            guard let tree else { return instance.ledger.drop(1, .noTree) }
            route(message, in: tree)
        case .childUplink(let tree), .treePublisher(let tree): route(message, in: tree)
        case .parentFeed(let tree):
            if !distribute(message, in: tree) { unwanted.append(message) }
        case .subscriber, .treeSubscriber, .childFeed, .parentUplink, nil:
            // Nobody here reads what goes upstream.
            instance.ledger.route(messageCount: 1, filteredMessageCount: 1)
        }
    }

    private func route(_ message: FleetMessage, in tree: TreeID) {
        switch instance.destination(in: tree) {
        case .down: _ = distribute(message, in: tree)
        case .up, .nowhere:
            guard let outbox = upwardOutbox(of: tree) else {
                return instance.ledger.drop(1, .noParent)
            }
            instance.ledger.route(messageCount: 1)
            if !deliver(message, to: outbox, in: tree),
                case .up(let parent) = instance.destination(in: tree)
            {
                links.close(parent.connection)
            }
        }
    }

    /// Whether anybody wanted it.
    private func distribute(_ message: FleetMessage, in tree: TreeID) -> Bool {
        let receivers = instance.interest.receivers(of: message.topic, in: tree)
        instance.ledger.route(messageCount: 1, filteredMessageCount: receivers.isEmpty ? 1 : 0)
        for receiver in receivers {
            guard let subscriber = subscribers[Int(receiver.rawValue)] else { continue }
            let outbox = outbox(subscriber.connection)
            if !deliver(message, to: outbox, in: tree) { links.close(subscriber.connection) }
        }
        return !receivers.isEmpty
    }

    /// `false`: the peer is to be disconnected.
    private func deliver(_ message: FleetMessage, to outbox: Outbox?, in tree: TreeID) -> Bool {
        owedCount += 1
        guard let outbox else { return true }
        let run = message.encoded
        let verdict = run.withUnsafeReadableBytes {
            outbox.append(
                run,
                $0,
                0..<$0.count,
                messageCount: 1,
                policy: policies[tree.rawValue]
            )
        }
        return verdict != .disconnect
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
        case .resume(let peer, let subscriber): resume(peer.connection, as: subscriber)
        case .detach(let subscriber): detach(subscriber, .disconnected)
        case .giveUp(let subscriber, _, _): detach(subscriber, .expired)
        case .disconnect(let peer, _): links.close(peer.connection)
        case .setReading(let peer, let isReading): links.setReading(peer.connection, isReading)
        case .sendInterest(let interest, let peer):
            instance.interest.forEachTopic(of: interest) {
                links.send(.subscription(Array($0), isSubscribe: true), peer.connection)
            }
        case .announce(let announcement):
            for recipient in announcement.recipients {
                announcement.forEachChange { topic, isSubscribe in
                    let packet = FleetPacket.subscription(Array(topic), isSubscribe: isSubscribe)
                    links.send(packet, recipient.connection)
                }
            }
        // There is no multicast here, no numbered link, and nobody reads the news.
        case .open, .join, .leave, .setGroupReading, .report, .tellLink: break
        }
    }

    private func detach(_ subscriber: SubscriberID, _ reason: DropReason) {
        let place = Int(subscriber.rawValue)
        if let connection = subscribers[place]?.connection { removeQueue(of: connection, reason) }
        subscribers[place] = nil
    }

    private func resume(_ connection: ConnectionID, as subscriber: SubscriberID) {
        let place = Int(subscriber.rawValue)
        guard let old = subscribers[place]?.connection, let leftover = outbox(old)?.takeLeftover()
        else { return }
        outbox(connection)?.adopt(leftover)
        subscribers[place]?.connection = connection
        removeQueue(of: old, .disconnected)
    }

    private func attach(_ peer: RelayPeer.ID, to queue: DownQueue) {
        let subscriber = Subscriber(connection: peer.connection, queue: queue)
        let place = subscribers.firstIndex { $0 == nil } ?? subscribers.count
        if place == subscribers.count { subscribers.append(nil) }
        subscribers[place] = subscriber
        instance.handleAttached(peer, as: SubscriberID(UInt32(place)))
    }
}

extension Arrival {
    /// Of a child's link.
    fileprivate var treeName: String? {
        switch self {
        case .publisher(let claim), .subscriber(let claim): claim?.tree
        case .parent, .treePublisher, .treeSubscriber: nil
        }
    }
}

extension RelayPeer.ID {
    init(_ connection: ConnectionID) {
        self.init(UInt64(connection.rawValue))
    }

    var connection: ConnectionID { ConnectionID(Int(rawValue)) }
}
