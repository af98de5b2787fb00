import SocketTestSupport
import Testing
import Transports
import ZMTP
import ZeroMQ

@testable import XylemPeer

/// libzmq peers that die, come back, or stop answering.
@Suite(.needsPeer, .sockets, .timeLimit(.minutes(5))) struct FailureInteropTests {
    private static let first = NumberedMessage(topic: "t.", sequence: 0)

    @Test func `a killed publisher is found again at its port`() async throws {
        let subscriber = Subscriber(
            options: SocketOptions { $0.reconnectInitial = .milliseconds(10) }
        )
        let events = subscriber.events
        try await subscriber.subscribe(to: "t.")
        var endpoint = "tcp://127.0.0.1:*"
        for _ in 0..<3 {
            let peer = try PeerProcess("publisher", "--bind", endpoint)
            endpoint = try await peer.endpoint()
            try await subscriber.connect(endpoint)
            try await subscriber.awaitProbe("t.", of: peer)
            try peer.send("send 100 64 t.")
            #expect(try await subscriber.compare(0..<100, with: Self.first) == 0)
            peer.kill()
            _ = try await events.nextDisconnect()
            while subscriber.tryReceive() != nil {}
        }
        try await within("close") { await subscriber.close() }
    }

    @Test func `a killed subscriber takes its subscriptions along, and its heir is served`()
        async throws
    {
        let publisher = XPublisher()
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*").description
        for round in UInt64(0)..<2 {
            let peer = try PeerProcess(
                "subscriber",
                "--connect",
                endpoint,
                "--topic",
                "t.",
                "--subscribe",
                "t."
            )
            let topic = Array("t.".utf8)
            let news = try await within("subscription") { try await publisher.receive() }
            #expect(news == .subscribed(topic: topic))
            try await publisher.send(round..<round + 100, like: Self.first)
            try peer.send("expect 100")
            let received = try await peer.event("received")
            #expect(received.isComplete(count: 100, from: round), "\(received)")
            peer.kill()
            let farewell = try await within("cancellation") { try await publisher.receive() }
            #expect(farewell == .cancelled(topic: topic))
        }
        try await within("close") { await publisher.close() }
    }

    @Test func `heartbeats keep a living peer and end a frozen one`() async throws {
        let publisher = XPublisher(
            options: SocketOptions {
                $0.heartbeat = HeartbeatOptions(interval: .milliseconds(100), timeout: .seconds(2))
            }
        )
        let events = publisher.events
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*").description
        let peer = try PeerProcess(
            "subscriber",
            "--connect",
            endpoint,
            "--heartbeat-ms",
            "200",
            "--heartbeat-timeout-ms",
            "10000",
            "--reconnect-ms",
            "10",
            "--topic",
            "t.",
            "--subscribe",
            "t."
        )
        try await events.nextEstablished()
        _ = try await within("subscription") { try await publisher.receive() }
        // Several heartbeats of both sides in which nothing else is sent.
        try await Task.sleep(for: .milliseconds(1_000))
        try await publisher.send(0..<10, like: Self.first)
        try peer.send("expect 10")
        #expect(try await peer.event("received").isComplete(count: 10))
        peer.freeze()
        // The first disconnection there is: the seconds before brought none.
        #expect(try await events.nextDisconnect() == .heartbeat)
        peer.wake()
        try await events.nextEstablished()
        try await publisher.probe("t.", until: peer)
        try await publisher.send(10..<20, like: Self.first)
        try peer.send("expect 20")
        #expect(try await peer.event("received").isComplete(count: 20))
        try await within("close") { await publisher.close() }
        await peer.close()
    }
}
