import Logging
import RouterNode
import SocketTestSupport
import Testing
import Topology
import TreeBuilder
import ZeroMQ

/// Nodes of a larger tree whose subscribers may come by WebSocket, too: `websocket:` in a topology file.
@Suite(.needsOpenSSL, .serialized, .timeLimit(.minutes(3))) struct WebNodeTests {
    /// A tree of seven: `n0` over `n1` and `n2`, these over two each. `n1` has `wss`, the leaf `n6` has `ws`.
    private struct Fleet {
        var plan: Plan
        var keys: [String: CurveKeyPair] = [:]
        let friend = CurveKeyPair.random()

        init(_ profile: SecurityProfile) throws {
            var topology = Topology(name: "web", trees: [.init(name: "web", root: 0)])
            topology.security = profile
            for number in 0..<7 {
                topology.nodes.append(
                    .init(
                        id: "n\(number)",
                        publishersEndpoint: RelayLab.freeAddress(),
                        subscribersEndpoint: RelayLab.freeAddress()
                    )
                )
                keys["n\(number)"] = .random()
            }
            topology.nodes[1].websocket = "wss://127.0.0.1:*/tree"
            topology.nodes[6].websocket = "ws://127.0.0.1:*/tree"
            topology.links = (1..<7).map {
                .init(a: ($0 - 1) / 2, b: $0, delayMilliseconds: 1)
            }
            topology.trees[0].mode = .link
            plan = try Planner.plan(topology)
            for index in plan.nodes.indices {
                plan.nodes[index].key = keys[plan.nodes[index].id].map { "\($0.publicKey)" }
                plan.nodes[index].allow = .keys(["\(friend.publicKey)"])
            }
        }

        func configuration(
            of name: String,
            _ certificates: TestCertificates
        ) throws -> RelayConfiguration {
            var configuration = try RelayConfiguration.planned(name, in: plan, overflow: .block)
            configuration.control = nil
            configuration.reconnectInitial = .milliseconds(10)
            configuration.reconnectMaximum = .milliseconds(100)
            configuration.drain = .seconds(1)
            configuration.tls.certificateFile = certificates.certificateFile
            configuration.tls.privateKeyFile = certificates.privateKeyFile
            try FleetSecurity(of: name, in: plan, keys: keys[name] ?? .random())
                .apply(to: &configuration)
            return configuration
        }

        /// What a client does at a node.
        func security(at node: String) -> Security {
            guard plan.security == .all, let key = keys[node]?.publicKey else { return .null }
            return .curve(serverKey: key, keys: friend)
        }
    }

    @Test(arguments: [SecurityProfile.none, .links, .all])
    func `subscribers by ws, wss and tcp get the same`(profile: SecurityProfile) async throws {
        let certificates = try TestCertificates()
        defer { withExtendedLifetime(certificates) {} }
        let fleet = try Fleet(profile)
        var relays: [Relay] = []
        for number in 0..<7 {
            let configuration = try fleet.configuration(of: "n\(number)", certificates)
            relays.append(
                try await Relay.start(configuration, logger: Logger(label: "n\(number)"))
            )
        }
        let started = relays
        try await RelayLab.run { lab in
            let publisher = try await lab.publisher(at: started[3]) {
                $0.security = fleet.security(at: "n3")
            }
            var subscribers = [
                try await lab.subscriber(at: started[5], topics: ["a"]) {
                    $0.security = fleet.security(at: "n5")
                }
            ]
            for number in [1, 6] {
                let web = try await #require(
                    started[number].status().endpoints.listening.first {
                        $0.bind.hasPrefix("ws")
                    }
                )
                let subscriber = Subscriber(
                    options: SocketOptions {
                        $0.security = fleet.security(at: "n\(number)")
                        $0.tls.trust = .file(certificates.certificateFile)
                    }
                )
                try await subscriber.connect(web.advertise)
                try await subscriber.subscribe(to: "a")
                subscribers.append(subscriber)
            }
            try await lab.settle(subscribers, to: [publisher])
            try await publisher.sendNumbered(["a"], as: "p", count: 300, padding: 200)
            for subscriber in subscribers {
                let received = try await subscriber.receiveNumbered(from: ["p"])
                #expect(received["p"] == Array(0..<300))
            }
            // Whoever comes by WebSocket is counted, and its interest ends, like anybody's.
            for subscriber in subscribers { await subscriber.close() }
            try await eventually("the end of all interest") {
                await started[0].status().totals.subscriptions == 0
            }
        }
        for relay in relays.reversed() {
            #expect(await relay.status().balance.unaccounted == 0)
            await relay.stop()
        }
    }

    @Test func `a stranger at a node's WebSocket is refused, and its tree goes on`() async throws {
        let certificates = try TestCertificates()
        defer { withExtendedLifetime(certificates) {} }
        let fleet = try Fleet(.all)
        let relay = try await Relay.start(
            try fleet.configuration(of: "n0", certificates),
            logger: Logger(label: "n0")
        )
        var configuration = try fleet.configuration(of: "n2", certificates)
        configuration.subscribers.listening.append(.init(bind: "ws://127.0.0.1:*"))
        let node = try await Relay.start(configuration, logger: Logger(label: "n2"))
        let web = try await #require(
            node.status().endpoints.listening.first { $0.bind.hasPrefix("ws") }
        )
        for security in [
            Security.null,
            .curve(serverKey: try #require(fleet.keys["n2"]?.publicKey), keys: .random()),
        ] {
            let stranger = Subscriber(options: SocketOptions { $0.security = security })
            let events = stranger.events
            try await stranger.connect(web.advertise)
            _ = try await events.next("refusal") {
                switch $0 {
                case .disconnected, .retrying: true
                default: false
                }
            }
            await stranger.close()
        }
        try await RelayLab.run { lab in
            let publisher = try await lab.publisher(at: relay) {
                $0.security = fleet.security(at: "n0")
            }
            let friend = Subscriber(
                options: SocketOptions { $0.security = fleet.security(at: "n2") }
            )
            try await friend.connect(web.advertise)
            try await lab.settle([friend], to: [publisher])
            try await friend.subscribe(to: "a")
            try await lab.settle([friend], to: [publisher])
            try await publisher.sendNumbered(["a"], as: "p", count: 10)
            #expect(try await friend.receiveNumbered(from: ["p"])["p"] == Array(0..<10))
            await friend.close()
        }
        await node.stop()
        await relay.stop()
    }
}
