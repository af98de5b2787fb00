import RouterNode
import SocketTestSupport
import Testing
import Transports
import Vocabulary

/// A control endpoint and clients that keep it waiting.
@Suite(.serialized) struct ControlServerTests {
    private static func withServer(
        idleMax: Duration,
        _ body: @escaping @Sendable (ControlServer, Endpoint) async throws -> Void
    ) async throws {
        try await RelayLab.run { lab in
            let relay = try await lab.start("relay")
            let server = try await ControlServer.start(
                at: .init(bind: "*:0", advertise: "127.0.0.1:0"),
                idleMax: idleMax
            ) { await relay.status() }
            try await body(server, Endpoint("tcp://\(server.address)"))
            await server.stop()
        }
    }

    @Test(arguments: ["", "GET /status HTTP/1.1\r\nHost: x\r\n"])
    func `a connection that says nothing more is closed`(octets: String) async throws {
        try await Self.withServer(idleMax: .milliseconds(500)) { server, endpoint in
            #expect(server.address.hasPrefix("127.0.0.1:"))
            let peer = try await RawPeer.connect(to: endpoint)
            try await peer.send(Array(octets.utf8))
            try await peer.closed()
            #expect(try await ControlClient.status(at: server.address).name == "relay")
        }
    }

    @Test func `of many that wait the oldest go, and who asks is answered`() async throws {
        try await Self.withServer(idleMax: .seconds(600)) { server, endpoint in
            var peers: [RawPeer] = []
            for _ in 0..<100 { peers.append(try await RawPeer.connect(to: endpoint)) }
            #expect(try await ControlClient.status(at: server.address).name == "relay")
            try await peers[0].closed()
            for peer in peers { await peer.close() }
        }
    }

    @Test func `a port that is taken is refused with what to do`() async throws {
        try await RelayLab.run { lab in
            let relay = try await lab.start("relay")
            let server = try await ControlServer.start(at: "127.0.0.1:0") { await relay.status() }
            let error = await #expect(throws: ControlError.self) {
                _ = try await ControlServer.start(at: server.address) { await relay.status() }
            }
            #expect(error?.message.contains("the address is in use") == true)
            await server.stop()
        }
    }

    @Test func `a connection that is kept alive asks again`() async throws {
        try await Self.withServer(idleMax: .seconds(600)) { _, endpoint in
            let peer = try await RawPeer.connect(to: endpoint)
            for word in ["keep-alive", "close"] {
                let request = "GET /status HTTP/1.1\r\nConnection: \(word)\r\n\r\n"
                try await peer.send(Array(request.utf8))
            }
            let answers = String(decoding: try await peer.receiveAll(), as: UTF8.self)
            #expect(answers.split(separator: "HTTP/1.1 200").count == 2)
            await peer.close()
        }
    }
}
