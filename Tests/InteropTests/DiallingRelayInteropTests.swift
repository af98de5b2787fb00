import Logging
import RouterNode
import SocketTestSupport
import Testing

/// A relay that connects to libzmq's sockets which are bound: a PUB that feeds it, a SUB that it serves.
@Suite(.needsPeer, .sockets, .timeLimit(.minutes(5))) struct DiallingRelayInteropTests {
    private static func relay(
        from publisher: String,
        to subscriber: String,
        overflow: OverflowPolicy = .block
    ) async throws -> Relay {
        var configuration = RelayConfiguration.lone(
            publishers: .init(dialled: [publisher]),
            subscribers: .init(dialled: [subscriber]),
            overflow: overflow
        )
        configuration.reconnectInitial = .milliseconds(10)
        configuration.reconnectMaximum = .milliseconds(100)
        return try await Relay.start(configuration, logger: Logger(label: "relay"))
    }

    private static func publisher(at endpoint: String, _ role: String) throws -> PeerProcess {
        try PeerProcess(role, "--bind", endpoint, "--no-drop")
    }

    private static func subscriber(at endpoint: String, _ role: String) throws -> PeerProcess {
        try PeerProcess(
            role,
            "--bind",
            endpoint,
            "--topic",
            "weather.",
            "--subscribe",
            "weather."
        )
    }

    /// Messages from one to the other, all of them, in order.
    private static func expectExchange(
        _ sender: PeerProcess,
        _ receiver: PeerProcess,
        count: Int = 5_000
    ) async throws {
        try sender.send("probe weather.")
        _ = try await receiver.event("probed")
        try sender.send("probe-stop\nsend \(count) 64 weather.")
        try receiver.send("expect \(count)")
        let sent = try await sender.event("sent")
        let received = try await receiver.event("received")
        #expect(received.isComplete(count: count))
        #expect(received.sha256 == sent.sha256)
    }

    @Test(arguments: ["publisher", "xpublisher"], ["subscriber", "xsubscriber"])
    func `it carries messages from a bound publisher to a bound subscriber`(
        publishing: String,
        subscribing: String
    ) async throws {
        for transport in ["tcp://127.0.0.1:*", "ipc://*"] {
            let sender = try Self.publisher(at: transport, publishing)
            let receiver = try Self.subscriber(at: transport, subscribing)
            let relay = try await Self.relay(
                from: try await sender.endpoint(),
                to: try await receiver.endpoint()
            )
            try await Self.expectExchange(sender, receiver)
            let status = await relay.status()
            #expect(status.dialled.map(\.side) == ["publishers", "subscribers"])
            #expect(status.dialled.allSatisfy { $0.isConnected && $0.problem == nil })
            #expect(status.totals.publishers == 1 && status.totals.subscribers == 1)
            #expect(status.endpoints.listening.isEmpty)
            await relay.stop()
            await sender.close()
            await receiver.close()
        }
    }

    @Test func `both ends may come late, go and come again`() async throws {
        var sender = try Self.publisher(at: "tcp://127.0.0.1:*", "publisher")
        var receiver = try Self.subscriber(at: "tcp://127.0.0.1:*", "subscriber")
        let (from, to) = (try await sender.endpoint(), try await receiver.endpoint())
        await sender.close()
        await receiver.close()
        let relay = try await Self.relay(from: from, to: to)
        try await eventually("two reasons") {
            await relay.status().dialled.allSatisfy { !$0.isConnected && $0.problem != nil }
        }
        for round in 0..<2 {
            sender = try Self.publisher(at: from, "publisher")
            receiver = try Self.subscriber(at: to, "subscriber")
            try await Self.expectExchange(sender, receiver, count: 500)
            await sender.close()
            if round == 0 { await receiver.close() }
        }
        sender = try Self.publisher(at: from, "publisher")
        try sender.send("probe weather.")
        try receiver.send("reset")
        _ = try await receiver.event("probed")
        await relay.stop()
        await sender.close()
        await receiver.close()
    }

    @Test func `what waits for a bound subscriber is sent before the relay ends`() async throws {
        let sender = try Self.publisher(at: "tcp://127.0.0.1:*", "publisher")
        let receiver = try Self.subscriber(at: "tcp://127.0.0.1:*", "subscriber")
        let relay = try await Self.relay(
            from: try await sender.endpoint(),
            to: try await receiver.endpoint(),
            overflow: .dropNewest
        )
        try await Self.expectExchange(sender, receiver, count: 100)
        try receiver.send("pause")
        _ = try await receiver.event("paused")
        // More than the kernel's buffers hold of messages of this size.
        try sender.send("send 4000 4000 weather.")
        _ = try await sender.event("sent")
        try await eventually("all of them at the relay") {
            await relay.status().totals.receivedMessages >= 4_100
        }
        try receiver.send("reset")
        async let stopped: Void = relay.stop()
        try receiver.send("resume\nexpect 4000")
        let received = try await receiver.event("received")
        #expect(received.count == 4_000)
        await stopped
        await sender.close()
        await receiver.close()
    }
}
