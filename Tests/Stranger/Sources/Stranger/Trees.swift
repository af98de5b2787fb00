import Logging
import RouterNode
import Topology
import TreeBuilder

/// A tree is planned, and one of its relays runs in this process.
enum Trees {
    static func plan(_ octets: [UInt8]) throws -> TreeBuilder.Plan {
        let topology = try TopologyReader.read(octets, file: "offices.yaml")
        let plan = try Planner.plan(topology, options: PlanOptions(fanOut: 3))
        for tree in plan.trees {
            print(tree.name, tree.radiusMs, tree.gap, tree.overflow?.rawValue ?? "the relay's")
        }
        return plan
    }

    static func keptUp(_ plan: Plan, for topology: Topology) throws -> Plan {
        var upkeep = try Upkeep(plan, of: topology)
        for report in try upkeep.deaths() where !report.cutOff.isEmpty { print(report.node) }
        let change: PlanChange = try upkeep.repair(without: ["oslo"])
        for move: Move in change.trees.flatMap(\.moves) { print(move.node, move.to ?? "–") }
        try upkeep.improve(atMost: 2)
        let measured = try Measurements(Array("bergen oslo 9ms".utf8), file: "measured.txt")
        return try upkeep.plan.replan(for: topology, measured: measured).plan
    }

    static func relay(_ node: String, in plan: Plan) async throws -> Relay {
        var configuration = try RelayConfiguration.planned(node, in: plan, overflow: .block)
        configuration.queueLimit = QueueLimit(messageCount: 1_000)
        configuration.publishers.dialled = ["tcp://127.0.0.1:5556"]
        configuration.bind(at: "*")
        let identity: PlanIdentity? = configuration.planIdentity
        print(identity?.description ?? "no plan")
        return try await Relay.start(configuration, logger: Logger(label: node))
    }

    static func lone() async throws -> Endpoint? {
        let relay = try await Relay.start(
            .lone(publishersEndpoint: "tcp://*:*", subscribersEndpoint: "tcp://*:*"),
            logger: Logger(label: "lone")
        )
        let control = try await ControlServer.start(at: "127.0.0.1:0") { await relay.status() }
        await control.stop()
        let endpoint = relay.endpoints?.subscribers
        await relay.stop()
        return endpoint
    }
}
