import CSodium
import Simulation
import Testing

@testable import CryptoBox

/// The fast path against libsodium's own boxes, and against change.
struct TrafficBoxTests {
    static let client = pair(1)
    static let server = pair(2)
    static let prefix: StaticString = "CurveZMQMESSAGEC"

    static func pair(_ octet: UInt8) -> CurveKeyPair {
        CurveKeyPair(secretKey: SecretBytes(copying: [UInt8](repeating: octet, count: 32)))
    }

    static func box() throws -> (TrafficBox, KeyedBox) {
        let box = try #require(KeyedBox(server.publicKey, client))
        return (TrafficBox(box, prefix: prefix), box)
    }

    /// libsodium's box of that text: tag, then text.
    static func reference(_ text: [UInt8], nonce: UInt64) -> [UInt8] {
        var octets = [UInt8](repeating: 0, count: text.count + 16)
        _ = crypto_box_easy(
            &octets,
            text,
            UInt64(text.count),
            BoxNonce(prefix, short: nonce).octets,
            server.publicKey.octets,
            client.secretKey.pointer
        )
        return octets
    }

    static func sealed(_ box: TrafficBox, _ text: [UInt8], nonce: UInt64) -> [UInt8] {
        var octets = [UInt8](repeating: 0xAA, count: 32) + text
        octets.withUnsafeMutableBytes {
            guard let base = $0.baseAddress else { return }
            box.seal(base, textByteCount: text.count, nonce: nonce)
        }
        return Array(octets.dropFirst(16))
    }

    static func opened(_ box: TrafficBox, _ sealed: [UInt8], nonce: UInt64) -> [UInt8]? {
        let octets = [UInt8](repeating: 0x55, count: 16) + sealed
        var text = [UInt8](repeating: 0, count: octets.count)
        let isOpen = octets.withUnsafeBytes { octets in
            text.withUnsafeMutableBytes { text in
                guard let source = octets.baseAddress, let target = text.baseAddress else {
                    return false
                }
                return box.open(
                    source,
                    textByteCount: octets.count - 32,
                    into: target,
                    nonce: nonce
                )
            }
        }
        return isOpen ? Array(text.dropFirst(32)) : nil
    }

    @Test func `it is libsodium's box, whatever the length`() throws {
        let (box, _) = try Self.box()
        var generator = SeededGenerator(seed: 1)
        for count in Array(0...200) + [255, 256, 257, 511, 512, 513, 1_024, 4_097, 70_000] {
            let text = generator.octets(count)
            let nonce = UInt64.random(in: 0 ... .max, using: &generator)
            let expected = Self.reference(text, nonce: nonce)
            #expect(Self.sealed(box, text, nonce: nonce) == expected, "\(count)")
            #expect(Self.opened(box, expected, nonce: nonce) == text, "\(count)")
        }
    }

    @Test func `both ends have one key`() throws {
        let (ours, _) = try Self.box()
        let shared = try #require(KeyedBox(Self.client.publicKey, Self.server))
        let theirs = TrafficBox(shared, prefix: Self.prefix)
        #expect(
            Self.opened(theirs, Self.sealed(ours, [1, 2, 3], nonce: 9), nonce: 9) == [1, 2, 3]
        )
    }

    @Test func `any changed bit is noticed`() throws {
        let (box, keyed) = try Self.box()
        let nonce = BoxNonce(Self.prefix, short: 7)
        let sealed = Self.sealed(box, Array("a text of some length".utf8), nonce: 7)
        #expect(keyed.open(sealed, nonce) != nil)
        for bit in 0..<sealed.count * 8 {
            var changed = sealed
            changed[bit / 8] ^= 1 << (bit % 8)
            #expect(Self.opened(box, changed, nonce: 7) == nil)
            #expect(keyed.open(changed, nonce) == nil)
        }
        #expect(Self.opened(box, sealed, nonce: 8) == nil)
        #expect(keyed.open(sealed.dropLast(), nonce) == nil)
        #expect(keyed.open(sealed.prefix(15), nonce) == nil)
    }

    @Test func `a key that is the same for everybody is none`() throws {
        // The points of small order of Curve25519: their product with any secret is zero.
        let zero = try #require(CurvePublicKey(octets: [UInt8](repeating: 0, count: 32)))
        let one = try #require(CurvePublicKey(octets: [1] + [UInt8](repeating: 0, count: 31)))
        #expect(KeyedBox(zero, Self.client) == nil)
        #expect(KeyedBox(one, Self.client) == nil)
    }
}
