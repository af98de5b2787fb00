import RouterNode
import Simulation
import SocketTestSupport
import Testing
import Transports
import ZeroMQ

/// Whatever one peer does, the others do not notice.
@Suite(.serialized) struct HostileTests {
    private static func strict(_ configuration: inout RelayConfiguration) {
        configuration.messageByteCountMax = HostilePeer.messageByteCountMax
    }

    /// A publisher and a subscriber that exchange messages through the relay.
    private struct Pair {
        var publisher: XPublisher
        var subscriber: Subscriber

        init(_ lab: RelayLab, at relay: Relay) async throws {
            publisher = try await lab.publisher(at: relay)
            subscriber = try await lab.subscriber(at: relay, topics: ["t"])
            try await lab.settle([subscriber], to: [publisher])
        }

        func expectExchange(count: Int = 100) async throws {
            try await publisher.sendNumbered(["t"], as: "p", count: count)
            let received = try await subscriber.receiveNumbered(from: ["p"])
            #expect(received == ["p": Array(0..<count)])
        }

        func close() async {
            await publisher.close()
            await subscriber.close()
        }
    }

    @Test(arguments: HostilePeer.all, [1, 2])
    func `an offender is disconnected, with a reason in the log`(
        offender: HostilePeer,
        threads: Int
    ) async throws {
        try await RelayLab.run { lab in
            let relay = try await lab.start("lone") {
                Self.strict(&$0)
                // Short only for who is to run into it: a busy machine is slow.
                if offender.isStalling { $0.stallTimeout = .milliseconds(200) }
                if offender.isSilent { $0.handshakeTimeout = .milliseconds(200) }
                $0.threadCount = threads
            }
            let pair = try await Pair(lab, at: relay)
            let endpoints = try #require(relay.endpoints)
            let peer = try await RawPeer.connect(
                to: offender.port == .publishers ? endpoints.publishers : endpoints.subscribers
            )
            try? await peer.send(offender.octets)
            try await peer.closed()
            try await eventually("reason in the log") {
                lab.log.lines.contains {
                    $0.hasPrefix("lone notice") && $0.contains(offender.reason)
                }
            }
            try await relay.eventually("the pair alone") { $0.peers.count == 2 }
            try await pair.expectExchange()
        }
    }

    @Test(arguments: [1, 2])
    func `random octets at both ports do no harm`(threads: Int) async throws {
        try await RelayLab.run { lab in
            let relay = try await lab.start("lone") {
                Self.strict(&$0)
                $0.threadCount = threads
            }
            let endpoints = try #require(relay.endpoints)
            let pair = try await Pair(lab, at: relay)
            for seed in UInt64(0)..<80 {
                var generator = SeededGenerator(seed: seed)
                let isPublisher = seed.isMultiple(of: 2)
                let start = isPublisher ? HostilePeer.asPublisher : HostilePeer.asSubscriber
                // A quarter are strangers, the others get through the handshake.
                let junk = generator.octets(.random(in: 1...3_000, using: &generator))
                let octets = (seed % 8 < 2 ? [] : start) + junk
                let peer = try await RawPeer.connect(
                    to: isPublisher ? endpoints.publishers : endpoints.subscribers
                )
                // The relay may have had enough before the end.
                try? await peer.send(octets)
                if seed % 8 < 4 { await peer.close() } else { try? await peer.reset() }
            }
            try await relay.eventually("the pair alone") { $0.peers.count == 2 }
            // Junk may hold what looks like a message or a subscription; both are the sender's own affair.
            try await pair.expectExchange()
            await pair.close()
            try await relay.eventually("nobody and nothing") {
                $0.peers.isEmpty && $0.totals.topics == 0 && $0.totals.subscriptions == 0
            }
        }
    }

    @Test func `what came whole before an offence is delivered`() async throws {
        try await RelayLab.run { lab in
            let relay = try await lab.start("lone")
            let pair = try await Pair(lab, at: relay)
            for _ in 0..<20 {
                let peer = try await RawPeer.connect(to: try #require(relay.endpoints).publishers)
                try await peer.send(
                    HostilePeer.asPublisher + Octets.frame("t", hasMore: true)
                        + Octets.frame("last words") + [0xF0]
                )
                let message = try await within("message") { try await pair.subscriber.receive() }
                #expect(message[1].text == "last words")
                await peer.close()
            }
        }
    }

    @Test func `10,000 connections opened and dropped leave nothing behind`() async throws {
        try await RelayLab.run { lab in
            let relay = try await lab.start("lone") { $0.threadCount = 2 }
            let pair = try await Pair(lab, at: relay)
            // Once before, so that what is allocated once and kept does not count.
            try await Self.storm(relay, laneCount: 10, perLane: 50)
            let before = ResidentMemory.byteCount
            try await Self.storm(relay, laneCount: 20, perLane: 10_000 / 20)
            try await relay.eventually("the pair alone") { $0.peers.count == 2 }
            try await pair.expectExchange()
            let grown = ResidentMemory.byteCount - before
            #expect(grown < 64 << 20, "\(grown) octets more after the storm")
            await pair.close()
            try await relay.eventually("nobody and nothing") {
                $0.peers.isEmpty && $0.totals.topics == 0 && $0.totals.queuedMessages == 0
            }
        }
    }

    private static func storm(_ relay: Relay, laneCount: Int, perLane: Int) async throws {
        let endpoints = try #require(relay.endpoints)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<laneCount {
                group.addTask {
                    for number in 0..<perLane { try await visit(endpoints, lane + number) }
                }
            }
            try await group.waitForAll()
        }
    }

    private static func visit(_ endpoints: Relay.Endpoints, _ number: Int) async throws {
        let isPublisher = number.isMultiple(of: 2)
        let peer = try await RawPeer.connect(
            to: isPublisher ? endpoints.publishers : endpoints.subscribers
        )
        let start = isPublisher ? HostilePeer.asPublisher : HostilePeer.asSubscriber
        switch number % 10 {
        case 0, 1: await peer.close()
        case 2, 3: try await peer.reset()
        case 4, 5:
            try? await peer.send(start.prefix(70))
            await peer.close()
        case 6, 7:
            try? await peer.send(start + Octets.command("SUBSCRIBE", [UInt8(ascii: "x")]))
            await peer.close()
        default:
            try? await peer.send(start + Octets.frame("x"))
            try? await peer.reset()
        }
    }
}
