import SocketTestSupport
import Testing
import Transports
import ZMTP

@testable import ZeroMQ

/// Secured sockets of ours with each other, and with peers that mean no good.
@Suite(.sockets, .timeLimit(.minutes(2))) struct SecurityTests {
    static let serverKeys = CurveKeyPair.random()
    static let clientKeys = CurveKeyPair.random()

    static func server(_ configure: (inout SocketOptions) -> Void = { _ in }) -> SocketOptions {
        SocketOptions {
            $0.security = .curveServer(keys: serverKeys)
            $0.reconnectInitial = .milliseconds(10)
            configure(&$0)
        }
    }

    static func client(_ configure: (inout SocketOptions) -> Void = { _ in }) -> SocketOptions {
        SocketOptions {
            $0.security = .curve(serverKey: serverKeys.publicKey, keys: clientKeys)
            $0.reconnectInitial = .milliseconds(10)
            configure(&$0)
        }
    }

    @Test(
        arguments: ["tcp://127.0.0.1:*", "ipc://*", "inproc://secured", "ws://127.0.0.1:*/quotes"],
        [true, false]
    )
    func `messages pass, whoever binds`(endpoint: String, serverBinds: Bool) async throws {
        let publisher = XPublisher(options: serverBinds ? Self.server() : Self.client())
        let subscriber = Subscriber(options: serverBinds ? Self.client() : Self.server())
        let bound = try await publisher.bind(
            endpoint.hasPrefix("inproc") ? "\(endpoint)-\(serverBinds)" : endpoint
        )
        try await subscriber.connect(bound)
        try await subscriber.subscribe(to: "a")
        _ = try await within("subscription") { try await publisher.receive() }
        for number in 0..<1_000 { publisher.send(["a\(number)", "", "body"]) }
        for number in 0..<1_000 {
            let message = try await within("message") { try await subscriber.receive() }
            #expect(message == ["a\(number)", "", "body"])
        }
        try await subscriber.closeInTime()
        try await publisher.closeInTime()
    }

    @Test func `a peer is known by what the authenticator said`() async throws {
        var metadata = Metadata()
        metadata.append("X-Group", "ops".utf8)
        let admission = Admission(userID: "ann", metadata: metadata)
        let publisher = XPublisher(
            options: Self.server {
                $0.authenticator = ClosureAuthenticator { peer in
                    peer.proof == .curve(Self.clientKeys.publicKey)
                        ? .admitted(admission) : .denied
                }
            }
        )
        let events = publisher.events
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*")
        let subscriber = Subscriber(options: Self.client())
        try await subscriber.connect(endpoint)
        let event = try await events.next("established event") {
            if case .established = $0 { true } else { false }
        }
        guard case .established(_, let peer) = event else { return }
        #expect(peer.userID == "ann")
        #expect(peer.admissionMetadata.text("X-Group") == "ops")
        try await subscriber.closeInTime()
        try await publisher.closeInTime()
    }

    @Test(arguments: ["tcp://127.0.0.1:*", "ws://127.0.0.1:*"])
    func `a socket may be the handler`(binding: String) async throws {
        let place = "inproc://zap-\(UInt64.random(in: .min ... .max))"
        let handler = Replier()
        try await handler.bind(place)
        let serving = Task {
            try await handler.serveAuthentication(
                ClosureAuthenticator { peer in
                    guard peer.domain == "weather", peer.address == "127.0.0.1",
                        peer.proof == .plain(user: "ann", password: "secret")
                    else { return .denied }
                    return .admitted(userID: "ann of \(peer.domain)")
                }
            )
        }
        let client = try await ZAPClient(handlerAt: place)
        let publisher = XPublisher(
            options: SocketOptions {
                $0.security = .plainServer
                $0.authenticator = client
                $0.domain = "weather"
            }
        )
        let events = publisher.events
        let endpoint = try await publisher.bind(binding)
        for (password, isIn) in [("secret", true), ("wrong", false)] {
            let subscriber = Subscriber(
                options: SocketOptions { $0.security = .plain(user: "ann", password: password) }
            )
            try await subscriber.connect(endpoint)
            if isIn {
                let event = try await events.next("established event") {
                    if case .established = $0 { true } else { false }
                }
                guard case .established(_, let peer) = event else { return }
                #expect(peer.userID == "ann of weather")
            } else {
                _ = try await events.next("refusal") {
                    if case .disconnected(_, .handshake(.notAdmitted(.denied))) = $0 {
                        true
                    } else {
                        false
                    }
                }
            }
            try await subscriber.closeInTime()
        }
        try await publisher.closeInTime()
        await client.close()
        // Without a handler nobody knows, and who asks may try again.
        #expect(await client.authenticate(PeerIntroduction(proof: .none)) == .tryLater)
        try await handler.closeInTime()
        serving.cancel()
    }

    @Test func `options that cannot be are refused`() async throws {
        for (word, security) in [
            ("authenticator", Security.plainServer),
            ("255 octets", .plain(user: String(repeating: "a", count: 256), password: "")),
        ] {
            let socket = Publisher(options: SocketOptions { $0.security = security })
            let error = await #expect(throws: ZeroMQError.self) {
                try await socket.bind("tcp://127.0.0.1:*")
            }
            #expect(error?.code == .option)
            #expect(error?.message.contains(word) == true)
            try await socket.closeInTime()
        }
    }

    @Test(.enabled(if: GSSAPI.problem != nil, "needs a build without GSSAPI"))
    func `without the trait, GSSAPI is refused with how to build it`() async throws {
        for security in [Security.gssapi(service: GSSAPIName("weather")), .gssapiServer()] {
            let socket = Publisher(options: SocketOptions { $0.security = security })
            let error = await #expect(throws: ZeroMQError.self) {
                try await socket.bind("tcp://127.0.0.1:*")
            }
            #expect(error?.code == .option)
            #expect(error?.message.contains("swift build --traits GSSAPI") == true)
            try await socket.closeInTime()
        }
    }

    @Test func `what must be secret does not leave by multicast`() async throws {
        let socket = Publisher(options: Self.server())
        let error = await #expect(throws: ZeroMQError.self) {
            try await socket.bind("epgm://lo;239.192.1.1:5555")
        }
        #expect(error?.message.contains("MulticastOptions.seal") == true)
        try await socket.closeInTime()
    }

    /// CVE-2020-15166 was such a peer.
    @Test func `strangers who say nothing, or nonsense, keep nobody out`() async throws {
        let publisher = XPublisher(options: Self.server { $0.handshakeTimeout = .seconds(20) })
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*")
        var strangers: [RawPeer] = []
        for number in 0..<30 {
            let stranger = try await RawPeer.connect(to: endpoint)
            let greeting = Greeting(mechanism: "CURVE").encoded
            switch number % 3 {
            case 0: break
            case 1: try await stranger.send(greeting)
            // Half a HELLO.
            default: try await stranger.send(greeting + [4, 200, 5] + Array("HELLO".utf8))
            }
            strangers.append(stranger)
        }
        let subscriber = Subscriber(options: Self.client())
        try await subscriber.subscribe(to: "")
        try await subscriber.connect(endpoint)
        _ = try await within("subscription") { try await publisher.receive() }
        publisher.send("a")
        let message = try await within("message") { try await subscriber.receive() }
        #expect(message == ["a"])
        for stranger in strangers { await stranger.close() }
        try await subscriber.closeInTime()
        try await publisher.closeInTime()
    }

    @Test func `a message limit holds under encryption`() async throws {
        let publisher = XPublisher(options: Self.server())
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*")
        let subscriber = Subscriber(options: Self.client { $0.messageByteCountMax = 1_000 })
        let events = subscriber.events
        try await subscriber.subscribe(to: "")
        try await subscriber.connect(endpoint)
        _ = try await within("subscription") { try await publisher.receive() }
        publisher.send(Message([UInt8](repeating: 1, count: 1_001)))
        #expect(
            try await events.nextDisconnect()
                == .framing(.frameTooLong(byteCount: 1_001, limit: 1_000))
        )
        try await subscriber.closeInTime()
        try await publisher.closeInTime()
    }
}
