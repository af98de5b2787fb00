import SocketTestSupport
import Testing
import ZeroMQ

/// What a monitor tells of peers that are libzmq's.
@Suite(.needsPeer, .sockets, .timeLimit(.minutes(1))) struct MonitorInteropTests {
    @Test(arguments: [false, true])
    func `libzmq gives a PING's number back, so that the round trip is known`(
        isEncrypted: Bool
    ) async throws {
        let fixture = SecurityFixture(isEncrypted ? .curve : .plain, weAreServer: true)
        var options = fixture.options
        options.heartbeat = HeartbeatOptions(interval: .milliseconds(20), timeout: .seconds(20))
        let publisher = XPublisher(options: options)
        let events = publisher.events
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*").description
        let peer = try PeerProcess(
            "subscriber",
            ["--connect", endpoint, "--subscribe", ""] + fixture.peerArguments
        )
        try await events.nextEstablished()
        try await eventually("round trip") {
            await publisher.peerStatistics().first?.roundTrip != nil
        }
        let figures = try #require(await publisher.peerStatistics().first)
        #expect(figures.peer.socketType == .sub)
        #expect(figures.peer.metadata.text("Socket-Type") == "SUB")
        await peer.close()
        let end = try await events.next("disconnected event") {
            if case .disconnected = $0 { true } else { false }
        }
        #expect(end.libzmq?.kind == .disconnected)
        try await within("close") { await publisher.close() }
    }
}
