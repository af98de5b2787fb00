import CryptoBox
import PGM
import Testing

@testable import Transports

/// Sealed payloads: opened by who has the key, and by nobody else.
struct PayloadSealTests {
    static let session = TransportSessionID(globalSourceID: 0x0102_0304_0506, sourcePort: 7)
    static let key = [UInt8](0..<32)

    private func makeSealer(_ ring: SealKeyring, salt: UInt64 = 1) throws -> PayloadSealer {
        try #require(PayloadSealer(ring, sessionID: Self.session, salt: salt))
    }

    private func sealed(
        _ text: String,
        number: UInt32 = 0,
        by sealer: inout PayloadSealer
    ) -> [UInt8] {
        var room = [UInt8](repeating: 0, count: SealFormat.headerByteCount)
        room += text.utf8
        room += [UInt8](repeating: 0, count: SealFormat.tagByteCount)
        let isSealed = room.withUnsafeMutableBytes {
            sealer.seal($0, as: SequenceNumber(number))
        }
        #expect(isSealed)
        return room
    }

    private func open(
        _ bytes: [UInt8],
        by opener: inout PayloadOpener,
        session: TransportSessionID = Self.session,
        number: UInt32 = 0
    ) -> Result<String, PayloadOpener.Failure> {
        bytes.withUnsafeBytes {
            opener.open($0, of: session, number: SequenceNumber(number))
        }
        .map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(arguments: SealKeyring.Cipher.allCases.filter(\.isAvailable))
    func `what is sealed can be opened and cannot be read`(_ cipher: SealKeyring.Cipher) throws {
        let ring = try SealKeyring(key: Self.key, cipher: cipher)
        var sealer = try makeSealer(ring)
        var opener = PayloadOpener(ring)
        for number in 0..<3 as Range<UInt32> {
            let bytes = sealed("the same text", number: number, by: &sealer)
            #expect(open(bytes, by: &opener, number: number) == .success("the same text"))
            #expect(!String(decoding: bytes, as: UTF8.self).contains("text"))
        }
    }

    @Test func `every changed octet is noticed`() throws {
        let ring = try SealKeyring(key: Self.key)
        var sealer = try makeSealer(ring)
        var opener = PayloadOpener(ring)
        let bytes = sealed("hello", by: &sealer)
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 0x10
            if case .success = open(changed, by: &opener) { Issue.record("octet \(index)") }
        }
        for count in bytes.indices {
            if case .success = open(Array(bytes[..<count]), by: &opener) {
                Issue.record("cut to \(count)")
            }
        }
        #expect(open(bytes, by: &opener) == .success("hello"))
    }

    @Test func `a payload cannot be moved to another packet, source or key`() throws {
        let ring = try SealKeyring(key: Self.key)
        var sealer = try makeSealer(ring)
        var opener = PayloadOpener(ring)
        let bytes = sealed("hello", by: &sealer)
        var other = Self.session
        other.sourcePort += 1
        #expect(open(bytes, by: &opener, session: other) == .failure(.forged))
        #expect(open(bytes, by: &opener, number: 1) == .failure(.forged))
        var stranger = PayloadOpener(try SealKeyring(key: [UInt8](repeating: 9, count: 32)))
        #expect(open(bytes, by: &stranger) == .failure(.forged))
        var late = PayloadOpener(try SealKeyring(id: 4, key: Self.key))
        #expect(open(bytes, by: &late) == .failure(.unknownKey))
    }

    @Test func `two starts of a source never share a nonce and key`() throws {
        let ring = try SealKeyring(key: Self.key)
        var first = try makeSealer(ring)
        var second = try makeSealer(ring, salt: 2)
        let bodies = [sealed("hello", by: &first), sealed("hello", by: &second)].map {
            Array($0[SealFormat.headerByteCount...])
        }
        #expect(bodies[0] != bodies[1])
    }

    @Test func `keys change while everything runs`() throws {
        var ring = try SealKeyring(id: 1, key: Self.key)
        var old = try makeSealer(ring)
        try ring.add(id: 2, key: [UInt8](repeating: 2, count: 32), seals: true)
        var new = try makeSealer(ring, salt: 2)
        var opener = PayloadOpener(ring)
        let ofOld = sealed("old", by: &old)
        let ofNew = sealed("new", by: &new)
        #expect(open(ofOld, by: &opener) == .success("old"))
        #expect(open(ofNew, by: &opener) == .success("new"))
        ring.remove(id: 1)
        var later = PayloadOpener(ring)
        #expect(open(ofOld, by: &later) == .failure(.unknownKey))
        #expect(open(ofNew, by: &later) == .success("new"))
    }

    @Test func `what is not sealed is refused`() throws {
        var opener = PayloadOpener(try SealKeyring(key: Self.key))
        #expect(open([0, 0, 2, 0, 65], by: &opener) == .failure(.unsealed))
        #expect(open([UInt8](repeating: 0, count: 100), by: &opener) == .failure(.unsealed))
        #expect(open([], by: &opener) == .failure(.unsealed))
    }

    /// RFC 5869, test case 1.
    @Test func `keys are derived as HKDF says`() {
        let key = KeyDerivation.key(
            from: SecretBytes(copying: [UInt8](repeating: 0x0B, count: 22)),
            salt: [UInt8](0...0x0C),
            info: [UInt8](0xF0...0xF9)
        )
        let hex = (0..<key.count).map { hexadecimal(key.pointer[$0]) }.joined()
        #expect(hex == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf")
    }

    /// Octets that another library made after docs/multicast.md, so that a group can be upgraded node by node.
    @Test(arguments: [
        (
            SealKeyring.Cipher.chaCha20Poly1305,
            "01000007000000000000000100000000000000004896e8c5ed972caedb8f64d6eb8a75d487be0bc6a2aded87512eb36354b91b"
        ),
        (
            SealKeyring.Cipher.aes256GCM,
            "02000007000000000000000100000000000000001c3343e09c625401be5a60e42f05a5dbc07ae9b21ea0d7e7e3891a08e65fc8"
        ),
    ])
    func `the format on the wire has not changed`(
        _ cipher: SealKeyring.Cipher,
        _ expected: String
    ) throws {
        guard cipher.isAvailable else { return }
        var sealer = try makeSealer(try SealKeyring(id: 7, key: Self.key, cipher: cipher))
        let bytes = sealed("weather.oslo -4", by: &sealer)
        #expect(bytes.map(hexadecimal).joined() == expected)
    }

    private func hexadecimal(_ octet: UInt8) -> String {
        let digits = String(octet, radix: 16)
        return octet < 16 ? "0" + digits : digits
    }
}
