import Patterns
import Routing
import Simulation
import Testing
import Transports
import Vocabulary
import Wire

/// Relays, subscribers and publishers on one simulated network.
///
/// Whoever loses a connection dials again after a random wait. `run` goes on until nothing is under way.
final class Fleet {
    let shape: Shape
    let options: NetworkOptions
    /// Of the queue to each peer of a relay.
    private let queueLimit: QueueLimit
    var network: SimulatedNetwork<FleetPacket, FleetAlarm>
    let relayNodes: [NodeID]
    var relays: [RelayHost] = []
    var subscribers: [SimulatedSubscriber] = []
    var publishers: [SimulatedPublisher] = []
    var ends = StreamEnds(unreadCountMax: 3)
    /// By connection.
    private var purposes: [ConnectionPurpose] = []
    /// Connections that relays have closed themselves, and have not been told of yet.
    private var closedHere: [(ConnectionID, NodeID)] = []
    private(set) var eventCount = 0
    /// How often a relay has stopped reading from somebody.
    private(set) var pauseCount = 0
    /// Whether a relay's accounts have been wrong: told once, and not again at every step.
    private var isFaulty = false

    init(
        relayCount: Int,
        treeCount: Int,
        levelMax: Int,
        policies: [OverflowPolicy] = [.dropNewest],
        queueLimit: QueueLimit = QueueLimit(),
        _ options: NetworkOptions
    ) {
        self.options = options
        self.queueLimit = queueLimit
        network = SimulatedNetwork(options)
        shape = Shape(
            relayCount: relayCount,
            treeCount: treeCount,
            levelMax: levelMax,
            policies: policies,
            using: &network.generator
        )
        var nodes: [NodeID] = []
        for _ in 0..<relayCount { nodes.append(network.addNode()) }
        relayNodes = nodes
        relays = (0..<relayCount).map { makeRelay($0) }
        for relay in relays { relay.start() }
    }

    private func makeRelay(_ number: Int) -> RelayHost {
        let node = relayNodes[number]
        return RelayHost(
            number: number,
            shape: shape,
            queueLimit: queueLimit,
            links: RelayHost.Links(
                dial: { [unowned self] parent in
                    switch parent {
                    case .feed(let tree): dial(.feed(child: number, tree: tree.rawValue))
                    case .uplink(let tree): dial(.uplink(child: number, tree: tree.rawValue))
                    }
                },
                send: { [unowned self] in send($0, on: $1, from: node) },
                close: { [unowned self] connection in
                    network.close(connection, at: node)
                    closedHere.append((connection, node))
                },
                setReading: { [unowned self] connection, isReading in
                    if !isReading { pauseCount += 1 }
                    setReading(isReading, at: .init(connection: connection, node: node))
                },
                isFull: { [unowned self] in ends.isFull(farEnd(of: $0, from: node)) },
                ring: { [unowned self] in network.setAlarm(.ring, of: node, after: $0 - network.now)
                }
            )
        )
    }

    // MARK: - Coming and going

    func addSubscriber(at relay: Int) {
        subscribers.append(SimulatedSubscriber(node: network.addNode(), relay: relay))
        dial(.subscriber(subscribers.count - 1))
    }

    func addPublisher(at relay: Int) {
        publishers.append(SimulatedPublisher(node: network.addNode(), relay: relay))
        dial(.publisher(publishers.count - 1))
    }

    /// The relay loses everything it knew; its node is dead until `restartRelay`.
    func crashRelay(_ number: Int) {
        network.crash(relayNodes[number])
        relays[number] = makeRelay(number)
    }

    func restartRelay(_ number: Int) {
        network.restart(relayNodes[number])
        relays[number].start()
    }

    func dial(_ purpose: ConnectionPurpose) {
        guard let (dialler, listener) = ends(of: purpose) else { return }
        _ = network.connect(from: dialler, to: listener)
        purposes.append(purpose)
    }

    private func ends(of purpose: ConnectionPurpose) -> (NodeID, NodeID)? {
        switch purpose {
        case .subscriber(let number):
            (subscribers[number].node, relayNodes[subscribers[number].relay])
        case .publisher(let number):
            (publishers[number].node, relayNodes[publishers[number].relay])
        case .feed(let child, let tree), .uplink(let child, let tree):
            shape.trees[tree].parents[child].map { (relayNodes[child], relayNodes[$0]) }
        }
    }

    // MARK: - Running

    /// Handles up to `eventCountMax` events; gives whether nothing is left to happen.
    @discardableResult
    func run(eventCountMax: Int = .max) -> Bool {
        for _ in 0..<eventCountMax {
            guard let event = network.nextEvent() else { return true }
            eventCount += 1
            handle(event)
            while !closedHere.isEmpty {
                let (id, node) = closedHere.removeFirst()
                handleClosed(id, purposes[id.rawValue], at: node)
            }
            // Nobody else has counted anything.
            if let relay = relay(of: event.node) { expectAccountsBalance(of: relay) }
        }
        return false
    }

    private func expectAccountsBalance(of relay: RelayHost) {
        guard !isFaulty, let fault = relay.accountingFault else { return }
        isFaulty = true
        Issue.record(
            "relay \(relay.number), seed \(options.seed), event \(eventCount): \(fault)"
        )
    }

    private func handle(_ event: NetworkEvent<FleetPacket, FleetAlarm>) {
        switch event {
        case .opened(let id, let node): handleOpened(id, purposes[id.rawValue], at: node)
        case .received(let packet, let id, let node):
            let end = StreamEnds.End(connection: id, node: node)
            if let packet = ends.handleArrival(packet, at: end) { read(packet, at: end) }
        case .closed(let id, let node), .failed(let id, let node):
            handleClosed(id, purposes[id.rawValue], at: node)
        case .alarm(.redial(let purpose), _): dial(purpose)
        case .alarm(.ring, let node): relay(of: node)?.handleRing(at: network.now)
        case .alarm(.relief, let node): relay(of: node)?.handleRelief()
        case .alarm(.wake(let number), let node):
            guard let connection = subscribers[number].connection else { return }
            setReading(true, at: .init(connection: connection, node: node))
        }
    }

    private func relay(of node: NodeID) -> RelayHost? {
        node.rawValue < relays.count ? relays[node.rawValue] : nil
    }

    private func isDialler(_ node: NodeID, of purpose: ConnectionPurpose) -> Bool {
        ends(of: purpose)?.0 == node
    }

    private func handleOpened(_ id: ConnectionID, _ purpose: ConnectionPurpose, at node: NodeID) {
        if let relay = relay(of: node) {
            let arrival = arrival(purpose, isDialler: isDialler(node, of: purpose))
            return relay.handleOpened(id, arrival, at: network.now)
        }
        switch purpose {
        case .subscriber(let number):
            subscribers[number].connection = id
            for topic in subscribers[number].topics {
                for _ in 0..<(subscribers[number].wanted[topic] ?? 0) {
                    network.send(.subscription(topic, isSubscribe: true), on: id, from: node)
                }
            }
        case .publisher(let number):
            publishers[number].connection = id
            publishers[number].asked = [:]
        case .feed, .uplink: break
        }
    }

    private func arrival(_ purpose: ConnectionPurpose, isDialler: Bool) -> Arrival {
        switch purpose {
        case .subscriber: .subscriber(nil)
        case .publisher: .publisher(nil)
        case .feed(_, let tree) where isDialler: .parent(.feed(TreeID(tree)))
        case .uplink(_, let tree) where isDialler: .parent(.uplink(TreeID(tree)))
        case .feed(let child, let tree): .subscriber(claim(of: child, in: tree))
        case .uplink(let child, let tree): .publisher(claim(of: child, in: tree))
        }
    }

    private func claim(of relay: Int, in tree: Int) -> LinkClaim {
        LinkClaim(
            node: "relay \(relay)",
            tree: Shape.name(of: tree),
            rank: shape.trees[tree].levels[relay]
        )
    }

    private func handleClosed(_ id: ConnectionID, _ purpose: ConnectionPurpose, at node: NodeID) {
        ends.remove(.init(connection: id, node: node))
        ends.remove(farEnd(of: id, from: node))
        relay(of: node)?.handleClosed(id, at: network.now)
        guard isDialler(node, of: purpose) else { return }
        switch purpose {
        case .subscriber(let number): subscribers[number].connection = nil
        case .publisher(let number):
            publishers[number].connection = nil
            publishers[number].asked = [:]
        case .feed, .uplink: break
        }
        let wait = Int.random(in: 10...200, using: &network.generator)
        network.setAlarm(.redial(purpose), of: node, after: .milliseconds(wait))
    }
}

// MARK: - Streams

extension Fleet {
    func send(_ packet: FleetPacket, on id: ConnectionID, from node: NodeID) {
        if case .message = packet { ends.noteSent(to: farEnd(of: id, from: node)) }
        network.send(packet, on: id, from: node)
    }

    private func farEnd(of id: ConnectionID, from node: NodeID) -> StreamEnds.End {
        let (dialler, listener) = ends(of: purposes[id.rawValue]) ?? (node, node)
        return .init(connection: id, node: dialler == node ? listener : dialler)
    }

    func setReading(_ isReading: Bool, at end: StreamEnds.End) {
        ends.setReading(isReading, at: end)
        while let packet = ends.nextWaiting(at: end) { read(packet, at: end) }
    }

    /// The subscriber's next messages wait until it wakes up.
    func sleep(_ number: Int, for time: Duration) {
        guard let connection = subscribers[number].connection else { return }
        let node = subscribers[number].node
        ends.setReading(false, at: .init(connection: connection, node: node))
        network.setAlarm(.wake(subscriber: number), of: node, after: time)
    }

    private func read(_ packet: FleetPacket, at end: StreamEnds.End) {
        if case .message = packet, ends.noteRead(at: end) {
            let sender = farEnd(of: end.connection, from: end.node).node
            network.setAlarm(.relief, of: sender, after: .microseconds(100))
        }
        if let relay = relay(of: end.node) { return relay.handle(packet, on: end.connection) }
        switch (packet, purposes[end.connection.rawValue]) {
        case (.message(let message), .subscriber(let number)):
            // A SUB drops what it does not want (any more).
            guard subscribers[number].wants(message.topic) else { return }
            subscribers[number].received.append(message)
        case (.subscription(let topic, let isSubscribe), .publisher(let number)):
            publishers[number].handle(topic, isSubscribe: isSubscribe)
        default: break
        }
    }
}
