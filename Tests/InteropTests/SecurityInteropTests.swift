import SocketTestSupport
import Testing
import ZeroMQ

@testable import XylemPeer

/// Messages between libzmq and us under PLAIN and CURVE.
@Suite(.needsPeer, .sockets, .timeLimit(.minutes(10))) struct SecurityInteropTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var transport: PeerTests.Transport
        var mechanism: SecurityFixture.Mechanism
        /// Whether our side is the mechanism's server.
        var weAreServer: Bool

        var testDescription: String {
            "\(mechanism.rawValue) \(weAreServer ? "server" : "client"), \(transport)"
        }

        static let all = PeerTests.Transport.allCases.flatMap { transport in
            SecurityFixture.Mechanism.allCases.flatMap { mechanism in
                [true, false].map {
                    Case(transport: transport, mechanism: mechanism, weAreServer: $0)
                }
            }
        }
    }

    /// Count, octets of a frame, frames: with frames without octets, and around the edge between short and long ones, as
    /// they are and encrypted.
    private static let rounds: [(UInt64, Int, Int)] = [
        (2_000, 64, 1), (20, 0, 5), (20, 222, 4), (20, 223, 2), (20, 256, 2), (10, 70_000, 3),
        (2, 5 << 20, 2),
    ]

    private static func close(_ socket: Socket) async throws {
        try await within("close") { await socket.close() }
    }

    @Test(arguments: Case.all)
    func `what we publish arrives`(which: Case) async throws {
        let fixture = SecurityFixture(which.mechanism, weAreServer: which.weAreServer)
        let publisher = XPublisher(options: fixture.options)
        let events = publisher.events
        let endpoint = try await publisher.bind(which.transport.rawValue).description
        let peer = try PeerProcess(
            "subscriber",
            ["--connect", endpoint, "--topic", "a."] + fixture.peerArguments
        )
        try await Self.checkEstablished(events, fixture, transport: which.transport)
        // SUBSCRIBE and CANCEL as ZMTP 3.1 has them.
        try peer.send("subscribe b.\nunsubscribe b.\nsubscribe a.")
        for expected in [
            SubscriptionNews.subscribed(topic: Array("b.".utf8)),
            .cancelled(topic: Array("b.".utf8)),
            .subscribed(topic: Array("a.".utf8)),
        ] {
            let news = try await within("subscription") { try await publisher.receive() }
            #expect(news == expected)
        }
        var next: UInt64 = 0
        for (count, size, parts) in Self.rounds {
            let sample = NumberedMessage(
                topic: "a.",
                sequence: 0,
                byteCount: size,
                partCount: parts
            )
            try await publisher.send(next..<next + count, like: sample)
            next += count
            try peer.send("expect \(next)")
            let received = try await peer.event("received")
            #expect(received.isComplete(count: Int(next)), "\(received)")
        }
        await peer.close()
        try await Self.close(publisher)
    }

    @Test(arguments: Case.all)
    func `what libzmq publishes arrives`(which: Case) async throws {
        let fixture = SecurityFixture(which.mechanism, weAreServer: which.weAreServer)
        let peer = try PeerProcess(
            "xpublisher",
            ["--bind", which.transport.rawValue, "--no-drop"] + fixture.peerArguments
        )
        let subscriber = Subscriber(options: fixture.options)
        let events = subscriber.events
        try await subscriber.connect(try await peer.endpoint())
        try await Self.checkEstablished(events, fixture, transport: which.transport)
        try await subscriber.subscribe(to: "b.")
        try await subscriber.unsubscribe(from: "b.")
        try await subscriber.subscribe(to: "a.")
        #expect(try await peer.event("subscribed").topic == "b.")
        #expect(try await peer.event("unsubscribed").topic == "b.")
        #expect(try await peer.event("subscribed").topic == "a.")
        var next: UInt64 = 0
        for (count, size, parts) in Self.rounds {
            let sample = NumberedMessage(
                topic: "a.",
                sequence: 0,
                byteCount: size,
                partCount: parts
            )
            try peer.send("send \(count) \(size) a. \(parts)")
            #expect(try await subscriber.compare(next..<next + count, with: sample) == 0)
            next += count
        }
        try await Self.close(subscriber)
        await peer.close()
    }

    private static func checkEstablished(
        _ events: AsyncStream<SocketEvent>,
        _ fixture: SecurityFixture,
        transport: PeerTests.Transport
    ) async throws {
        let event = try await events.next("established event") {
            if case .established = $0 { true } else { false }
        }
        guard case .established(_, let remote) = event else { return }
        #expect(remote.userID == (fixture.weAreServer ? "ann" : nil))
        guard fixture.weAreServer else { return }
        let introduction = PeerIntroduction(
            proof: fixture.proof,
            address: transport == .tcp ? "127.0.0.1" : nil,
            domain: "weather"
        )
        #expect(fixture.asked.peers == [introduction])
    }

    @Test(arguments: [true, false])
    func `64 MB go both ways`(weAreServer: Bool) async throws {
        let size = 64 << 20
        let big = NumberedMessage(topic: "big.", sequence: 0, byteCount: size)
        let fixture = SecurityFixture(.curve, weAreServer: weAreServer)
        // The second is more than a queue holds beside the first.
        var options = fixture.options
        options.overflow = .block
        let publisher = XPublisher(options: options)
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*").description
        let receiver = try PeerProcess(
            "subscriber",
            ["--connect", endpoint, "--topic", "big.", "--subscribe", "big."]
                + fixture.peerArguments
        )
        _ = try await within("subscription") { try await publisher.receive() }
        try await publisher.send(0..<2, like: big)
        try receiver.send("expect 2")
        let received = try await receiver.event("received", within: .seconds(60))
        #expect(received.isComplete(count: 2), "\(received)")
        await receiver.close()
        try await Self.close(publisher)
        let sender = try PeerProcess(
            "xpublisher",
            ["--bind", "tcp://127.0.0.1:*"] + fixture.peerArguments
        )
        let subscriber = Subscriber(options: fixture.options)
        try await subscriber.subscribe(to: "big.")
        try await subscriber.connect(try await sender.endpoint())
        _ = try await sender.event("subscribed")
        try sender.send("send 2 \(size) big.")
        #expect(try await subscriber.compare(0..<2, with: big) == 0)
        try await Self.close(subscriber)
        await sender.close()
    }

    @Test func `heartbeats go through encryption`() async throws {
        let fixture = SecurityFixture(.curve, weAreServer: true)
        var options = fixture.options
        options.heartbeat = HeartbeatOptions(
            interval: .milliseconds(20),
            timeout: .milliseconds(500)
        )
        let publisher = XPublisher(options: options)
        let events = publisher.events
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*").description
        let peer = try PeerProcess(
            "subscriber",
            ["--connect", endpoint, "--subscribe", "", "--heartbeat-ms", "20"]
                + fixture.peerArguments
        )
        try await events.nextEstablished()
        // Both sides ask a hundred times; who did not understand an answer would have left.
        try await Task.sleep(for: .seconds(2))
        publisher.send("a")
        try peer.send("report")
        _ = try await peer.event("received")
        #expect(fixture.asked.peers.count == 1)
        peer.freeze()
        #expect(try await events.nextDisconnect() == .heartbeat)
        peer.wake()
        await peer.close()
        try await Self.close(publisher)
    }
}
