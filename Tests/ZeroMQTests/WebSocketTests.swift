import SocketTestSupport
import Testing
import Transports
import ZMTP
import ZeroMQ

/// `ws://` (RFC 45, RFC 39).
@Suite(.sockets, .timeLimit(.minutes(2))) struct WebSocketTests {
    /// A request of RFC 6455 §1.3, whose key has a known answer.
    private static func request(
        target: String = "/",
        protocols: String? = "ZWS2.0/NULL",
        upgrade: String = "websocket"
    ) -> [UInt8] {
        var lines = [
            "GET \(target) HTTP/1.1", "Host: localhost", "Upgrade: \(upgrade)",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
        ]
        if let protocols { lines.append("Sec-WebSocket-Protocol: \(protocols)") }
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    /// A client's message, under a key of zeros.
    private static func message(_ flags: UInt8, _ body: [UInt8]) -> [UInt8] {
        [0x82, 0x80 | UInt8(body.count + 1), 0, 0, 0, 0, flags] + body
    }

    /// The head of the next answer.
    private static func head(_ peer: RawPeer) async throws -> String {
        var head: [UInt8] = []
        while !head.reversed().starts(with: [10, 13, 10, 13]) { head += try await peer.receive(1) }
        return String(decoding: head, as: UTF8.self)
    }

    @Test(arguments: ["ws://127.0.0.1:*", "ws://127.0.0.1:*/some/path?x=1"])
    func `messages of all sizes go both ways, in order`(text: String) async throws {
        let publisher = XPublisher(options: SocketOptions { $0.overflow = .block })
        let endpoint = try await publisher.bind(text)
        #expect(endpoint.port != nil)
        let subscriber = XSubscriber()
        try await subscriber.connect(endpoint)
        try await subscriber.subscribe(to: "")
        try await publisher.awaitSubscription("")
        let sizes = [0, 1, 124, 125, 126, 255, 256, 65_534, 65_535, 65_536, 3_000_000, 1]
        for size in sizes {
            publisher.send([Frame([UInt8](repeating: UInt8(size % 251), count: size)), "end"])
        }
        for number in 0..<20_000 { publisher.send("\(number)") }
        for size in sizes {
            let message = try await subscriber.receive(1)[0]
            #expect(message.count == 2 && message[1].text == "end")
            #expect(message[0].bytes == [UInt8](repeating: UInt8(size % 251), count: size))
        }
        #expect(try await subscriber.receiveTexts(20_000) == (0..<20_000).map(String.init))
        try await subscriber.send("up")
        try await publisher.awaitNews(.message("up"))
        try await subscriber.closeInTime()
        try await publisher.awaitCancellation("")
        try await publisher.closeInTime()
    }

    @Test func `a publisher may connect, and linger sends what waits`() async throws {
        let subscriber = Subscriber()
        let endpoint = try await subscriber.bind("ws://127.0.0.1:*/feed")
        try await subscriber.subscribe(to: "")
        let publisher = XPublisher()
        try await publisher.connect(endpoint)
        try await publisher.awaitSubscription("")
        for number in 0..<1000 { publisher.send("\(number)") }
        try await publisher.closeInTime()
        #expect(try await subscriber.receiveTexts(1000) == (0..<1000).map(String.init))
        try await subscriber.closeInTime()
    }

    @Test func `heartbeats are the WebSocket's own`() async throws {
        let publisher = XPublisher(
            options: SocketOptions {
                $0.heartbeat = HeartbeatOptions(
                    interval: .milliseconds(50),
                    timeout: .milliseconds(300)
                )
            }
        )
        let events = publisher.events
        let endpoint = try await publisher.bind("ws://127.0.0.1:*")
        let peer = try await RawPeer.connect(to: endpoint)
        try await peer.send(Self.request())
        _ = try await Self.head(peer)
        try await peer.send(Self.message(2, Array(Octets.ready("SUB").dropFirst(2))))
        let ready = Array(Octets.ready("XPUB").dropFirst(2))
        #expect(
            try await peer.receive(ready.count + 3) == [0x82, UInt8(ready.count + 1), 2] + ready
        )
        // Each has its number.
        #expect(try await peer.receive(6) == [0x89, 4, 0, 0, 0, 1])
        // Answers keep the connection; a ping is answered with its payload.
        for number in UInt8(2)...11 {
            try await peer.send([0x8A, 0x80, 0, 0, 0, 0])
            #expect(try await peer.receive(6) == [0x89, 4, 0, 0, 0, number])
        }
        try await peer.send([0x89, 0x81, 0, 0, 0, 0, 7])
        var octets = try await peer.receive(3)
        while octets.prefix(2) == [0x89, 4] {
            octets = Array((octets + (try await peer.receive(6))).dropFirst(6))
        }
        #expect(octets == [0x8A, 1, 7])
        // Silence ends it.
        try await peer.closed()
        for await event in events {
            guard case .disconnected(_, let reason) = event else { continue }
            #expect(reason == .heartbeat)
            break
        }
        try await publisher.closeInTime()
    }

    @Test(arguments: ["ZWS2.0/NULL", "ZWS2.0"])
    func `the round trip is that of a ping and its own pong`(name: String) async throws {
        let publisher = XPublisher(
            options: SocketOptions {
                $0.heartbeat = HeartbeatOptions(interval: .milliseconds(20), timeout: .seconds(20))
            }
        )
        let peer = try await RawPeer.connect(to: try await publisher.bind("ws://127.0.0.1:*"))
        try await peer.send(Self.request(protocols: name))
        _ = try await Self.head(peer)
        // Before its time a pong is no command of the handshake.
        try await peer.send([0x8A, 0x84, 0, 0, 0, 0, 0, 0, 0, 1])
        let ready = Array(Octets.ready("SUB").dropFirst(2))
        try await peer.send(name == "ZWS2.0" ? Self.message(0, []) : Self.message(2, ready))
        try await peer.send(Self.message(0, [1] + "a".utf8))
        try await publisher.awaitSubscription("a")
        _ = try await peer.receive(name == "ZWS2.0" ? 3 : ready.count + 4)
        #expect(try await peer.receive(6) == [0x89, 4, 0, 0, 0, 1])
        // Pongs that nobody asked for, with and without payloads, tell nothing.
        try await peer.send(
            [0x8A, 0x80, 0, 0, 0, 0] + [0x8A, 0x84, 0, 0, 0, 0, 9, 9, 9, 9]
                + Self.message(0, [1] + "b".utf8)
        )
        try await publisher.awaitSubscription("b")
        #expect(await publisher.peerStatistics().first?.roundTrip == nil)
        try await eventually("round trip") {
            let ping = try await peer.receive(6)
            try await peer.send([0x8A, 0x84, 0, 0, 0, 0] + ping[2...])
            return await publisher.peerStatistics().first?.roundTrip != nil
        }
        publisher.send("still there")
        await peer.close()
        try await publisher.awaitCancellation("a")
        try await publisher.closeInTime()
    }

    @Test func `a client without a mechanism says its routing id`() async throws {
        let publisher = XPublisher(options: SocketOptions { $0.routingID = [9] })
        let endpoint = try await publisher.bind("ws://127.0.0.1:*")
        for (target, name) in [("/", "ZWS2.0"), ("/?type=SUB", "ZWS1.0")] {
            let peer = try await RawPeer.connect(to: endpoint)
            try await peer.send(Self.request(target: target, protocols: "chat, \(name)"))
            let head = try await Self.head(peer)
            #expect(head.hasPrefix("HTTP/1.1 101 Switching Protocols\r\n"))
            #expect(head.contains("Sec-WebSocket-Protocol: \(name)\r\n"))
            #expect(head.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"))
            #expect(try await peer.receive(4) == [0x82, 2, 0, 9])
            try await peer.send(Self.message(0, []) + Self.message(0, [1] + "a".utf8))
            try await publisher.awaitSubscription("a")
            publisher.send(["ab", "c"])
            #expect(
                try await peer.receive(9) == [0x82, 3, 1] + "ab".utf8 + [0x82, 2, 0] + "c".utf8
            )
            // A close is answered.
            try await peer.send([0x88, 0x82, 0, 0, 0, 0, 3, 0xE8])
            #expect(try await peer.receiveAll() == [0x88, 2, 3, 0xE8])
            try await publisher.awaitCancellation("a")
        }
        try await publisher.closeInTime()
    }

    @Test(arguments: [
        (
            request(target: "/other"), "HTTP/1.1 404 Not Found",
            "no ZeroMQ socket is bound to this path\n"
        ),
        (
            request(target: "/feed", protocols: "chat"), "HTTP/1.1 400 Bad Request",
            "offer one of the sub-protocols ZWS2.0/NULL, ZWS2.0, ZWS1.0; ZWS1.0 needs ?type=, the socket type\n"
        ),
        (
            request(target: "/feed", protocols: "ZWS1.0"), "HTTP/1.1 400 Bad Request",
            "offer one of the sub-protocols ZWS2.0/NULL, ZWS2.0, ZWS1.0; ZWS1.0 needs ?type=, the socket type\n"
        ),
        (
            Array("GET /feed HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8),
            "HTTP/1.1 426 Upgrade Required",
            "this is a ZeroMQ socket, which speaks ZWS (RFC 45) on a WebSocket\n"
        ),
    ])
    func `a request that cannot be upgraded is told why`(
        _ request: [UInt8],
        _ status: String,
        _ text: String
    ) async throws {
        let publisher = Publisher()
        var endpoint = try await publisher.bind("ws://127.0.0.1:*/feed")
        endpoint.address.removeLast("/feed".count)
        let peer = try await RawPeer.connect(to: endpoint)
        try await peer.send(request)
        let answer = String(decoding: try await peer.receiveAll(), as: UTF8.self)
        #expect(answer.hasPrefix(status) && answer.hasSuffix(text))
        try await publisher.closeInTime()
    }

    @Test(arguments: [
        ([UInt8]("nonsense\r\n\r\n".utf8), "nothing"),
        (request() + [0x82, 1, 0], "malformed WebSocket: a client's frame is not masked"),
        (
            request() + message(0, [7]),
            "malformed handshake: no command came, but a frame with flags 0"
        ),
    ])
    func `a peer that breaks the rules is disconnected`(
        _ octets: [UInt8],
        _ reason: String
    ) async throws {
        let publisher = Publisher()
        let events = publisher.events
        let endpoint = try await publisher.bind("ws://127.0.0.1:*")
        let peer = try await RawPeer.connect(to: endpoint)
        try await peer.send(octets)
        try await peer.closed()
        if reason != "nothing" {
            for await event in events {
                guard case .disconnected(_, let why) = event else { continue }
                #expect(why.description == reason)
                break
            }
        }
        try await publisher.closeInTime()
    }

    /// A client's frame under a key of zeros; `isLast` is FIN.
    private static func fragment(_ opcode: UInt8, isLast: Bool, _ payload: [UInt8]) -> [UInt8] {
        [opcode | (isLast ? 0x80 : 0), 0x80 | UInt8(payload.count), 0, 0, 0, 0] + payload
    }

    private static let opening =
        request() + message(2, Array(Octets.ready("SUB").dropFirst(2)))

    @Test func `a message may come in fragments, with a ping between them`() async throws {
        let publisher = XPublisher()
        let endpoint = try await publisher.bind("ws://127.0.0.1:*")
        let peer = try await RawPeer.connect(to: endpoint)
        let subscribe = [2, 9] + Array("SUBSCRIBE".utf8) + Array("topic".utf8)
        try await peer.send(
            Self.opening + Self.fragment(2, isLast: false, Array(subscribe.prefix(1)))
                + Self.fragment(9, isLast: true, [7])
                + Self.fragment(0, isLast: false, Array(subscribe[1..<12]))
                + Self.fragment(0, isLast: false, [])
                + Self.fragment(0, isLast: true, Array(subscribe.dropFirst(12)))
        )
        try await publisher.awaitSubscription("topic")
        await peer.close()
        try await publisher.closeInTime()
    }

    @Test(arguments: [
        ("a continuation of nothing", fragment(0, isLast: true, [1])),
        (
            "a message inside another one",
            fragment(2, isLast: false, [0]) + fragment(2, isLast: true, [0])
        ),
        ("a ping in fragments", fragment(9, isLast: false, [1])),
        ("a text", fragment(1, isLast: true, [0x30, 0x31])),
        ("reserved bits", [0xF2, 0x81, 0, 0, 0, 0, 0]),
        ("a message of a terabyte", [0x82, 0xFF, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        ("more than the limit", [0x82, 0xFE, 0x40, 0, 0, 0, 0, 0, 0]),
        ("no mask", [0x82, 2, 0, 0x30]),
    ])
    func `frames that break RFC 6455, or a limit, end the connection`(
        _ name: String,
        _ octets: [UInt8]
    ) async throws {
        let publisher = XPublisher(options: SocketOptions { $0.messageByteCountMax = 10_000 })
        let events = publisher.events
        let endpoint = try await publisher.bind("ws://127.0.0.1:*")
        let peer = try await RawPeer.connect(to: endpoint)
        try await peer.send(Self.opening)
        try await events.nextEstablished()
        try? await peer.send(octets)
        let reason = try await events.nextDisconnect()
        guard case .framing = reason else {
            if case .network = reason {} else { Issue.record("\(name): \(reason)") }
            return
        }
        try await peer.closed()
        try await publisher.closeInTime()
    }

    @Test func `who opens nothing is disconnected in time`() async throws {
        let publisher = Publisher(
            options: SocketOptions { $0.handshakeTimeout = .milliseconds(50) }
        )
        let endpoint = try await publisher.bind("ws://127.0.0.1:*")
        let silent = try await RawPeer.connect(to: endpoint)
        try await silent.closed()
        let slow = try await RawPeer.connect(to: endpoint)
        try await slow.send(Array("GET / HT".utf8))
        try await slow.closed()
        try await publisher.closeInTime()
    }

    /// What a subscriber's connect to that server fails with.
    private static func failure(
        _ endpoint: Endpoint,
        _ options: SocketOptions = SocketOptions()
    ) async throws -> String {
        let subscriber = Subscriber(options: options)
        let events = subscriber.events
        try await subscriber.connect(endpoint)
        let reason = try await within("failure") {
            for await event in events {
                if case .retrying(_, let reason, _) = event { return reason }
            }
            return "none"
        }
        try await subscriber.closeInTime()
        return reason
    }

    @Test func `a client says what the server did wrong`() async throws {
        let publisher = Publisher()
        var endpoint = try await publisher.bind("ws://127.0.0.1:*/feed")
        endpoint.address += "s"
        #expect(
            try await Self.failure(endpoint)
                == "the server answered 404 Not Found: no ZeroMQ socket is bound to this path"
        )
        // A server that speaks something else, and one that says nothing.
        let tcp = try await publisher.bind("tcp://127.0.0.1:*")
        let other = Endpoint(scheme: .ws, address: tcp.address)
        #expect(
            try await Self.failure(other, SocketOptions { $0.handshakeTimeout = .milliseconds(50) })
                .contains("WebSocket")
        )
        try await publisher.closeInTime()
    }

    @Test(arguments: [
        ("ws://127.0.0.1", "it has no port; write ws://127.0.0.1:5556"),
        ("ws://127.0.0.1:80/a b", "a path has printable ASCII characters and no blanks"),
        ("ws://*:0/x", "* and 0 can be bound, not connected to"),
    ])
    func `an endpoint that cannot be is refused with what to write`(
        text: String,
        problem: String
    ) async throws {
        let subscriber = Subscriber()
        let error = await #expect(throws: ZeroMQError.self) { try await subscriber.connect(text) }
        #expect(error?.message.contains(problem) == true, "\(String(describing: error))")
        try await subscriber.closeInTime()
    }
}
