import CryptoBox
import CSodium

/// Authenticated encryption under one key, in place: libsodium's ChaCha20-Poly1305 (RFC 8439) or AES-256-GCM. Both take a
/// key of 32 octets, a nonce of 12 that must never meet its key twice, and give a tag of 16.
struct AuthenticatedCipher: Sendable {
    static let keyByteCount = 32
    static let nonceByteCount = 12
    static let tagByteCount = 16

    private enum Key {
        case chaCha20Poly1305(SecretBytes)
        /// The expanded key and hash table of GCM, made once.
        case aes256GCM(SecretBytes)
    }

    private let key: Key

    /// Nil where the processor lacks the instructions. `key` has 32 octets.
    init?(_ cipher: SealKeyring.Cipher, key: SecretBytes) {
        Sodium.start()
        guard Self.isAvailable(cipher) else { return nil }
        switch cipher {
        case .chaCha20Poly1305: self.key = .chaCha20Poly1305(key)
        case .aes256GCM:
            let count = crypto_aead_aes256gcm_statebytes()
            let expanded = SecretBytes(count: count) { state in
                guard let state = state.baseAddress else { return }
                crypto_aead_aes256gcm_beforenm(
                    state.assumingMemoryBound(to: crypto_aead_aes256gcm_state.self),
                    key.pointer
                )
            }
            self.key = .aes256GCM(expanded)
        }
    }

    static func isAvailable(_ cipher: SealKeyring.Cipher) -> Bool {
        switch cipher {
        case .chaCha20Poly1305: return true
        case .aes256GCM:
            Sodium.start()
            return crypto_aead_aes256gcm_is_available() == 1
        }
    }

    /// Encrypts `text` where it lies and writes its tag to `tag`, 16 octets.
    func seal(
        _ text: UnsafeMutableRawBufferPointer,
        tag: UnsafeMutableRawBufferPointer,
        nonce: [UInt8],
        authenticating data: [UInt8]
    ) {
        precondition(tag.count == Self.tagByteCount && nonce.count == Self.nonceByteCount)
        guard let octets = text.assumingMemoryBound(to: UInt8.self).baseAddress,
            let tagOctets = tag.assumingMemoryBound(to: UInt8.self).baseAddress
        else { preconditionFailure("text and tag lie somewhere, even when they are empty") }
        let count = UInt64(text.count)
        let dataCount = UInt64(data.count)
        switch key {
        case .chaCha20Poly1305(let key):
            crypto_aead_chacha20poly1305_ietf_encrypt_detached(
                octets,
                tagOctets,
                nil,
                octets,
                count,
                data,
                dataCount,
                nil,
                nonce,
                key.pointer
            )
        case .aes256GCM(let key):
            crypto_aead_aes256gcm_encrypt_detached_afternm(
                octets,
                tagOctets,
                nil,
                octets,
                count,
                data,
                dataCount,
                nil,
                nonce,
                Self.expandedKey(key)
            )
        }
    }

    /// The text of `sealed`, or nil when the tag does not fit text, data, nonce and key.
    func open(
        _ sealed: UnsafeRawBufferPointer,
        tag: UnsafeRawBufferPointer,
        nonce: [UInt8],
        authenticating data: [UInt8]
    ) -> [UInt8]? {
        precondition(tag.count == Self.tagByteCount && nonce.count == Self.nonceByteCount)
        guard let octets = sealed.assumingMemoryBound(to: UInt8.self).baseAddress,
            let tagOctets = tag.assumingMemoryBound(to: UInt8.self).baseAddress
        else { preconditionFailure("text and tag lie somewhere, even when they are empty") }
        let count = UInt64(sealed.count)
        let dataCount = UInt64(data.count)
        var result: Int32 = -1
        let text = [UInt8](unsafeUninitializedCapacity: sealed.count) { text, textCount in
            switch key {
            case .chaCha20Poly1305(let key):
                result = crypto_aead_chacha20poly1305_ietf_decrypt_detached(
                    text.baseAddress,
                    nil,
                    octets,
                    count,
                    tagOctets,
                    data,
                    dataCount,
                    nonce,
                    key.pointer
                )
            case .aes256GCM(let key):
                result = crypto_aead_aes256gcm_decrypt_detached_afternm(
                    text.baseAddress,
                    nil,
                    octets,
                    count,
                    tagOctets,
                    data,
                    dataCount,
                    nonce,
                    Self.expandedKey(key)
                )
            }
            textCount = result == 0 ? sealed.count : 0
        }
        return result == 0 ? text : nil
    }

    private static func expandedKey(
        _ bytes: SecretBytes
    ) -> UnsafePointer<crypto_aead_aes256gcm_state> {
        UnsafeRawPointer(bytes.pointer).assumingMemoryBound(to: crypto_aead_aes256gcm_state.self)
    }
}
