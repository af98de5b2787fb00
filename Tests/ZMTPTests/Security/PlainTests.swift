import CryptoBox
import Testing

@testable import ZMTP

/// RFC 24.
struct PlainTests {
    @Test(arguments: UInt64(0)..<20)
    func `a name and a password let a client in`(seed: UInt64) {
        var pair = SecurePair.plain()
        pair.run(seed: seed, readByteCountMax: 20)
        #expect(pair.server.peer?.socketType == .sub)
        #expect(pair.server.peer?.userID == "ann")
        #expect(pair.client.peer?.socketType == .pub)
        #expect(pair.client.peer?.userID == nil)
        pair.client.send(octets("00 02 01 41"))
        pair.run()
        #expect(pair.server.traffic == octets("00 02 01 41"))
    }

    @Test func `the octets are the RFC's`() {
        var pair = SecurePair.plain()
        _ = pair.client.takeOutgoing()
        let greeting = pair.server.takeOutgoing()
        #expect(greeting[12..<33] == octets("\"PLAIN\" 00*15 01")[...])
        pair.client.receive(greeting)
        #expect(
            pair.client.takeOutgoing()
                == octets("04 11 05 \"HELLO\" 03 \"ann\" 06 \"secret\"")
        )
        pair.client.receive(octets("04 08 07 \"WELCOME\""))
        #expect(
            pair.client.takeOutgoing()
                == octets("04 1C 08 \"INITIATE\" 0B \"Socket-Type\" 00 00 00 03 \"SUB\"")
        )
    }

    @Test func `an authenticator is told what it needs to know`() {
        var server = SecureEnd(.pub, .plainServer) {
            $0.domain = "weather"
            $0.local.routingID = [7]
        }
        server.receive(Greeting(mechanism: "PLAIN").encoded)
        server.receive(octets("04 09 05 \"HELLO\" 00 01 FF"))
        #expect(server.request?.mechanism == "PLAIN")
        #expect(server.request?.credentials == [[], [0xFF]])
        #expect(server.request?.domain == "weather")
        #expect(server.request?.routingID == [7])
    }

    @Test(arguments: [
        (
            AuthenticationVerdict.denied,
            "the peer refused: 400 (its authenticator does not let this side in)"
        ),
        (.failed, "the peer refused: 500 (its authenticator failed)"),
        // 300 sends nothing: a libzmq client that is told of an error never tries again.
        (.tryLater, "the server closed the connection instead of answering name and password"),
    ])
    func `who is not let in learns what there is to know`(
        verdict: AuthenticationVerdict,
        expected: String
    ) {
        var pair = SecurePair.plain()
        pair.verdict = verdict
        pair.run()
        #expect(pair.client.reason?.description == expected)
        #expect(pair.server.reason == .handshake(.notAdmitted(verdict)))
        #expect(pair.server.peer == nil)
    }

    @Test func `what an authenticator says of a peer is kept`() {
        var pair = SecurePair.plain()
        var metadata = Metadata()
        metadata.append("X-Group", "ops".utf8)
        pair.verdict = .admitted(Admission(userID: nil, metadata: metadata))
        pair.run()
        #expect(pair.server.peer?.userID == nil)
        #expect(pair.server.peer?.admissionMetadata.text("x-group") == "ops")
    }

    @Test(arguments: ["05 \"ERROR\"", "\"^RROR\""])
    func `an ERROR is understood, as libzmq's PLAIN misspells it, too`(name: String) {
        var client = SecureEnd(.sub, .plain(user: "ann", password: "secret"))
        client.receive(Greeting(mechanism: "PLAIN", isServer: true).encoded)
        let body = octets(name + " 03 \"400\"")
        client.receive([4, UInt8(body.count)] + body)
        client.handleStreamClose()
        #expect(client.reason == .handshake(.refused(reason: "400")))
    }

    @Test(arguments: [
        "04 06 05 \"HELLO\"", "04 08 05 \"HELLO\" 01 41", "04 09 05 \"HELLO\" 01 41 01",
        "04 09 05 \"HELLO\" 00 00 00", "04 08 05 \"HELLP\" 00 00", "04 07 05 \"READY\" 00",
        "04 09 09 \"SUBSCRIBE\"", "04 0A 08 \"INITIATE\" 00", "00 01 41",
    ])
    func `what is no HELLO ends it`(command: String) {
        var server = SecureEnd(.pub, .plainServer)
        server.receive(Greeting(mechanism: "PLAIN").encoded)
        _ = server.takeOutgoing()
        server.receive(octets(command))
        server.handleStreamClose()
        switch server.reason {
        case .handshake(.malformedCommand), .handshake(.unexpectedCommand): break
        case let reason: Issue.record("\(String(describing: reason))")
        }
        #expect(server.takeOutgoing().isEmpty)
    }
}

/// Two ends that do not go together, both of which say why.
struct SecurityMismatchTests {
    static let curveServer = Security.curveServer(keys: SecurePair.serverKeys)
    static let curveClient = Security.curve(
        serverKey: SecurePair.serverKeys.publicKey,
        keys: SecurePair.clientKeys
    )

    static func pair(_ one: Security, _ other: Security) -> SecurePair {
        let randomness = CurveVectors.serverRandomness
        var pair = SecurePair(
            server: SecureEnd(.pub, one, randomness: randomness),
            client: SecureEnd(.sub, other, randomness: randomness)
        )
        pair.run()
        return pair
    }

    @Test func `two mechanisms`() {
        let all: [Security] = [
            .null, .plain(user: "", password: ""), .plainServer, Self.curveServer, Self.curveClient,
        ]
        for one in all {
            for other in all where one.mechanismName != other.mechanismName {
                let pair = Self.pair(one, other)
                #expect(
                    pair.server.reason?.description
                        == "the peer wants security mechanism \(other.mechanismName), this socket uses \(one.mechanismName)"
                )
                #expect(
                    pair.client.reason?.description
                        == "the peer wants security mechanism \(one.mechanismName), this socket uses \(other.mechanismName)"
                )
            }
        }
    }

    @Test func `two servers`() {
        for (security, name) in [(Security.plainServer, "PLAIN"), (Self.curveServer, "CURVE")] {
            let pair = Self.pair(security, security)
            for end in [pair.server, pair.client] {
                #expect(
                    end.reason?.description
                        == "both ends are \(name) servers; one of them must be the client"
                )
            }
        }
    }

    @Test func `two clients`() {
        for (security, name) in [
            (Security.plain(user: "a", password: "b"), "PLAIN"), (Self.curveClient, "CURVE"),
        ] {
            let pair = Self.pair(security, security)
            for end in [pair.server, pair.client] {
                #expect(
                    end.reason?.description
                        == "both ends are \(name) clients; one of them must be the server"
                )
            }
        }
    }

    @Test func `a client of the wrong type is told, once it is let in`() {
        var pair = SecurePair.plain()
        pair.client = SecureEnd(.pub, .plain(user: "ann", password: "secret"))
        pair.run()
        #expect(pair.client.reason?.description == "the peer refused: PUB cannot talk to PUB")
        pair = SecurePair.curve()
        pair.client = SecureEnd(
            .pub,
            Self.curveClient,
            randomness: CurveVectors.clientRandomness
        )
        pair.run()
        #expect(pair.client.reason?.description == "the peer refused: PUB cannot talk to PUB")
    }
}
