import SocketTestSupport
import Testing
import ZMTP

@testable import Transports

/// Peers that break the rules: each is disconnected for a reason a person can read, and nobody else notices.
@Suite(.sockets, .timeLimit(.minutes(5))) struct BadPeerTests {
    private static let handshake = Octets.greeting() + Octets.ready("SUB")

    @Test(arguments: BadPeer.strangers)
    func `a stranger is refused in the handshake`(peer: BadPeer) async throws {
        try await expectRefusal(of: peer.octets, reason: peer.reason)
    }

    @Test(arguments: BadPeer.offenders)
    func `an offender is disconnected after it`(peer: BadPeer) async throws {
        try await expectRefusal(of: Self.handshake + peer.octets, reason: peer.reason)
    }

    private func expectRefusal(of octets: [UInt8], reason: String) async throws {
        let socket = TestSocket(.pub) { $0.session.messageByteCountMax = 1 << 20 }
        let endpoint = try await socket.bind()
        let peer = try await RawPeer.connect(to: endpoint)
        // The socket may close before the last octet is taken.
        try? await peer.send(octets)
        let actual = try await socket.events.nextDisconnect()
        #expect(actual.description.contains(reason), "\(actual)")
        try await peer.closed()
        try await TestSocket.proveHealthy(endpoint)
        try await expectNoConnections(of: socket)
        try await socket.close()
    }

    private func expectNoConnections(of socket: TestSocket) async throws {
        try await eventually("end of every connection") { socket.hub.connections.isEmpty }
    }

    @Test func `a socket of the wrong type is told so with an ERROR command`() async throws {
        let socket = TestSocket(.pub)
        let peer = try await RawPeer.connect(to: try await socket.bind())
        try await peer.send(Octets.greeting() + Octets.ready("PUSH"))
        let octets = try await peer.receiveAll()
        let error = octets.dropFirst(Octets.openingByteCount("PUB"))
        #expect(error.dropFirst(2).starts(with: [5] + Array("ERROR".utf8)))
        let text = String(decoding: error.dropFirst(9), as: UTF8.self)
        #expect(text == "PUSH cannot talk to PUB")
        try await socket.close()
    }

    @Test func `commands arrive at the socket, the session's own excepted`() async throws {
        let socket = TestSocket(.pub)
        let peer = try await RawPeer.connect(to: try await socket.bind())
        let group = Array("group".utf8)
        try await peer.send(
            Self.handshake + Octets.command("PING", [0, 0]) + Octets.command("JOIN", group)
                + Octets.command("XYZZY", [1, 2, 3])
                + Octets.command("ERROR", [3] + Array("500".utf8))
        )
        #expect(try await socket.owner.nextCommand() == [4] + Array("JOIN".utf8) + group)
        #expect(try await socket.owner.nextCommand() == [5] + Array("XYZZY".utf8) + [1, 2, 3])
        #expect(
            try await socket.owner.nextCommand() == [5] + Array("ERROR".utf8) + [3]
                + Array("500".utf8)
        )
        #expect(try await socket.events.nextDisconnect() == .handshake(.refused(reason: "500")))
        await peer.close()
        try await socket.close()
    }

    @Test func `an unknown command is passed over`() async throws {
        let socket = TestSocket(.pub)
        let peer = try await RawPeer.connect(to: try await socket.bind())
        try await peer.send(
            Self.handshake + Octets.command("XYZZY", [1, 2, 3])
                + Octets.command("SUBSCRIBE", Array("a".utf8))
        )
        try await expectAnswer(to: peer, "answer a")
        await peer.close()
        try await socket.close()
    }

    private func expectAnswer(to peer: RawPeer, _ text: String) async throws {
        _ = try await peer.receive(Octets.openingByteCount("PUB"))
        let frame = Octets.frame(text)
        #expect(try await peer.receive(frame.count) == frame)
    }

    @Test func `a PING is answered with its context`() async throws {
        let socket = TestSocket(.pub)
        let peer = try await RawPeer.connect(to: try await socket.bind())
        try await peer.send(Self.handshake + Octets.command("PING", [0, 0, 7, 8, 9]))
        _ = try await peer.receive(Octets.openingByteCount("PUB"))
        let pong = Octets.command("PONG", [7, 8, 9])
        #expect(try await peer.receive(pong.count) == pong)
        await peer.close()
        try await socket.close()
    }

    @Test func `a command may stand inside a multipart message`() async throws {
        let socket = TestSocket(.pub)
        let peer = try await RawPeer.connect(to: try await socket.bind())
        let first = Octets.frame("first", hasMore: true)
        let last = Octets.frame("last")
        try await peer.send(Self.handshake + first + Octets.command("PING", [0, 0]) + last)
        #expect(try await socket.owner.nextMessage() == first + last)
        await peer.close()
        try await socket.close()
    }

    @Test func `octets may come one at a time`() async throws {
        let socket = TestSocket(.pub)
        let peer = try await RawPeer.connect(to: try await socket.bind())
        let subscription = Octets.command("SUBSCRIBE", Array("slowly".utf8))
        let message = Octets.frame("a", hasMore: true) + Octets.frame("b")
        for octet in Self.handshake + message + subscription { try await peer.send([octet]) }
        try await expectAnswer(to: peer, "answer slowly")
        #expect(try await socket.owner.nextMessage() == message)
        await peer.close()
        try await socket.close()
    }
}
