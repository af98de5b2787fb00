import CryptoBox
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
}
