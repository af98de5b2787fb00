import Patterns
import Routing
import RouterNode
import SocketTestSupport
import Testing
import Transports
import Vocabulary
import ZeroMQ

/// The tree link beside those who do not speak it, and beside those who speak it wrongly.
@Suite(.serialized, .timeLimit(.minutes(3))) struct LinkFallbackTests {
    /// A relay below another; `isLinked`: whether it speaks the link.
    private static func start(
        _ lab: RelayLab,
        _ name: String,
        below parent: Relay?,
        rank: Int,
        isLinked: Bool
    ) async throws -> Relay {
        var seat = RelayConfiguration.Seat(tree: "t", rank: rank)
        seat.parent = parent.map { .init($0, name: "relay \(rank - 1)") }
        if isLinked {
            var link = TreeLinkSettings(
                root: LinkRoot(node: "relay 0", epoch: rank == 0 ? 7 : 0)
            )
            link.relays = [seat.parent].compactMap { $0 }
            seat.link = link
        }
        return try await lab.start("relay \(rank)", [seat])
    }

    @Test(arguments: [
        [true, true, true], [false, true, true], [false, true, false], [true, false, true],
        [true, true, false], [false, false, true],
    ])
    func `whoever speaks it or not, messages go both ways`(speakers: [Bool]) async throws {
        try await RelayLab.run { lab in
            var relays: [Relay] = []
            for (rank, isLinked) in speakers.enumerated() {
                relays.append(
                    try await Self.start(
                        lab,
                        "",
                        below: relays.last,
                        rank: rank,
                        isLinked: isLinked
                    )
                )
            }
            for relay in relays {
                try await relay.eventually("its parent") { $0.trees.allSatisfy(\.isConnected) }
            }
            var publishers: [XPublisher] = []
            var subscribers: [Subscriber] = []
            for relay in relays {
                publishers.append(try await lab.publisher(at: relay))
                subscribers.append(try await lab.subscriber(at: relay, topics: ["a"]))
                subscribers.append(try await lab.subscriber(at: relay, topics: ["a", "b"]))
            }
            try await lab.settle(subscribers, to: publishers)
            try await exchangeNumbered(publishers, subscribers)
            // Without numbers above there are none below.
            var hasNumbers = true
            for (relay, isLinked) in zip(relays, speakers) {
                hasNumbers = hasNumbers && isLinked
                let status = await relay.status()
                #expect((status.trees[0].link != nil) == hasNumbers)
                #expect(status.balance.unaccounted == 0, "\(status.balance)")
            }
        }
    }

    /// What a stranger may do that claims to speak the link.
    struct Stranger: Sendable, CustomTestStringConvertible {
        var name: String
        var isFeed = true
        var octets: [UInt8]
        /// A part of what is logged; `nil`: nothing is wrong with it.
        var reason: String?

        var testDescription: String { name }

        static func resume(_ tail: [UInt8]) -> [UInt8] { Octets.command("RESUME", tail) }

        static let all = [
            Stranger(name: "RESUME of nothing", octets: resume([]), reason: "ends too early"),
            Stranger(
                name: "RESUME with more",
                octets: resume([1, 0, 0, 0, 9]),
                reason: "longer than its fields"
            ),
            Stranger(
                name: "SYNC before RESUME",
                octets: Octets.command("SYNC", [1, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
                reason: "came before RESUME"
            ),
            Stranger(
                name: "RESUME twice",
                octets: resume([1, 0, 0, 0]) + resume([1, 0, 0, 0]),
                reason: "RESUME came twice"
            ),
            Stranger(
                name: "a batch that is no tail",
                octets: resume([1, 0, 0, 0])
                    + Octets.command(
                        "BATCH",
                        [1] + [UInt8](repeating: 0, count: 7) + [7]
                            + [UInt8](repeating: 0, count: 7) + [1]
                            + [UInt8](repeating: 0, count: 7) + [1, 1, 0, 1, 1, 0, 1, 97]
                    ),
                reason: "no tail"
            ),
            Stranger(
                name: "a batch of half a message",
                octets: Octets.command(
                    "BATCH",
                    [1] + [UInt8](repeating: 0, count: 15) + [1] + [UInt8](repeating: 0, count: 7)
                        + [1, 1, 0, 1, 1, 0, 9, 97]
                ),
                reason: "no whole messages"
            ),
            Stranger(
                name: "a parcel on a feed",
                octets: Octets.command("PARCEL", [0, 1, 0, 0]),
                reason: nil
            ),
            Stranger(
                name: "messages on an uplink",
                isFeed: false,
                octets: Octets.frame("hello"),
                reason: "outside of parcels"
            ),
            Stranger(
                name: "a parcel of an origin that nobody knows",
                isFeed: false,
                octets: Octets.command("PARCEL", [3, 1, 1, 0, 0, 1, 97]),
                reason: "nothing was said"
            ),
            Stranger(
                name: "ACK up",
                isFeed: false,
                octets: Octets.command("ACK", [0]),
                reason: "came up the uplink"
            ),
        ]
    }

    @Test(arguments: Stranger.all)
    func `who breaks the rules is disconnected, and nobody else is disturbed`(
        stranger: Stranger
    ) async throws {
        try await RelayLab.run { lab in
            let root = try await Self.start(lab, "", below: nil, rank: 0, isLinked: true)
            let child = try await Self.start(lab, "", below: root, rank: 1, isLinked: true)
            try await child.eventually("its parent") { $0.trees.allSatisfy(\.isConnected) }
            let publisher = try await lab.publisher(at: child)
            let subscriber = try await lab.subscriber(at: child, topics: ["a"])
            try await lab.settle([subscriber], to: [publisher])

            let endpoint = try Endpoint(
                stranger.isFeed ? root.subscribersEndpoint : root.publishersEndpoint
            )
            let peer = try await RawPeer.connect(to: endpoint)
            try await peer.send(Octets.greeting() + Self.ready(stranger.isFeed ? "XSUB" : "XPUB"))
            try await peer.send(stranger.octets)
            try await peer.closed()
            if let reason = stranger.reason {
                try await eventually("a line with '\(reason)'") { lab.log.contains(reason) }
            }
            #expect((await root.status().trees[0].link?.faults ?? 0) <= 1)

            try await publisher.sendNumbered(["a"], as: "p", count: 50)
            #expect(try await subscriber.receiveNumbered(from: ["p"])["p"] == Array(0..<50))
            #expect(await child.status().trees[0].link?.failovers == 0)
        }
    }

    /// READY of a child relay that speaks the link.
    private static func ready(_ type: String) -> [UInt8] {
        var metadata: [UInt8] = []
        for (name, value) in [
            ("Socket-Type", type), ("X-Xylem-Node", "stranger"), ("X-Xylem-Tree", "t"),
            ("X-Xylem-Rank", "9"), ("X-Xylem-Link", "1"),
        ] {
            metadata += [UInt8(name.utf8.count)] + Array(name.utf8)
            metadata += [0, 0, 0, UInt8(value.utf8.count)] + Array(value.utf8)
        }
        return Octets.command("READY", metadata)
    }
}
