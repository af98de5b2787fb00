package import CryptoBox
import CSodium

extension SecretBytes {
    /// The system's randomness.
    package static func random(byteCount: Int) -> SecretBytes {
        Sodium.start()
        return SecretBytes(count: byteCount) { octets in
            guard let start = octets.baseAddress else { return }
            randombytes_buf(start, octets.count)
        }
    }
}
