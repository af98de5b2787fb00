import Logging
import RouterNode
import Topology
import TreeBuilder
import ZeroMQ

/// Plans a tree of relays, runs all of them in this process, and sends one message from one leaf to another. In
/// production each relay runs on a host of its own, by `xylem node` or by the same few lines.
@main struct TreeInProcess {
    static let topology = """
        name: offices
        nodes: [oslo, bergen, paris, lyon]
        links:
          - [oslo, bergen, 7ms]
          - [oslo, paris, 28ms]
          - [paris, lyon, 6ms]
        """

    static func main() async throws {
        let topology = try TopologyReader.read(Self.topology, file: "offices.yaml")
        var plan = try Planner.plan(topology)
        print("the last node is \(plan.trees[0].radiusMs) ms from the root")

        // Every node needs endpoints that its children can connect to.
        for index in plan.nodes.indices {
            plan.nodes[index].publishersEndpoint = "tcp://127.0.0.1:\(26_001 + 2 * index)"
            plan.nodes[index].subscribersEndpoint = "tcp://127.0.0.1:\(26_002 + 2 * index)"
        }
        var relays: [Relay] = []
        for node in plan.nodes {
            let configuration = try RelayConfiguration.planned(node.id, in: plan)
            relays.append(try await Relay.start(configuration, logger: Logger(label: node.id)))
        }

        try await withSocket(Subscriber()) { subscriber in
            try await withSocket(Publisher()) { publisher in
                guard let bergen = relays[1].endpoints, let lyon = relays[3].endpoints else {
                    return
                }
                try await subscriber.connect(bergen.subscribers)
                try await subscriber.subscribe(to: "greeting")
                try await publisher.connect(lyon.publishers)
                // The subscription climbs the tree, and comes down to the relay at lyon.
                try await publisher.waitForSubscribers(1, to: "greeting", timeout: .seconds(10))
                publisher.send(["greeting", "bonjour"])
                guard let message = try await subscriber.receive(timeout: .seconds(10)) else {
                    return
                }
                print("bergen got '\(message[1].text)' from lyon")
            }
        }
        for relay in relays.reversed() { await relay.stop() }
    }
}
