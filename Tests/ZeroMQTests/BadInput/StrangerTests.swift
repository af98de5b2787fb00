import SocketTestSupport
import Testing
import ZeroMQ

/// Peers that connect and do not prove who they are.
@Suite(.sockets, .timeLimit(.minutes(2))) struct StrangerTests {
    private static let keys = CurveKeyPair.random()

    private static let server = SocketOptions { $0.security = .curveServer(keys: keys) }

    private static let client = SocketOptions {
        $0.security = .curve(serverKey: keys.publicKey, keys: .random())
    }

    /// Who stops at each place of the handshake, and stays.
    private static func strangers(at endpoint: Endpoint, count: Int) async throws -> [RawPeer] {
        let greeting = Octets.greeting(mechanism: "CURVE")
        let starts: [[UInt8]] = [
            [], [0xFF], greeting, greeting + [4, 200, 5] + Array("HELLO".utf8),
            greeting + Octets.command("HELLO", [UInt8](repeating: 0, count: 194)),
        ]
        var strangers: [RawPeer] = []
        for number in 0..<count {
            let stranger = try await RawPeer.connect(to: endpoint)
            try? await stranger.send(starts[number % starts.count])
            strangers.append(stranger)
        }
        return strangers
    }

    // CVE-2020-15166: a raw TCP connection was given messages as soon as it stood, which then waited for it for ever.
    @Test func `no message is kept for who has not shown a key`() async throws {
        let pusher = Pusher(options: Self.server)
        let endpoint = try await pusher.bind("tcp://127.0.0.1:*")
        let strangers = try await Self.strangers(at: endpoint, count: 20)
        let events = pusher.events
        #expect(pusher.trySend("nobody's") == .full)
        let puller = Puller(options: Self.client)
        try await puller.connect(endpoint)
        try await events.nextEstablished()
        for number in 0..<200 { try await pusher.send(Message("\(number)")) }
        #expect(try await puller.receiveTexts(200) == (0..<200).map(String.init))
        #expect(await pusher.peerCount() == 1)
        for stranger in strangers { await stranger.close() }
        try await puller.closeInTime()
        try await pusher.closeInTime()
    }

    @Test func `requests are answered while strangers wait`() async throws {
        let replier = Replier(options: Self.server)
        let endpoint = try await replier.bind("tcp://127.0.0.1:*")
        let strangers = try await Self.strangers(at: endpoint, count: 20)
        let serving = Task { try await replier.serve { $0 } }
        let requester = Requester(options: Self.client)
        try await requester.connect(endpoint)
        #expect(
            try await requester.request("still there?", timeout: .seconds(20)) == "still there?"
        )
        for stranger in strangers { await stranger.close() }
        try await requester.closeInTime()
        try await replier.closeInTime()
        _ = await serving.result
    }
}
