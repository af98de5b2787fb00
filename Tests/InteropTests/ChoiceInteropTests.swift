import Logging
import RouterNode
import SocketTestSupport
import Testing
import ZeroMQ

@testable import XylemPeer

/// libzmq at an endpoint that takes NULL and CURVE: it says its mechanism once it has read our version, and closes when ours is
/// another one.
@Suite(.needsPeer, .sockets, .timeLimit(.minutes(2))) struct ChoiceInteropTests {
    @Test func `it is served with a key and without one`() async throws {
        let fixture = SecurityFixture(.curve, weAreServer: true)
        var configuration = RelayConfiguration.lone(
            publishersEndpoint: "tcp://127.0.0.1:*",
            subscribersEndpoint: "tcp://127.0.0.1:*",
            overflow: .block
        )
        configuration.security.listening = .nullOrCurve(keys: fixture.serverKeys)
        let relay = try await Relay.start(configuration, logger: Logger(label: "relay"))
        let endpoints = try #require(relay.endpoints)
        func subscriber(_ arguments: [String]) throws -> PeerProcess {
            try PeerProcess(
                "subscriber",
                ["--connect", "\(endpoints.subscribers)", "--topic", "n.", "--subscribe", "n."]
                    + arguments
            )
        }
        let receivers = [try subscriber([]), try subscriber(fixture.peerArguments)]
        try await eventually("two subscribers") {
            await relay.status().totals.subscriptions == 2
        }
        let sender = try PeerProcess(
            "publisher",
            ["--connect", "\(endpoints.publishers)"] + fixture.peerArguments
        )
        try sender.send("probe n.")
        for receiver in receivers { _ = try await receiver.event("probed") }
        try sender.send("probe-stop\nsend 500 64 n.")
        for receiver in receivers {
            try receiver.send("expect 500")
            let received = try await receiver.event("received")
            #expect(received.isComplete(count: 500), "\(received)")
            await receiver.close()
        }
        await sender.close()
        await relay.stop()
    }
}
