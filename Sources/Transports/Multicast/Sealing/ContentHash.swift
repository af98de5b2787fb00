import CryptoBox
import CSodium

/// A hash that names contents: BLAKE2b, as libsodium has it (RFC 7693).
package enum ContentHash {
    /// 16 octets, in hexadecimal digits.
    package static func hexadecimal(of bytes: some Sequence<UInt8>) -> String {
        Sodium.start()
        let input = Array(bytes)
        var hash = [UInt8](repeating: 0, count: byteCount)
        crypto_generichash(&hash, hash.count, input, UInt64(input.count), nil, 0)
        return hash.map { octet in
            (octet < 16 ? "0" : "") + String(octet, radix: 16)
        }.joined()
    }

    private static let byteCount = 16
}
