import NIOCore
import Patterns
import SocketTestSupport
import Testing
import ZMTP

@testable import Transports

/// Peers that stop: in the handshake, inside a message, or in reading.
@Suite(.sockets, .timeLimit(.minutes(5))) struct StallingPeerTests {
    private static let handshake = Octets.greeting() + Octets.ready("SUB")

    @Test(arguments: [0, 5, 11, 40, 64, 70])
    func `one that stalls in the handshake is disconnected`(count: Int) async throws {
        let socket = TestSocket(.pub) { $0.session.handshakeTimeout = .milliseconds(50) }
        let endpoint = try await socket.bind()
        let peer = try await RawPeer.connect(to: endpoint)
        // On a busy machine its time may be over by now.
        if count > 0 { try? await peer.send(Self.handshake.prefix(count)) }
        #expect(try await socket.events.nextDisconnect() == .handshake(.timedOut))
        try await peer.closed()
        try await TestSocket.proveHealthy(endpoint)
        try await socket.close()
    }

    @Test func `one that stalls inside a message is disconnected when asked for`() async throws {
        let socket = TestSocket(.pub) { $0.session.stallTimeout = .milliseconds(50) }
        let endpoint = try await socket.bind()
        let peer = try await RawPeer.connect(to: endpoint)
        try await peer.send(Self.handshake + [0x00, 100, 1, 2, 3])
        #expect(try await socket.events.nextDisconnect() == .stalled(.insideMessage))
        try await peer.closed()
        try await TestSocket.proveHealthy(endpoint)
        try await socket.close()
    }

    @Test func `one that is quiet between messages is not`() async throws {
        let socket = TestSocket(.pub) { $0.session.stallTimeout = .milliseconds(1) }
        let peer = try await RawPeer.connect(to: try await socket.bind())
        try await peer.send(Self.handshake + Octets.frame("x"))
        _ = try await socket.owner.nextMessage()
        try await Task.sleep(for: .milliseconds(20))
        try await peer.send(Octets.frame("y"))
        #expect(try await socket.owner.nextMessage() == Octets.frame("y"))
        await peer.close()
        try await socket.close()
    }

    @Test func `one that never reads is disconnected when asked for`() async throws {
        var transport = TransportOptions()
        transport.kernelSendByteCount = 64 << 10
        let socket = TestSocket(.pub, transport: transport) {
            $0.session.stallTimeout = .milliseconds(100)
        }
        let endpoint = try await socket.bind()
        let peer = try await RawPeer.connect(to: endpoint, isReading: false)
        try await peer.send(Self.handshake)
        try await socket.events.nextEstablished()
        for connection in socket.hub.connections { try await Self.flood(connection) }
        #expect(try await socket.events.nextDisconnect() == .stalled(.notReading))
        await peer.close()
        try await TestSocket.proveHealthy(endpoint)
        try await socket.close()
    }

    /// 32 MB, more than any kernel buffer here takes.
    private static func flood(_ connection: Connection) async throws {
        try await connection.loop.submit {
            let run = Run(["flood"], bodyByteCount: 1 << 20)
            for _ in 0..<32 { connection.outbox.append(run) }
            connection.drain()
        }.get()
    }

    @Test func `one that never reads does not keep a close`() async throws {
        let socket = TestSocket(.pub)
        let peer = try await RawPeer.connect(to: try await socket.bind(), isReading: false)
        try await peer.send(Self.handshake)
        try await socket.events.nextEstablished()
        for connection in socket.hub.connections { try await Self.flood(connection) }
        try await socket.close(linger: .milliseconds(50))
        #expect(socket.hub.connections.isEmpty)
        await peer.close()
    }

    @Test func `one that talks while it is sent the rest still gets it all`() async throws {
        var transport = TransportOptions()
        transport.kernelSendByteCount = 200 << 10
        transport.farewellTime = .seconds(60)
        let socket = TestSocket(.pub, transport: transport)
        let peer = try await RawPeer.connect(to: try await socket.bind(), isReading: false)
        try await peer.send(Self.handshake)
        try await socket.events.nextEstablished()
        let run = Run(["last"], bodyByteCount: 180 << 10)
        for connection in socket.hub.connections {
            connection.loop.execute {
                connection.outbox.append(run)
                connection.drain()
            }
        }
        let closing = Task { try await socket.close(linger: nil) }
        try await eventually("close under way") { socket.hub.boundEndpoints.isEmpty }
        // What comes to a socket that is wholly closed is answered with a reset, which takes the rest back.
        for _ in 0..<10 {
            try? await peer.send(Octets.command("PING", [0, 0]))
            try await Task.sleep(for: .milliseconds(1))
        }
        try await peer.startReading()
        let octets = try await peer.receiveAll()
        #expect(octets.dropFirst(Octets.openingByteCount("PUB")).starts(with: run.octets))
        try await closing.value
    }

    @Test func `one that asks and never reads is not answered without end`() async throws {
        var transport = TransportOptions()
        transport.kernelSendByteCount = 16 << 10
        let socket = TestSocket(.pub, transport: transport)
        // Over TCP the kernel of a peer that never reads may prune a segment, with the acknowledgement in it, and both
        // sides then wait for minutes.
        let endpoint = try await socket.bind("ipc://*")
        let peer = try await RawPeer.connect(to: endpoint, isReading: false)
        let pings = Array(repeatElement(Octets.command("PING", [0, 0]), count: 10_000).joined())
        try await peer.send(Self.handshake)
        for _ in 0..<20 { try await peer.send(pings) }
        try await peer.send(Octets.frame("done"))
        #expect(try await socket.owner.nextMessage() == Octets.frame("done"))
        await peer.close()
        try await TestSocket.proveHealthy(endpoint)
        try await socket.close()
    }
}
