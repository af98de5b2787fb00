import SocketTestSupport
import Testing
import Transports
import ZMTP
import ZeroMQ

/// `wss://`: WebSockets over TLS.
@Suite(.needsOpenSSL, .sockets, .timeLimit(.minutes(2))) struct SecureWebSocketTests {
    private static func server(_ certificates: TestCertificates) -> SocketOptions {
        SocketOptions {
            $0.tls.certificateFile = certificates.certificateFile
            $0.tls.privateKeyFile = certificates.privateKeyFile
        }
    }

    private static func client(_ certificates: TestCertificates) -> SocketOptions {
        SocketOptions { $0.tls.trust = .file(certificates.certificateFile) }
    }

    @Test(arguments: ["127.0.0.1", "localhost"])
    func `messages go both ways, under a name and under an address`(host: String) async throws {
        let certificates = try TestCertificates()
        defer { withExtendedLifetime(certificates) {} }
        let publisher = XPublisher(options: Self.server(certificates))
        let bound = try await publisher.bind("wss://127.0.0.1:*/quotes")
        let port = try #require(bound.port)
        let subscriber = XSubscriber(options: Self.client(certificates))
        try await subscriber.connect("wss://\(host):\(port)/quotes")
        try await subscriber.subscribe(to: "")
        try await publisher.awaitSubscription("")
        let large = [UInt8](repeating: 7, count: 3_000_000)
        publisher.send([Frame(large), "end"])
        for number in 0..<1000 { publisher.send("\(number)") }
        #expect(try await subscriber.receive(1)[0][0].bytes == large)
        #expect(try await subscriber.receiveTexts(1000) == (0..<1000).map(String.init))
        try await subscriber.send("up")
        try await publisher.awaitNews(.message("up"))
        // Linger sends what waits through TLS, too.
        publisher.send("last")
        try await publisher.closeInTime()
        #expect(try await subscriber.receiveTexts(1) == ["last"])
        try await subscriber.closeInTime()
    }

    /// What a connect fails with.
    private static func failure(
        _ endpoint: Endpoint,
        _ options: SocketOptions
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

    @Test func `a certificate that is not trusted, or is for another name, is told apart`()
        async throws
    {
        let certificates = try TestCertificates()
        defer { withExtendedLifetime(certificates) {} }
        let publisher = Publisher(options: Self.server(certificates))
        let endpoint = try await publisher.bind("wss://127.0.0.1:*")
        #expect(
            try await Self.failure(endpoint, SocketOptions())
                == "the peer's certificate is not trusted; tls.trust says whose are"
        )
        var misled = Self.client(certificates)
        misled.tls.hostname = "elsewhere.example"
        #expect(
            try await Self.failure(endpoint, misled)
                == "the server's certificate is for another name; tls.hostname says which to expect"
        )
        try await publisher.closeInTime()
    }

    @Test func `a server may ask clients for a certificate`() async throws {
        let certificates = try TestCertificates()
        defer { withExtendedLifetime(certificates) {} }
        var options = Self.server(certificates)
        options.tls.requiresClientCertificate = true
        options.tls.trust = .file(certificates.certificateFile)
        let publisher = XPublisher(options: options)
        let endpoint = try await publisher.bind("wss://127.0.0.1:*")
        #expect(try await Self.failure(endpoint, Self.client(certificates)).isEmpty == false)
        let subscriber = Subscriber(options: options)
        try await subscriber.connect(endpoint)
        try await subscriber.subscribe(to: "a")
        try await publisher.awaitSubscription("a")
        try await subscriber.closeInTime()
        try await publisher.closeInTime()
    }

    @Test func `who does not finish its TLS handshake is disconnected in time`() async throws {
        let certificates = try TestCertificates()
        defer { withExtendedLifetime(certificates) {} }
        var options = Self.server(certificates)
        options.handshakeTimeout = .milliseconds(50)
        let publisher = Publisher(options: options)
        let endpoint = try await publisher.bind("wss://127.0.0.1:*")
        let silent = try await RawPeer.connect(to: endpoint)
        try await silent.closed()
        // The head of a handshake record, and no more.
        let slow = try await RawPeer.connect(to: endpoint)
        try await slow.send([0x16, 3, 1])
        try await slow.closed()
        try await publisher.closeInTime()
        // A server that never answers.
        let plain = Publisher()
        let tcp = try await plain.bind("tcp://127.0.0.1:*")
        var client = SocketOptions()
        client.handshakeTimeout = .milliseconds(50)
        let reason = try await Self.failure(Endpoint(scheme: .wss, address: tcp.address), client)
        #expect(reason.contains("TLS") || reason == "the WebSocket was not opened in time")
        try await plain.closeInTime()
    }

    @Test func `slow TLS handshakes keep nobody waiting`() async throws {
        let certificates = try TestCertificates()
        defer { withExtendedLifetime(certificates) {} }
        let publisher = XPublisher(options: Self.server(certificates))
        let endpoint = try await publisher.bind("wss://127.0.0.1:*")
        var slow: [RawPeer] = []
        // The head of a record that announces a ClientHello of 512 octets, octet by octet.
        let start: [UInt8] = [0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC]
        for number in 0..<20 {
            let peer = try await RawPeer.connect(to: endpoint)
            for octet in start.prefix(number % (start.count + 1)) { try await peer.send([octet]) }
            slow.append(peer)
        }
        let subscriber = Subscriber(options: Self.client(certificates))
        try await subscriber.connect(endpoint)
        try await subscriber.subscribe(to: "")
        try await publisher.awaitSubscription("")
        publisher.send("x")
        #expect(try await subscriber.receiveTexts(1) == ["x"])
        for peer in slow { await peer.close() }
        try await subscriber.closeInTime()
        try await publisher.closeInTime()
    }

    @Test func `files that cannot be read are refused by name`() async throws {
        let certificates = try TestCertificates()
        defer { withExtendedLifetime(certificates) {} }
        var none = SocketOptions()
        var half = SocketOptions { $0.tls.certificateFile = certificates.certificateFile }
        var wrong = Self.server(certificates)
        wrong.tls.certificateFile = certificates.privateKeyFile
        for (options, problem) in [
            (none, "set tls.certificateFile and tls.privateKeyFile"),
            (half, "a certificate and its key go together"),
            (wrong, "holds no PEM certificate that can be read"),
        ] {
            let publisher = Publisher(options: options)
            let error = await #expect(throws: ZeroMQError.self) {
                try await publisher.bind("wss://127.0.0.1:*")
            }
            #expect(error?.message.contains(problem) == true, "\(String(describing: error))")
            try await publisher.closeInTime()
        }
        none.tls.trust = .file("/nonexistent/roots.pem")
        half.tls = none.tls
        #expect(
            try await Self.failure(Endpoint("wss://127.0.0.1:9"), half)
                == "tls.trust: /nonexistent/roots.pem holds no PEM certificate that can be read"
        )
    }
}
