import Patterns
import Routing
import Simulation

/// Relays, subscribers and publishers on one simulated network.
///
/// Whoever loses a connection dials again after a random wait. `run` goes on until nothing is under way.
final class Fleet {
    let shape: Shape
    let options: NetworkOptions
    var network: SimulatedNetwork<FleetPacket, FleetAlarm>
    let relayNodes: [NodeID]
    var relays: [SimulatedRelay] = []
    var subscribers: [SimulatedSubscriber] = []
    var publishers: [SimulatedPublisher] = []
    /// By connection.
    private var purposes: [ConnectionPurpose] = []
    private(set) var eventCount = 0

    init(relayCount: Int, treeCount: Int, levelMax: Int, _ options: NetworkOptions) {
        self.options = options
        network = SimulatedNetwork(options)
        shape = Shape(
            relayCount: relayCount,
            treeCount: treeCount,
            levelMax: levelMax,
            using: &network.generator
        )
        var nodes: [NodeID] = []
        for _ in 0..<relayCount { nodes.append(network.addNode()) }
        relayNodes = nodes
        relays = (0..<relayCount).map { makeRelay($0) }
        for relay in 0..<relayCount { dialParents(of: relay) }
    }

    private func makeRelay(_ number: Int) -> SimulatedRelay {
        SimulatedRelay(number: number, shape: shape) { [unowned self] packet, connection in
            network.send(packet, on: connection, from: relayNodes[number])
        }
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
        dialParents(of: number)
    }

    private func dialParents(of relay: Int) {
        for (number, tree) in shape.trees.enumerated() where tree.parents[relay] != nil {
            dial(.feed(child: relay, tree: number))
            dial(.uplink(child: relay, tree: number))
        }
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
        }
        return false
    }

    private func handle(_ event: NetworkEvent<FleetPacket, FleetAlarm>) {
        switch event {
        case .opened(let id, let node): handleOpened(id, purposes[id.rawValue], at: node)
        case .received(let packet, let id, let node):
            handle(packet, id, purposes[id.rawValue], at: node)
        case .closed(let id, let node), .failed(let id, let node):
            handleClosed(id, purposes[id.rawValue], at: node)
        case .alarm(.redial(let purpose), _): dial(purpose)
        case .alarm(.settle(let tree, let id), let node):
            relay(of: node)?.handleSettled(tree: tree, connection: id)
        }
    }

    private func relay(of node: NodeID) -> SimulatedRelay? {
        node.rawValue < relays.count ? relays[node.rawValue] : nil
    }

    private func isDialler(_ node: NodeID, of purpose: ConnectionPurpose) -> Bool {
        ends(of: purpose)?.0 == node
    }

    private func handleOpened(_ id: ConnectionID, _ purpose: ConnectionPurpose, at node: NodeID) {
        let isDialler = isDialler(node, of: purpose)
        let relay = relay(of: node)
        switch purpose {
        case .subscriber(let number):
            guard isDialler else { return relay?.handleSubscriberOpened(id, tree: nil) ?? () }
            subscribers[number].connection = id
            for topic in subscribers[number].topics {
                for _ in 0..<(subscribers[number].wanted[topic] ?? 0) {
                    network.send(.subscription(topic, isSubscribe: true), on: id, from: node)
                }
            }
        case .publisher(let number):
            guard isDialler else { return relay?.handlePublisherOpened(id, tree: nil) ?? () }
            publishers[number].connection = id
            publishers[number].asked = [:]
        case .feed(_, let tree):
            guard isDialler else {
                return relay?.handleSubscriberOpened(id, tree: TreeID(tree)) ?? ()
            }
            relay?.handleFeedOpened(id, tree: tree)
        case .uplink(_, let tree):
            guard isDialler else {
                return relay?.handlePublisherOpened(id, tree: TreeID(tree)) ?? ()
            }
            relay?.handleUplinkOpened(id, tree: tree)
            network.setAlarm(.settle(tree: tree, id), of: node, after: .seconds(2))
        }
    }

    private func handleClosed(_ id: ConnectionID, _ purpose: ConnectionPurpose, at node: NodeID) {
        relay(of: node)?.handleClosed(id)
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

    private func handle(
        _ packet: FleetPacket,
        _ id: ConnectionID,
        _ purpose: ConnectionPurpose,
        at node: NodeID
    ) {
        if let relay = relay(of: node) { return relay.handle(packet, on: id) }
        switch (packet, purpose) {
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
