import CryptoBox
import CSodium

/// HKDF with SHA-256 (RFC 5869). Debian 12's libsodium has the HMAC, not yet the derivation.
enum KeyDerivation {
    private static let hashByteCount = 32

    /// One block, 32 octets, of key material out of `key`.
    static func key(from key: SecretBytes, salt: [UInt8], info: [UInt8]) -> SecretBytes {
        Sodium.start()
        let extracted = authenticationCode(
            of: key.pointer,
            byteCount: key.count,
            key: salt,
            keyByteCount: salt.count
        )
        // Expand: T(1) = HMAC(PRK, info, 1); nobody needs longer output.
        let block = info + [1]
        return authenticationCode(
            of: block,
            byteCount: block.count,
            key: extracted.pointer,
            keyByteCount: extracted.count
        )
    }

    /// HMAC-SHA256.
    private static func authenticationCode(
        of bytes: UnsafePointer<UInt8>,
        byteCount: Int,
        key: UnsafePointer<UInt8>,
        keyByteCount: Int
    ) -> SecretBytes {
        var state = crypto_auth_hmacsha256_state()
        crypto_auth_hmacsha256_init(&state, key, keyByteCount)
        crypto_auth_hmacsha256_update(&state, bytes, UInt64(byteCount))
        let code = SecretBytes(count: hashByteCount) { output in
            output.withMemoryRebound(to: UInt8.self) { output in
                guard let octets = output.baseAddress else { return }
                crypto_auth_hmacsha256_final(&state, octets)
            }
        }
        sodium_memzero(&state, MemoryLayout.size(ofValue: state))
        return code
    }
}
