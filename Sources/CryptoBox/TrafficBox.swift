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
        base.storeBytes(of: SIMD32<UInt8>.zero, as: SIMD32<UInt8>.self)
        cipher(base, base, Self.roomByteCount + textByteCount, nonce)
        let tag = tag(
            of: base + Self.roomByteCount,
            textByteCount,
            key: base.loadUnaligned(as: SIMD32<UInt8>.self)
        )
        (base + Self.tagOffset).storeBytes(of: tag, as: SIMD16<UInt8>.self)
    }

    /// Decrypts `sealed`, which begins with 32 octets that end with the tag, to `base`, where the text lies after 32 octets
    /// without a meaning. `false`: the text is not what was sealed with this nonce, and what is in `base` must not be used.
    package func open(
        _ sealed: UnsafeRawPointer,
        textByteCount: Int,
        into base: UnsafeMutableRawPointer,
        nonce: UInt64
    ) -> Bool {
        let room = sealed.loadUnaligned(as: SIMD32<UInt8>.self)
        cipher(sealed, base, Self.roomByteCount + textByteCount, nonce)
        // The room went through the cipher, too: what it differs by is the key of the tag.
        let expected = tag(
            of: sealed + Self.roomByteCount,
            textByteCount,
            key: room ^ base.loadUnaligned(as: SIMD32<UInt8>.self)
        )
        // In a time that does not depend on where they differ.
        let difference = expected ^ room.highHalf
        return difference == .zero
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
        key: SIMD32<UInt8>
    ) -> SIMD16<UInt8> {
        var tag = SIMD16<UInt8>.zero
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
