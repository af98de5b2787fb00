import Logging
import RouterNode
import SocketTestSupport
import Testing
import ZeroMQ

/// Relays that let in who has a key, and know their parents by theirs.
@Suite(.serialized, .timeLimit(.minutes(2))) struct SecuredTreeTests {
    /// Keys of nodes by their names, and of one friend.
    struct Keys {
        var nodes: [String: CurveKeyPair] = [:]
        let friend = CurveKeyPair.random()

        init(_ names: String...) {
            for name in names { nodes[name] = .random() }
        }

        /// Everybody's public key is known to everybody.
        func secure(_ configuration: inout RelayConfiguration) throws {
            guard let own = nodes[configuration.name] else { return }
            configuration.security.listening = .curve(keys: own)
            configuration.security.dialling = .curve(
                keys: own,
                servers: .init(ofNodes: nodes.mapValues(\.publicKey))
            )
            configuration.security.authenticator = try AccessControl(
                AccessRules {
                    $0.keys = .list(nodes.values.map(\.publicKey) + [friend.publicKey])
                }
            )
        }

        func security(towards node: String) -> Security {
            .curve(serverKey: nodes[node]?.publicKey ?? friend.publicKey, keys: friend)
        }
    }

    @Test func `a chain carries messages between those who have keys`() async throws {
        try await RelayLab.run { lab in
            let keys = Keys("relay 0", "relay 1", "relay 2")
            var relays: [Relay] = []
            for level in 0..<3 {
                var seat = RelayConfiguration.Seat(tree: "t", rank: level)
                seat.parent = relays.last.map { .init($0, name: "relay \(level - 1)") }
                relays.append(
                    try await lab.start("relay \(level)", [seat]) { try? keys.secure(&$0) }
                )
            }
            let publisher = try await lab.publisher(at: relays[0]) {
                $0.security = keys.security(towards: "relay 0")
            }
            let subscriber = try await lab.subscriber(at: relays[2], topics: ["a"]) {
                $0.security = keys.security(towards: "relay 2")
            }
            try await lab.settle([subscriber], to: [publisher])
            try await publisher.sendNumbered(["a"], as: "p", count: 500)
            let received = try await subscriber.receiveNumbered(from: ["p"], topicCount: 1)
            #expect(received["p"] == Array(0..<500))
        }
    }

    @Test func `who has no key, or expects another one, stays outside`() async throws {
        try await RelayLab.run { lab in
            let keys = Keys("root")
            let root = try await lab.start("root") { try? keys.secure(&$0) }
            let rootKey = try #require(keys.nodes["root"]?.publicKey)
            let cases: [(Security, String)] = [
                (.null, "the peer wants security mechanism CURVE, this socket uses NULL"),
                (
                    .curve(serverKey: keys.friend.publicKey, keys: keys.friend),
                    "is its key \(keys.friend.publicKey)?"
                ),
                (.curve(serverKey: rootKey, keys: .random()), "the peer refused: 400"),
            ]
            for (security, expected) in cases {
                let subscriber = Subscriber(options: SocketOptions { $0.security = security })
                let events = subscriber.events
                try await subscriber.connect(root.subscribersEndpoint)
                let reason = try await events.nextDisconnect()
                #expect("\(reason)".contains(expected))
                await subscriber.close()
            }
            let status = await root.status()
            #expect(status.peers.isEmpty)
        }
    }

    @Test func `a parent whose key is not known is refused at the start`() async throws {
        try await RelayLab.run { lab in
            let keys = Keys("child")
            var seat = RelayConfiguration.Seat(tree: "t", rank: 1)
            seat.parent = .init(
                name: "root",
                publishersEndpoint: "tcp://127.0.0.1:1",
                subscribersEndpoint: "tcp://127.0.0.1:1"
            )
            let error = await #expect(throws: EndpointError.self) {
                _ = try await lab.start("child", [seat]) { try? keys.secure(&$0) }
            }
            #expect(error?.problem == "the key of node 'root' is not known")
        }
    }

    @Test func `an open endpoint that others can reach is warned of`() async throws {
        try await RelayLab.run { lab in
            _ = try await lab.start("open", at: ("tcp://*:*", "tcp://127.0.0.1:*"))
            let keys = Keys("closed")
            _ = try await lab.start("closed", at: ("tcp://*:*", "tcp://*:*")) {
                try? keys.secure(&$0)
            }
            let warnings = lab.log.lines.filter { $0.contains("neither PLAIN nor CURVE") }
            #expect(warnings.count == 1)
            #expect(warnings.first?.contains("tcp://0.0.0.0:") == true)
        }
    }
}
