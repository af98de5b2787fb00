import CSodium

/// The boxes of one direction of a connection, message by message.
///
/// It is a `KeyedBox` whose nonces share their first 16 octets. XSalsa20 derives a key for each message from just those
/// octets, so it is derived once here, and what is left of a message is one pass of Salsa20 and one of Poly1305. Both lie in
/// one piece of memory, as NaCl's first interface had it: the 32 octets before the text become the key of the tag, then
/// hold the tag, and have room for what goes before it.
///
///     0              16             32
///     +--------------+--------------+---------------
///     | the caller's | tag          | text …
///     +--------------+--------------+---------------
package struct TrafficBox: Sendable {
    private let key: SecretBytes

    /// `prefix` has 16 characters.
    package init(_ box: KeyedBox, prefix: StaticString) {
        let nonce = BoxNonce.octets(of: prefix, count: 16)
        key = SecretBytes(count: 32) { key in
            guard let octets = key.assumingMemoryBound(to: UInt8.self).baseAddress else { return }
            crypto_core_hsalsa20(octets, nonce, box.key.pointer, nil)
        }
    }

    /// The octets before a text.
    package static let roomByteCount = 32

    /// Encrypts the text where it lies, after 32 octets of room, and writes its tag. `nonce` is never used again.
    package func seal(
        _ base: UnsafeMutableRawPointer,
        textByteCount: Int,
        nonce: UInt64
    ) {
        Quad().store(to: base)
        cipher(base, base, Self.roomByteCount + textByteCount, nonce)
        let tag = tag(of: base + Self.roomByteCount, textByteCount, key: Quad(base))
        base.storeBytes(of: tag.0, toByteOffset: Self.tagOffset, as: UInt64.self)
        base.storeBytes(of: tag.1, toByteOffset: Self.tagOffset + 8, as: UInt64.self)
    }

    /// Decrypts `sealed`, which begins with 32 octets that end with the tag, to `base`, where the text lies after 32 octets
    /// without a meaning. `false`: the text is not what was sealed with this nonce, and what is in `base` must not be used.
    package func open(
        _ sealed: UnsafeRawPointer,
        textByteCount: Int,
        into base: UnsafeMutableRawPointer,
        nonce: UInt64
    ) -> Bool {
        cipher(sealed, base, Self.roomByteCount + textByteCount, nonce)
        // The room went through the cipher, too: what it differs by is the key of the tag.
        let room = Quad(sealed)
        let key = room.difference(from: Quad(base))
        let tag = tag(of: sealed + Self.roomByteCount, textByteCount, key: key)
        // In a time that does not depend on where they differ.
        return (tag.0 ^ room.words.2) | (tag.1 ^ room.words.3) == 0
    }

    private func cipher(
        _ input: UnsafeRawPointer,
        _ output: UnsafeMutableRawPointer,
        _ byteCount: Int,
        _ nonce: UInt64
    ) {
        withUnsafePointer(to: nonce.bigEndian) { nonce in
            _ = crypto_stream_salsa20_xor(
                output.assumingMemoryBound(to: UInt8.self),
                input.assumingMemoryBound(to: UInt8.self),
                UInt64(byteCount),
                UnsafeRawPointer(nonce).assumingMemoryBound(to: UInt8.self),
                key.pointer
            )
        }
    }

    private func tag(
        of text: UnsafeRawPointer,
        _ byteCount: Int,
        key: Quad
    ) -> (UInt64, UInt64) {
        var tag: (UInt64, UInt64) = (0, 0)
        withUnsafePointer(to: key) { key in
            withUnsafeMutablePointer(to: &tag) { tag in
                _ = crypto_onetimeauth(
                    UnsafeMutableRawPointer(tag).assumingMemoryBound(to: UInt8.self),
                    text.assumingMemoryBound(to: UInt8.self),
                    UInt64(byteCount),
                    UnsafeRawPointer(key).assumingMemoryBound(to: UInt8.self)
                )
            }
        }
        return tag
    }

    private static let tagOffset = 16
}

/// 32 octets. Words, because the library's vectors of octets are compared and combined one by one.
private struct Quad {
    var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    init() {}

    init(_ octets: UnsafeRawPointer) {
        words.0 = octets.loadUnaligned(as: UInt64.self)
        words.1 = octets.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        words.2 = octets.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
        words.3 = octets.loadUnaligned(fromByteOffset: 24, as: UInt64.self)
    }

    func store(to octets: UnsafeMutableRawPointer) {
        octets.storeBytes(of: words.0, as: UInt64.self)
        octets.storeBytes(of: words.1, toByteOffset: 8, as: UInt64.self)
        octets.storeBytes(of: words.2, toByteOffset: 16, as: UInt64.self)
        octets.storeBytes(of: words.3, toByteOffset: 24, as: UInt64.self)
    }

    func difference(from other: Quad) -> Quad {
        var result = self
        result.words.0 ^= other.words.0
        result.words.1 ^= other.words.1
        result.words.2 ^= other.words.2
        result.words.3 ^= other.words.3
        return result
    }
}
