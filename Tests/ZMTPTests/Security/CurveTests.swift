import CryptoBox
import Simulation
import Testing
import Wire

@testable import ZMTP

/// RFC 25 and RFC 26, from the greeting to the traffic.
struct CurveTests {
    @Test func `the octets are those of the vectors`() {
        var pair = SecurePair.curve()
        let greetings = (pair.server.takeOutgoing(), pair.client.takeOutgoing())
        #expect(greetings.0[12..<33] == octets("\"CURVE\" 00*15 01")[...])
        #expect(greetings.1[12..<33] == octets("\"CURVE\" 00*15 00")[...])
        pair.client.receive(greetings.0)
        pair.server.receive(greetings.1)
        #expect(pair.client.takeOutgoing() == CurveVectors.hello)
        pair.server.receive(CurveVectors.hello)
        #expect(pair.server.takeOutgoing() == CurveVectors.welcome)
        pair.client.receive(CurveVectors.welcome)
        #expect(pair.client.takeOutgoing() == CurveVectors.initiate)
        pair.server.receive(CurveVectors.initiate)
        #expect(pair.server.request?.credentials == [SecurePair.clientKeys.publicKey.octets])
        pair.server.handleVerdict(.admitted(userID: nil))
        #expect(pair.server.takeOutgoing() == CurveVectors.ready)
        pair.client.receive(CurveVectors.ready)
        pair.client.send(octets("04 0C 09 \"SUBSCRIBE\" \"AB\""))
        #expect(pair.client.takeOutgoing() == CurveVectors.subscription)
        pair.server.send(octets("01 03 \"ABC\" 00 00"))
        #expect(pair.server.takeOutgoing() == CurveVectors.twoFrames)
        pair.server.receive(CurveVectors.subscription)
        #expect(pair.server.commandNames == ["SUBSCRIBE"])
        pair.client.receive(CurveVectors.twoFrames)
        #expect(pair.client.traffic == octets("01 03 \"ABC\" 00 00"))
        #expect(pair.client.messageCount == 1)
    }

    @Test(arguments: UInt64(0)..<20)
    func `a handshake succeeds wherever its octets are cut`(seed: UInt64) {
        var pair = SecurePair.curve(asks: seed % 2 == 0)
        pair.run(seed: seed, readByteCountMax: 1 + Int(seed) * 20)
        #expect(pair.server.peer?.socketType == .sub)
        #expect(pair.server.peer?.userID == (seed % 2 == 0 ? "ann" : nil))
        #expect(pair.client.peer?.socketType == .pub)
    }

    @Test func `traffic may follow the handshake in the same read`() {
        var pair = SecurePair.curve(asks: false)
        pair.server.receive(pair.client.takeOutgoing())
        pair.client.receive(pair.server.takeOutgoing())
        pair.server.receive(pair.client.takeOutgoing())
        pair.client.receive(pair.server.takeOutgoing())
        pair.server.receive(pair.client.takeOutgoing())
        pair.server.send(octets("00 01 41 01 01 42 00 01 43"))
        pair.client.receive(pair.server.takeOutgoing())
        #expect(pair.client.traffic == octets("00 01 41 01 01 42 00 01 43"))
        #expect(pair.client.messageCount == 2)
    }

    @Test(arguments: [
        (
            AuthenticationVerdict.denied,
            "the peer refused: 400 (its authenticator does not let this side in)"
        ),
        (.failed, "the peer refused: 500 (its authenticator failed)"),
        (.tryLater, "the server closed the connection instead of letting us in"),
    ])
    func `who is not let in learns what there is to know`(
        verdict: AuthenticationVerdict,
        expected: String
    ) {
        var pair = SecurePair.curve()
        pair.verdict = verdict
        pair.run()
        #expect(pair.client.reason?.description == expected)
        #expect(pair.server.reason == .handshake(.notAdmitted(verdict)))
    }

    @Test func `a server of another key is not believed, and does not believe`() {
        let wrongKey = SecurePair.strangerKeys.publicKey
        var pair = SecurePair.curve(serverKey: wrongKey)
        pair.run()
        #expect(
            pair.server.reason?.description
                == "the CURVE handshake failed: the HELLO does not open: the client expects a server of another key than \(SecurePair.serverKeys.publicKey)"
        )
        #expect(
            pair.client.reason?.description
                == "the server closed the connection when it saw our HELLO: is its key \(wrongKey)?"
        )
    }

    @Test func `a key that is none is said to be none`() {
        let none = CurvePublicKey(octets: [UInt8](repeating: 0, count: 32))
        var pair = SecurePair.curve(serverKey: none ?? SecurePair.serverKeys.publicKey)
        pair.run()
        #expect(
            pair.client.reason?.description
                == "the CURVE handshake failed: the server's key \(String(repeating: "0", count: 40)) is no key"
        )
    }

    /// The state before INITIATE: the server, and a good INITIATE for it.
    private static func beforeInitiate() -> (SecureEnd, [UInt8]) {
        var pair = SecurePair.curve()
        pair.server.receive(pair.client.takeOutgoing())
        pair.client.receive(pair.server.takeOutgoing())
        pair.server.receive(pair.client.takeOutgoing())
        pair.client.receive(pair.server.takeOutgoing())
        return (pair.server, pair.client.takeOutgoing())
    }

    @Test func `a cookie expires after 60 seconds`() {
        for (seconds, isGood) in [(59, true), (60, false)] {
            var (server, initiate) = Self.beforeInitiate()
            server.now = Instant(nanoseconds: 0) + .seconds(seconds)
            server.receive(initiate)
            #expect((server.request != nil) == isGood)
            server.handleStreamClose()
            if !isGood {
                #expect(
                    server.reason
                        == .handshake(.cryptographic("the INITIATE's cookie has expired"))
                )
            }
        }
    }

    @Test func `a cookie of another connection is worth nothing`() {
        let (_, initiate) = Self.beforeInitiate()
        var other = SecureEnd(
            .pub,
            .curveServer(keys: SecurePair.serverKeys),
            randomness: CurveVectors.counting(from: 3, 96)
        )
        other.receive(Greeting(mechanism: "CURVE").encoded + CurveVectors.hello)
        other.receive(initiate)
        other.handleStreamClose()
        #expect(
            other.reason
                == .handshake(.cryptographic("the INITIATE's cookie is not of this connection"))
        )
    }

    @Test func `no octet of a handshake can be changed`() {
        // Of HELLO's padding nobody looks at the octets.
        let places = Array(0..<10) + Array(82..<CurveVectors.hello.count)
        for place in places {
            var hello = CurveVectors.hello
            hello[place] ^= 0x10
            var server = SecureEnd(
                .pub,
                .curveServer(keys: SecurePair.serverKeys),
                randomness: CurveVectors.serverRandomness
            )
            server.receive(Greeting(mechanism: "CURVE").encoded)
            _ = server.takeOutgoing()
            server.receive(hello)
            #expect(server.takeOutgoing().isEmpty, "octet \(place) of HELLO")
        }
        for place in CurveVectors.welcome.indices {
            var pair = SecurePair.curve()
            var welcome = CurveVectors.welcome
            welcome[place] ^= 0x10
            pair.client.receive(Greeting(mechanism: "CURVE", isServer: true).encoded)
            _ = pair.client.takeOutgoing()
            pair.client.receive(welcome)
            #expect(pair.client.takeOutgoing().isEmpty, "octet \(place) of WELCOME")
        }
        let (server, initiate) = Self.beforeInitiate()
        for place in initiate.indices {
            var server = server
            var changed = initiate
            changed[place] ^= 0x10
            server.receive(changed)
            #expect(server.request == nil, "octet \(place) of INITIATE")
        }
    }

    @Test func `a vouch of another key, or for another server, is none`() {
        for (key, vouched) in [
            (SecurePair.strangerKeys, SecurePair.serverKeys.publicKey),
            (SecurePair.clientKeys, SecurePair.strangerKeys.publicKey),
        ] {
            var (server, _) = Self.beforeInitiate()
            let randomness = SecretBytes(copying: CurveVectors.clientRandomness)
            let shortTerm = CurveKeyPair(secretKey: randomness[0..<32])
            let serverShortTerm = SecurePair.keys(Array(CurveVectors.serverRandomness[..<32]))
            let nonce = [UInt8](repeating: 9, count: 16)
            guard let vouchBox = KeyedBox(serverShortTerm.publicKey, key),
                let box = KeyedBox(serverShortTerm.publicKey, shortTerm)
            else {
                Issue.record("a key that is none")
                return
            }
            let vouch = vouchBox.seal(
                shortTerm.publicKey.octets + vouched.octets,
                BoxNonce("VOUCH---", long: nonce)
            )
            let text =
                SecurePair.clientKeys.publicKey.octets + nonce + vouch
                + LocalPeer(socketType: .sub).metadata.encoded
            let initiate = Command.frame(
                "INITIATE",
                CurveVectors.initiate[18..<114] + CurveField.octets(2)
                    + box.seal(text, BoxNonce("CurveZMQINITIATE", short: 2))
            )
            server.receive(initiate)
            server.handleStreamClose()
            #expect(
                server.reason
                    == .handshake(
                        .cryptographic(
                            "the INITIATE's vouch is not of the key \(SecurePair.clientKeys.publicKey)"
                        )
                    )
            )
        }
    }

    @Test func `a handshake that starves is ended by time`() {
        var server = SecureEnd(
            .pub,
            .curveServer(keys: SecurePair.serverKeys),
            randomness: CurveVectors.serverRandomness
        )
        server.receive(Array(Greeting(mechanism: "CURVE").encoded.prefix(40)))
        server.now = Instant(nanoseconds: 0) + .seconds(30)
        server.handleTimeout()
        server.handleStreamClose()
        #expect(server.reason == .handshake(.timedOut))
    }
}
