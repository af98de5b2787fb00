import CSodium

/// NaCl's box and secret box, XSalsa20 and Poly1305 under one key: a text becomes 16 octets longer, and opens only with the
/// same key and nonce.
///
///     Box [X](A->B)     the key comes of A's and B's keys, the same on both sides
///     Box [X](K)        the key is nobody else's
package struct KeyedBox: Sendable {
    let key: SecretBytes

    /// What two ends share. `nil` for a public key that is none: the same for everybody.
    package init?(_ publicKey: CurvePublicKey, _ own: CurveKeyPair) {
        Sodium.start()
        var isKey = false
        key = SecretBytes(count: Self.keyByteCount) { key in
            guard let octets = key.assumingMemoryBound(to: UInt8.self).baseAddress else { return }
            isKey =
                crypto_box_beforenm(octets, publicKey.octets, own.secretKey.pointer) == 0
        }
        if !isKey { return nil }
    }

    package init(key: SecretBytes) {
        precondition(key.count == Self.keyByteCount, "a key has 32 octets")
        Sodium.start()
        self.key = key
    }

    /// The box of a text.
    package func seal(_ text: UnsafeRawBufferPointer, _ nonce: BoxNonce) -> [UInt8] {
        var box = [UInt8](repeating: 0, count: Self.tagByteCount + text.count)
        crypto_secretbox_easy(
            &box,
            text.assumingMemoryBound(to: UInt8.self).baseAddress,
            UInt64(text.count),
            nonce.octets,
            key.pointer
        )
        return box
    }

    package func seal(_ text: [UInt8], _ nonce: BoxNonce) -> [UInt8] {
        text.withUnsafeBytes { seal($0, nonce) }
    }

    /// The text of a box; `nil` when it was made with another key or nonce, or has been changed.
    package func open(_ box: some Collection<UInt8>, _ nonce: BoxNonce) -> SecretBytes? {
        guard box.count >= Self.tagByteCount else { return nil }
        let box = Array(box)
        var isOpen = false
        let text = SecretBytes(count: box.count - Self.tagByteCount) { text in
            isOpen =
                crypto_secretbox_open_easy(
                    text.assumingMemoryBound(to: UInt8.self).baseAddress,
                    box,
                    UInt64(box.count),
                    nonce.octets,
                    key.pointer
                ) == 0
        }
        return isOpen ? text : nil
    }

    package static let keyByteCount = 32
    package static let tagByteCount = 16
}
