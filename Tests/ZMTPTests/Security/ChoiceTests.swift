import CryptoBox
import Simulation
import Testing

@testable import ZMTP

/// A listener that takes NULL and CURVE, as the peer names it in its greeting (RFC 37 "Greeting").
struct ChoiceTests {
    private static let choice = Security.nullOrCurveServer(keys: SecurePair.serverKeys)

    private static func pair(
        _ client: Security,
        asks: Bool = false,
        seed: UInt64 = 0
    ) -> SecurePair {
        var pair = SecurePair(
            server: SecureEnd(.pub, choice, randomness: CurveVectors.serverRandomness) {
                $0.asksAuthenticator = asks
            },
            client: SecureEnd(.sub, client, randomness: CurveVectors.clientRandomness)
        )
        pair.run(seed: seed, readByteCountMax: seed % 2 == 0 ? 300 : 3)
        return pair
    }

    @Test(arguments: [true, false], 0..<4 as Range<UInt64>)
    func `either is met, in whatever pieces it comes`(asks: Bool, seed: UInt64) {
        let null = Self.pair(.null, asks: asks, seed: seed)
        #expect(null.client.peer != nil && null.server.peer != nil)
        #expect(null.server.peer?.publicKey == nil)
        let curve = Self.pair(
            .curve(serverKey: SecurePair.serverKeys.publicKey, keys: SecurePair.clientKeys),
            asks: asks,
            seed: seed
        )
        #expect(curve.client.peer != nil)
        #expect(curve.server.peer?.publicKey == SecurePair.clientKeys.publicKey)
        #expect(curve.server.session.protection != nil)
    }

    @Test func `the mechanism is named when the peer's is known, and no octet earlier`() {
        for name in ["NULL", "CURVE"] {
            var server = SecureEnd(.pub, Self.choice, randomness: CurveVectors.serverRandomness)
            let greeting = Greeting(mechanism: name).encoded
            #expect(server.takeOutgoing().count == 10)
            server.receive(Array(greeting[..<10]))
            #expect(server.takeOutgoing() == [3])
            server.receive(Array(greeting[10..<31]))
            #expect(server.takeOutgoing().isEmpty)
            server.receive([greeting[31]])
            let rest = Greeting(mechanism: name, isServer: name == "CURVE").encoded[11...]
            #expect(server.takeOutgoing() == Array(rest))
        }
    }

    @Test func `others are told that it is NULL`() {
        let pair = Self.pair(.plain(user: "ann", password: "secret"))
        #expect(
            pair.client.reason?.description
                == "the peer wants security mechanism NULL, this socket uses PLAIN"
        )
        #expect(
            pair.server.reason?.description
                == "the peer wants security mechanism PLAIN, this socket uses NULL"
        )
    }

    @Test func `a wrong key is refused as everywhere`() {
        let pair = Self.pair(
            .curve(serverKey: SecurePair.strangerKeys.publicKey, keys: SecurePair.clientKeys)
        )
        #expect(pair.server.peer == nil && pair.client.peer == nil)
        guard case .handshake(.cryptographic) = pair.server.reason else {
            Issue.record("\(String(describing: pair.server.reason))")
            return
        }
    }

    /// Whatever comes, the peer is taken for nobody, or for who has proved to have its key.
    @Test(arguments: UInt64(0)..<100)
    func `changed greetings and commands trap nothing, and let in nobody under a false key`(
        seed: UInt64
    ) {
        var generator = SeededGenerator(seed: seed)
        let ready = Command.readyFrame(LocalPeer(socketType: .sub).metadata)
        let openings = [
            Greeting(mechanism: "NULL").encoded + ready,
            Greeting(mechanism: "CURVE").encoded + CurveVectors.hello + CurveVectors.initiate,
            Greeting(mechanism: "PLAIN").encoded + Command.frame("HELLO", [1, 0x61, 1, 0x62]),
            Greeting(mechanism: "GSSAPI").encoded + Command.frame("INITIATE", [0, 0, 0, 1, 0]),
            // Each mechanism's commands under the other's name.
            Greeting(mechanism: "NULL").encoded + CurveVectors.hello,
            Greeting(mechanism: "CURVE").encoded + ready,
            // ZMTP 2.0 and 1.0.
            [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 1, 2, 0, 0], [1, 0],
        ]
        for _ in 0..<40 {
            let asks = Bool.random(using: &generator)
            var server = SecureEnd(.pub, Self.choice, randomness: CurveVectors.serverRandomness) {
                $0.asksAuthenticator = asks
            }
            let opening = openings.randomElement(using: &generator) ?? []
            let octets = DecoderFuzzTests.mutated(opening, &generator)
            for read in SecurePair.reads(octets, 80, &generator) {
                server.receive(read)
                if server.request != nil {
                    server.handleVerdict(
                        Bool.random(using: &generator) ? .admitted(userID: nil) : .denied
                    )
                }
            }
            let key = server.peer?.publicKey
            #expect(key == nil || key == SecurePair.clientKeys.publicKey)
            #expect((key != nil) == (server.session.protection != nil))
        }
    }
}
