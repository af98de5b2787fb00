import Simulation

/// A plain subscriber of one relay.
struct SimulatedSubscriber {
    let node: NodeID
    let relay: Int
    var connection: ConnectionID?
    /// How often its application asks for each topic.
    var wanted: [[UInt8]: Int] = [:]
    var received: [FleetMessage] = []

    func wants(_ topic: [UInt8]) -> Bool {
        (0...topic.count).contains { wanted[Array(topic.prefix($0))] != nil }
    }

    var topics: [[UInt8]] { wanted.keys.sorted { $0.lexicographicallyPrecedes($1) } }
}

/// A plain publisher at one relay; like PUB it sends only what somebody has asked it for.
struct SimulatedPublisher {
    let node: NodeID
    let relay: Int
    var connection: ConnectionID?
    /// What the relay asks for, counted.
    var asked: [[UInt8]: Int] = [:]
    var nextSequence = 0

    func isAsked(for topic: [UInt8]) -> Bool {
        (0...topic.count).contains { asked[Array(topic.prefix($0))] != nil }
    }

    mutating func handle(_ topic: [UInt8], isSubscribe: Bool) {
        let count = asked[topic, default: 0] + (isSubscribe ? 1 : -1)
        asked[topic] = count > 0 ? count : nil
    }
}
