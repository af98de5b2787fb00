import CryptoBox
import PGM
import Wire

/// A sealed TSDU (docs/multicast.md "Sealing"):
///
///      0        1        2                 4                12               20                          end
///     +--------+--------+-----------------+----------------+----------------+----------------------+----------+
///     | cipher | 0      | key id          | salt           | counter        | ciphertext           | tag, 16  |
///     +--------+--------+-----------------+----------------+----------------+----------------------+----------+
///
/// The key of a source is derived from the group's key, a salt that is drawn when the source starts, and its TSI; the
/// counter is the packet's number, continued beyond 32 bits. So no nonce is ever used twice with one key, neither in a
/// process nor after a restart. The tag also covers the header, the TSI and the number: a payload cannot be moved to
/// another packet or source.
struct SealFormat {
    static let headerByteCount = 20
    static let tagByteCount = AuthenticatedCipher.tagByteCount
    static let overheadByteCount = headerByteCount + tagByteCount

    /// What one source seals with.
    static func subkey(
        of key: SecretBytes,
        salt: UInt64,
        sessionID: TransportSessionID
    ) -> SecretBytes {
        var saltBytes: [UInt8] = []
        BigEndian.append(salt, to: &saltBytes)
        var info = Array("xylem multicast seal 1".utf8)
        append(sessionID, to: &info)
        return KeyDerivation.key(from: key, salt: saltBytes, info: info)
    }

    static func nonce(_ counter: UInt64) -> [UInt8] {
        var bytes: [UInt8] = [0, 0, 0, 0]
        BigEndian.append(counter, to: &bytes)
        return bytes
    }

    static func associatedData(
        header: some Sequence<UInt8>,
        sessionID: TransportSessionID,
        number: SequenceNumber
    ) -> [UInt8] {
        var bytes = Array(header)
        append(sessionID, to: &bytes)
        BigEndian.append(number.rawValue, to: &bytes)
        return bytes
    }

    private static func append(_ sessionID: TransportSessionID, to bytes: inout [UInt8]) {
        BigEndian.append(sessionID.globalSourceID << 16 | UInt64(sessionID.sourcePort), to: &bytes)
    }
}
