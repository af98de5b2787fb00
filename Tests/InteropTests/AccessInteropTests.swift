import Logging
import RouterNode
import SocketTestSupport
import Testing
import ZeroMQ

@testable import XylemPeer

/// libzmq's sockets at a relay with an access list: known by their keys, and by their addresses.
@Suite(.needsPeer, .sockets, .timeLimit(.minutes(5))) struct AccessInteropTests {
    private static func relay(
        _ access: AccessList,
        _ configure: (inout RelayConfiguration) throws -> Void = { _ in }
    ) async throws -> Relay {
        var configuration = RelayConfiguration.lone(
            publishersEndpoint: "tcp://127.0.0.1:*",
            subscribersEndpoint: "tcp://127.0.0.1:*",
            overflow: .block
        )
        configuration.access = .list(access)
        try configure(&configuration)
        return try await Relay.start(configuration, logger: Logger(label: "relay"))
    }

    @Test(arguments: [true, false])
    func `a publisher and a subscriber get what their rules say`(isByKey: Bool) async throws {
        let fixture = SecurityFixture(.curve, weAreServer: true)
        let permission = AccessList.Permission(publish: ["n."], subscribe: ["n.", "m."])
        let rule =
            isByKey
            ? AccessList.Rule(
                keys: ["\(fixture.clientKeys.publicKey)"],
                permission: permission
            )
            : AccessList.Rule(
                addresses: [try #require(AddressBlock("127.0.0.0/8"))],
                permission: permission
            )
        let watcher = CurveKeyPair.random()
        let list = AccessList(
            rules: [
                rule,
                .init(keys: ["\(watcher.publicKey)"], permission: .init(subscribe: [""])),
            ],
            otherwise: .init(subscribe: ["x."])
        )
        let relay = try await Self.relay(list) { configuration in
            guard isByKey else { return }
            configuration.security.listening = .curve(keys: fixture.serverKeys)
        }
        let endpoints = try #require(relay.endpoints)
        let arguments = isByKey ? fixture.peerArguments : []
        let receiver = try PeerProcess(
            "subscriber",
            ["--connect", "\(endpoints.subscribers)", "--topic", "n.", "--subscribe", ""]
                + arguments
        )
        try await eventually("a refused subscription") {
            await relay.status().totals.refusedSubscriptions == 1
        }
        try receiver.send("subscribe n.\nsubscribe m.")
        try await eventually("two subscriptions") { await relay.status().totals.topics == 2 }
        // It is told of both at once: a PUB sends nothing that nobody asks for.
        let sender = try PeerProcess(
            "publisher",
            ["--connect", "\(endpoints.publishers)"] + arguments
        )
        try sender.send("probe n.")
        _ = try await receiver.event("probed")
        try sender.send("probe-stop\nsend 100 64 n.\nsend 50 64 m.\nsend 100 64 n.")
        try receiver.send("expect 200")
        let received = try await receiver.event("received")
        #expect(received.count == 200, "\(received)")
        try await eventually("50 messages that were refused") {
            await relay.status().totals.drops == ["not-allowed": 50]
        }
        let status = await relay.status()
        #expect(status.balance.unaccounted == 0)
        let publisher = try #require(status.peers.first { $0.role == "publisher" })
        let subscriber = try #require(status.peers.first { $0.role == "subscriber" })
        #expect(publisher.refusedMessages == 50)
        #expect(subscriber.refusedSubscriptions == 1 && subscriber.subscriptions == 2)
        await sender.close()
        await receiver.close()
        await relay.stop()
    }
}
