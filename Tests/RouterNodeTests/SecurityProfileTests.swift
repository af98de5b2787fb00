import Logging
import RouterNode
import SocketTestSupport
import Testing
import Topology
import TreeBuilder
import Vocabulary
import ZeroMQ

/// Plans that say where CURVE is asked for: a chain of three relays.
@Suite(.serialized, .timeLimit(.minutes(2))) struct SecurityProfileTests {
    private struct Fleet {
        var plan: Plan
        var keys: [String: CurveKeyPair] = [:]

        init(_ profile: SecurityProfile) throws {
            var topology = Topology(name: "t", trees: [.init(name: "t", root: 0)])
            topology.security = profile
            for name in ["a", "b", "c"] {
                topology.nodes.append(
                    .init(
                        id: name,
                        publishersEndpoint: RelayLab.freeAddress(),
                        subscribersEndpoint: RelayLab.freeAddress()
                    )
                )
                keys[name] = .random()
            }
            topology.links = [
                .init(a: 0, b: 1, delayMilliseconds: 1), .init(a: 1, b: 2, delayMilliseconds: 1),
            ]
            topology.trees[0].mode = .link
            plan = try Planner.plan(topology)
            for index in plan.nodes.indices {
                plan.nodes[index].key = keys[plan.nodes[index].id].map { "\($0.publicKey)" }
            }
        }

        func relay(_ name: String) async throws -> (Relay, RecordedLog) {
            var configuration = try RelayConfiguration.planned(name, in: plan)
            configuration.control = nil
            configuration.reconnectInitial = .milliseconds(10)
            configuration.reconnectMaximum = .milliseconds(100)
            configuration.drain = .seconds(1)
            try FleetSecurity(of: configuration.name, in: plan, keys: keys[name] ?? .random())
                .apply(to: &configuration)
            let log = RecordedLog()
            return (try await Relay.start(configuration, logger: log.logger(name)), log)
        }

        /// Towards a node, as somebody who has these keys.
        func security(towards node: String, _ own: CurveKeyPair) -> Security {
            .curve(serverKey: (keys[node] ?? own).publicKey, keys: own)
        }
    }

    private static func exchange(
        _ fleet: Fleet,
        _ first: Relay,
        _ last: Relay,
        _ publisherSecurity: Security,
        _ subscriberSecurity: Security
    ) async throws {
        try await RelayLab.run { lab in
            let publisher = try await lab.publisher(at: first) { $0.security = publisherSecurity }
            let subscriber = try await lab.subscriber(at: last, topics: ["a"]) {
                $0.security = subscriberSecurity
            }
            try await lab.settle([subscriber], to: [publisher])
            try await publisher.sendNumbered(["a"], as: "p", count: 200)
            let received = try await subscriber.receiveNumbered(from: ["p"], topicCount: 1)
            #expect(received["p"] == Array(0..<200))
        }
    }

    @Test func `links: relays prove who they are, and clients need not`() async throws {
        let fleet = try Fleet(.links)
        let relays = [
            try await fleet.relay("a"), try await fleet.relay("b"), try await fleet.relay("c"),
        ]
        let (first, last) = (relays[0].0, relays[2].0)
        try await Self.exchange(fleet, first, last, .null, .null)
        try await Self.exchange(fleet, first, last, fleet.security(towards: "a", .random()), .null)
        for (relay, _) in relays.reversed() { await relay.stop() }
    }

    @Test func `all: clients need a key that their node knows`() async throws {
        var fleet = try Fleet(.all)
        let friend = CurveKeyPair.random()
        fleet.plan.nodes[0].allow = .any
        fleet.plan.nodes[2].allow = .keys(["\(friend.publicKey)"])
        let relays = [
            try await fleet.relay("a"), try await fleet.relay("b"), try await fleet.relay("c"),
        ]
        let (first, last) = (relays[0].0, relays[2].0)
        let towards = fleet.security(towards: "c", friend)
        try await Self.exchange(
            fleet,
            first,
            last,
            fleet.security(towards: "a", .random()),
            towards
        )
        for (security, expected) in [
            (Security.null, "the peer wants security mechanism CURVE"),
            (fleet.security(towards: "c", .random()), "the peer refused: 400"),
        ] {
            let subscriber = Subscriber(options: SocketOptions { $0.security = security })
            let events = subscriber.events
            try await subscriber.connect(last.subscribersEndpoint)
            let reason = try await events.nextDisconnect()
            #expect("\(reason)".contains(expected))
            await subscriber.close()
        }
        for (relay, _) in relays.reversed() { await relay.stop() }
    }

    @Test(arguments: [SecurityProfile.links, .all])
    func `a relay with another key than the plan's is refused, and said to be`(
        profile: SecurityProfile
    ) async throws {
        let fleet = try Fleet(profile)
        var forged = fleet
        forged.keys["c"] = .random()
        #expect(throws: ConfigurationError.self) {
            var configuration = try RelayConfiguration.planned("c", in: forged.plan)
            try FleetSecurity(
                of: configuration.name,
                in: forged.plan,
                keys: forged.keys["c"] ?? .random()
            )
            .apply(to: &configuration)
        }
        forged.plan.nodes[2].key = forged.keys["c"].map { "\($0.publicKey)" }
        var open = fleet
        for index in open.plan.nodes.indices { open.plan.nodes[index].allow = .any }
        let (first, _) = try await open.relay("a")
        let (middle, middleLog) = try await open.relay("b")
        let (last, _) = try await forged.relay("c")
        try await SocketTestSupport.eventually("a refusal in the log of b") {
            middleLog.lines.contains { $0.contains("is not that of node c") }
        }
        #expect(await last.status().trees[0].isConnected == false)
        let own = CurveKeyPair.random()
        try await Self.exchange(
            open,
            first,
            middle,
            open.security(towards: "a", own),
            open.security(towards: "b", own)
        )
        for relay in [last, middle, first] { await relay.stop() }
    }

    @Test func `a plan without keys says what to do`() throws {
        var fleet = try Fleet(.links)
        fleet.plan.nodes[1].key = nil
        var configuration = try RelayConfiguration.planned("a", in: fleet.plan)
        let error = #expect(throws: ConfigurationError.self) {
            try FleetSecurity(of: configuration.name, in: fleet.plan, keys: .random())
                .apply(to: &configuration)
        }
        #expect("\(error.map { "\($0)" } ?? "")".contains("--keys FOLDER"))
    }
}
