import PGM
import Wire

/// Seals what one source sends.
struct PayloadSealer {
    private let cipherID: SealKeyring.Cipher
    private let keyID: UInt16
    private let salt: UInt64
    private let cipher: AuthenticatedCipher
    private let sessionID: TransportSessionID
    private var counter: UInt64 = 0

    /// `salt` is fresh randomness. Nil when this processor lacks the cipher.
    init?(_ keyring: SealKeyring, sessionID: TransportSessionID, salt: UInt64) {
        let subkey = SealFormat.subkey(of: keyring.currentKey, salt: salt, sessionID: sessionID)
        guard let cipher = AuthenticatedCipher(keyring.cipher, key: subkey) else { return nil }
        self.cipher = cipher
        cipherID = keyring.cipher
        keyID = keyring.currentID
        self.salt = salt
        self.sessionID = sessionID
    }

    /// Seals the payload where it stands: `room` holds `headerByteCount` free octets, the plaintext, and room for the
    /// tag. Numbers come in order, from 0, each once; a number out of order is not sealed, and false is the answer.
    mutating func seal(_ room: UnsafeMutableRawBufferPointer, as number: SequenceNumber) -> Bool {
        // The core numbers from 0 on, without gaps: this is the number, continued beyond 32 bits.
        let counter = counter
        self.counter += 1
        guard UInt32(truncatingIfNeeded: counter) == number.rawValue else { return false }
        room[0] = cipherID.rawValue
        room[1] = 0
        BigEndian.store(keyID, in: room, at: 2)
        BigEndian.store(salt, in: room, at: 4)
        BigEndian.store(counter, in: room, at: 12)
        let end = room.count - SealFormat.tagByteCount
        let data = SealFormat.associatedData(
            header: room[..<SealFormat.headerByteCount],
            sessionID: sessionID,
            number: number
        )
        cipher.seal(
            UnsafeMutableRawBufferPointer(rebasing: room[SealFormat.headerByteCount..<end]),
            tag: UnsafeMutableRawBufferPointer(rebasing: room[end...]),
            nonce: SealFormat.nonce(counter),
            authenticating: data
        )
        return true
    }
}
