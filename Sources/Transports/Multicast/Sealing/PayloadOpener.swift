import CryptoBox
import PGM
import Wire

/// Opens what sources seal.
struct PayloadOpener {
    private struct Source: Hashable {
        var keyID: UInt16
        var cipher: SealKeyring.Cipher
        var salt: UInt64
        var sessionID: TransportSessionID
    }

    private struct Known {
        var cipher: AuthenticatedCipher
        var highestCounter: UInt64
    }

    enum Failure: String, Error {
        case unsealed = "not sealed"
        case unknownKey = "sealed with a key that is not known here"
        case unavailableCipher =
            "sealed with AES-256-GCM, which this processor has no instructions for"
        case forged = "sealed wrongly: damaged, or made without the key"
    }

    private let keyring: SealKeyring
    /// Derived keys, a bounded number: a packet with a forged salt must not take memory.
    private var known: [Source: Known] = [:]
    private var order: [Source] = []

    init(_ keyring: SealKeyring) {
        self.keyring = keyring
    }

    mutating func open(
        _ payload: UnsafeRawBufferPointer,
        of sessionID: TransportSessionID,
        number: SequenceNumber
    ) -> Result<[UInt8], Failure> {
        guard payload.count >= SealFormat.overheadByteCount,
            let cipherID = SealKeyring.Cipher(rawValue: payload[0]), payload[1] == 0
        else { return .failure(.unsealed) }
        let source = Source(
            keyID: BigEndian.loadUInt16(payload, at: 2),
            cipher: cipherID,
            salt: BigEndian.loadUInt64(payload, at: 4),
            sessionID: sessionID
        )
        let counter = BigEndian.loadUInt64(payload, at: 12)
        guard let key = keyring.key(source.keyID) else { return .failure(.unknownKey) }
        guard UInt32(truncatingIfNeeded: counter) == number.rawValue else {
            return .failure(.forged)
        }
        let known = known[source]
        // A packet of four billion packets ago has the right number, too.
        guard counter &+ (1 << 31) > known?.highestCounter ?? 0 else { return .failure(.forged) }
        guard let cipher = known?.cipher ?? makeCipher(of: source, key) else {
            return .failure(.unavailableCipher)
        }
        let data = SealFormat.associatedData(
            header: payload[..<SealFormat.headerByteCount],
            sessionID: sessionID,
            number: number
        )
        let end = payload.count - SealFormat.tagByteCount
        let text = cipher.open(
            UnsafeRawBufferPointer(rebasing: payload[SealFormat.headerByteCount..<end]),
            tag: UnsafeRawBufferPointer(rebasing: payload[end...]),
            nonce: SealFormat.nonce(counter),
            authenticating: data
        )
        guard let text else { return .failure(.forged) }
        if let known {
            if counter > known.highestCounter { self.known[source]?.highestCounter = counter }
        } else {
            remember(source, Known(cipher: cipher, highestCounter: counter))
        }
        return .success(text)
    }

    private func makeCipher(of source: Source, _ key: SecretBytes) -> AuthenticatedCipher? {
        let subkey = SealFormat.subkey(of: key, salt: source.salt, sessionID: source.sessionID)
        return AuthenticatedCipher(source.cipher, key: subkey)
    }

    private mutating func remember(_ source: Source, _ fresh: Known) {
        if order.count == Self.sourceCountMax { known[order.removeFirst()] = nil }
        known[source] = fresh
        order.append(source)
    }

    private static let sourceCountMax = 1_024
}
