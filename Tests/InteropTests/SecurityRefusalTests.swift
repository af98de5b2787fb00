import SocketTestSupport
import Testing
import ZeroMQ

/// Who may not connect does not, and both ends say why.
@Suite(.needsPeer, .sockets, .timeLimit(.minutes(5))) struct SecurityRefusalTests {
    private static func close(_ socket: Socket) async throws {
        try await within("close") { await socket.close() }
    }

    @Test(arguments: SecurityFixture.Mechanism.allCases, ["300", "400", "500"])
    func `libzmq's handler turns us away`(
        mechanism: SecurityFixture.Mechanism,
        status: String
    ) async throws {
        var fixture = SecurityFixture(mechanism, weAreServer: false)
        fixture.zapStatus = status
        let peer = try PeerProcess(
            "publisher",
            ["--bind", "tcp://127.0.0.1:*"] + fixture.peerArguments
        )
        var options = fixture.options
        options.handshakeTimeout = .seconds(1)
        let subscriber = Subscriber(options: options)
        let events = subscriber.events
        try await subscriber.connect(try await peer.endpoint())
        // We try again, whatever it said.
        for _ in 0..<2 {
            #expect(try await peer.event("refused").message == "auth \(status)")
            let reason = try await events.nextDisconnect()
            switch (status, reason) {
            // libzmq says nothing, and closes or does not, in time or later.
            case ("300", .handshake(.abandoned)), ("300", .handshake(.timedOut)): break
            case (_, .handshake(.refused(let reason))): #expect(reason == status)
            default: Issue.record("\(reason)")
            }
        }
        try await Self.close(subscriber)
        await peer.close()
    }

    @Test(arguments: SecurityFixture.Mechanism.allCases)
    func `our authenticator turns libzmq away`(
        mechanism: SecurityFixture.Mechanism
    ) async throws {
        for (verdict, status) in [(AuthenticationVerdict.denied, "400"), (.failed, "500")] {
            let fixture = SecurityFixture(mechanism, weAreServer: true)
            fixture.asked.set(verdict)
            let publisher = Publisher(options: fixture.options)
            let events = publisher.events
            let endpoint = try await publisher.bind("tcp://127.0.0.1:*").description
            let peer = try PeerProcess(
                "subscriber",
                ["--connect", endpoint] + fixture.peerArguments
            )
            // libzmq's PLAIN knows ERROR only as it misspells it: for it, ours is an unexpected command.
            let expected = mechanism == .plain ? "protocol 0x10000001" : "auth \(status)"
            #expect(try await peer.event("refused").message == expected)
            #expect(try await events.nextDisconnect() == .handshake(.notAdmitted(verdict)))
            await peer.close()
            try await Self.close(publisher)
        }
    }

    @Test(arguments: SecurityFixture.Mechanism.allCases)
    func `libzmq tries again when we could not decide`(
        mechanism: SecurityFixture.Mechanism
    ) async throws {
        let fixture = SecurityFixture(mechanism, weAreServer: true)
        fixture.asked.set(.tryLater, .tryLater, .admitted(userID: nil))
        let publisher = Publisher(options: fixture.options)
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*").description
        let peer = try PeerProcess(
            "subscriber",
            ["--connect", endpoint, "--reconnect-ms", "10"] + fixture.peerArguments
        )
        _ = try await peer.event("handshaken")
        #expect(fixture.asked.peers.count == 3)
        await peer.close()
        try await Self.close(publisher)
    }

    @Test(arguments: [true, false])
    func `a wrong server key is noticed on both sides`(weAreServer: Bool) async throws {
        var fixture = SecurityFixture(.curve, weAreServer: weAreServer)
        fixture.expectedKey = CurveKeyPair.random().publicKey
        let publisher = Publisher(options: fixture.options)
        let events = publisher.events
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*").description
        let peer = try PeerProcess(
            "subscriber",
            ["--connect", endpoint] + fixture.peerArguments
        )
        let reason = try await events.nextDisconnect()
        if weAreServer {
            guard case .handshake(.cryptographic(let what)) = reason else {
                Issue.record("\(reason)")
                return
            }
            #expect(what.contains("\(fixture.serverKeys.publicKey)"))
        } else {
            // ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC
            #expect(try await peer.event("refused").message == "protocol 0x11000001")
            guard case .handshake(.abandoned(let what)) = reason else {
                Issue.record("\(reason)")
                return
            }
            #expect(what.contains("\(fixture.expectedKey)"))
        }
        await peer.close()
        try await Self.close(publisher)
    }

    @Test(arguments: SecurityFixture.Mechanism.allCases, [true, false])
    func `another mechanism is said to be another one`(
        mechanism: SecurityFixture.Mechanism,
        peerIsNull: Bool
    ) async throws {
        let fixture = SecurityFixture(mechanism, weAreServer: true)
        let publisher = Publisher(options: peerIsNull ? fixture.options : SocketOptions())
        let events = publisher.events
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*").description
        let peer = try PeerProcess(
            "subscriber",
            ["--connect", endpoint] + (peerIsNull ? [] : fixture.peerArguments)
        )
        // libzmq closes when it has seen our greeting: before it has said anything, what it wants, or in between.
        let ours = peerIsNull ? mechanism.rawValue.uppercased() : "NULL"
        let theirs = peerIsNull ? "NULL" : mechanism.rawValue.uppercased()
        switch try await events.nextDisconnect() {
        case .handshake(.abandoned(let what)):
            #expect(what.hasSuffix("another security mechanism than \(ours)"))
        case .handshake(.mechanismMismatch(let local, let peer)):
            #expect(local == ours && peer == theirs)
        case .peerClosed: break
        case let reason: Issue.record("\(reason)")
        }
        _ = try await peer.event("refused")
        await peer.close()
        try await Self.close(publisher)
    }

    @Test func `an address alone may be refused`() async throws {
        let verdicts = Verdicts()
        verdicts.set(.denied)
        let publisher = Publisher(
            options: SocketOptions {
                $0.authenticator = ClosureAuthenticator { verdicts.verdict(on: $0) }
            }
        )
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*").description
        let peer = try PeerProcess("subscriber", "--connect", endpoint)
        #expect(try await peer.event("refused").message?.hasPrefix("auth 400") ?? false)
        #expect(
            verdicts.peers.first == PeerIntroduction(proof: .none, address: "127.0.0.1")
        )
        await peer.close()
        try await Self.close(publisher)
    }
}
