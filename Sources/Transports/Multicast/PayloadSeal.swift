import Crypto
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
    static let tagByteCount = 16
    static let overheadByteCount = headerByteCount + tagByteCount

    static func subkey(
        of key: SymmetricKey,
        salt: UInt64,
        sessionID: TransportSessionID
    ) -> SymmetricKey {
        var saltBytes: [UInt8] = []
        BigEndian.append(salt, to: &saltBytes)
        var info = Array("xylem multicast seal 1".utf8)
        append(sessionID, to: &info)
        return HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key,
            salt: saltBytes,
            info: info,
            outputByteCount: 32
        )
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

/// Seals what one source sends.
struct PayloadSealer {
    private let cipher: SealKeyring.Cipher
    private let keyID: UInt16
    private let salt: UInt64
    private let subkey: SymmetricKey
    private let sessionID: TransportSessionID
    private var counter: UInt64 = 0

    /// `salt` is fresh randomness.
    init(_ keyring: SealKeyring, sessionID: TransportSessionID, salt: UInt64) {
        cipher = keyring.cipher
        keyID = keyring.currentID
        self.salt = salt
        self.sessionID = sessionID
        let key = keyring.key(keyring.currentID) ?? SymmetricKey(size: .bits256)
        subkey = SealFormat.subkey(of: key, salt: salt, sessionID: sessionID)
    }

    /// Seals the payload where it stands: `room` holds `headerByteCount` free octets, the plaintext, and room for the
    /// tag. Numbers come in order, from 0, each once.
    mutating func seal(_ room: UnsafeMutableRawBufferPointer, as number: SequenceNumber) -> Bool {
        // The core numbers from 0 on, without gaps: this is the number, continued beyond 32 bits.
        let counter = counter
        self.counter += 1
        guard UInt32(truncatingIfNeeded: counter) == number.rawValue else { return false }
        room[0] = cipher.rawValue
        room[1] = 0
        BigEndian.store(keyID, in: room, at: 2)
        BigEndian.store(salt, in: room, at: 4)
        BigEndian.store(counter, in: room, at: 12)
        let end = room.count - SealFormat.tagByteCount
        let plain = Array(room[SealFormat.headerByteCount..<end])
        let data = SealFormat.associatedData(
            header: room[..<SealFormat.headerByteCount],
            sessionID: sessionID,
            number: number
        )
        guard let (sealed, tag) = encrypt(plain, data, counter) else { return false }
        UnsafeMutableRawBufferPointer(rebasing: room[SealFormat.headerByteCount..<end])
            .copyBytes(from: sealed)
        UnsafeMutableRawBufferPointer(rebasing: room[end...]).copyBytes(from: tag)
        return true
    }

    private func encrypt(
        _ plain: [UInt8],
        _ data: [UInt8],
        _ counter: UInt64
    ) -> ([UInt8], [UInt8])? {
        let nonce = SealFormat.nonce(counter)
        switch cipher {
        case .chaCha20Poly1305:
            guard let nonce = try? ChaChaPoly.Nonce(data: nonce),
                let box = try? ChaChaPoly.seal(
                    plain,
                    using: subkey,
                    nonce: nonce,
                    authenticating: data
                )
            else { return nil }
            return (Array(box.ciphertext), Array(box.tag))
        case .aes256GCM:
            guard let nonce = try? AES.GCM.Nonce(data: nonce),
                let box = try? AES.GCM.seal(
                    plain,
                    using: subkey,
                    nonce: nonce,
                    authenticating: data
                )
            else { return nil }
            return (Array(box.ciphertext), Array(box.tag))
        }
    }
}

/// Opens what sources seal.
struct PayloadOpener {
    private struct Source: Hashable {
        var keyID: UInt16
        var salt: UInt64
        var sessionID: TransportSessionID
    }

    private struct Known {
        var subkey: SymmetricKey
        var highestCounter: UInt64
    }

    enum Failure: String, Error {
        case unsealed = "not sealed"
        case unknownKey = "sealed with a key that is not known here"
        case forged = "sealed wrongly: damaged, or made without the key"
    }

    private let keyring: SealKeyring
    /// Derived keys, a bounded number: a packet with a forged salt must not take memory.
    private var subkeys: [Source: Known] = [:]
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
            let cipher = SealKeyring.Cipher(rawValue: payload[0]), payload[1] == 0
        else { return .failure(.unsealed) }
        let source = Source(
            keyID: BigEndian.loadUInt16(payload, at: 2),
            salt: BigEndian.loadUInt64(payload, at: 4),
            sessionID: sessionID
        )
        let counter = BigEndian.loadUInt64(payload, at: 12)
        guard let key = keyring.key(source.keyID) else { return .failure(.unknownKey) }
        guard UInt32(truncatingIfNeeded: counter) == number.rawValue else {
            return .failure(.forged)
        }
        let known = subkeys[source]
        // A packet of four billion packets ago has the right number, too.
        guard counter &+ (1 << 31) > known?.highestCounter ?? 0 else { return .failure(.forged) }
        let subkey =
            known?.subkey ?? SealFormat.subkey(of: key, salt: source.salt, sessionID: sessionID)
        let data = SealFormat.associatedData(
            header: payload[..<SealFormat.headerByteCount],
            sessionID: sessionID,
            number: number
        )
        let end = payload.count - SealFormat.tagByteCount
        let plain = decrypt(
            payload[SealFormat.headerByteCount..<end],
            tag: payload[end...],
            data,
            counter,
            cipher,
            subkey
        )
        guard let plain else { return .failure(.forged) }
        if let known {
            if counter > known.highestCounter { subkeys[source]?.highestCounter = counter }
        } else {
            remember(source, Known(subkey: subkey, highestCounter: counter))
        }
        return .success(plain)
    }

    private mutating func remember(_ source: Source, _ known: Known) {
        if order.count == Self.subkeyCountMax { subkeys[order.removeFirst()] = nil }
        subkeys[source] = known
        order.append(source)
    }

    private func decrypt(
        _ sealed: Slice<UnsafeRawBufferPointer>,
        tag: Slice<UnsafeRawBufferPointer>,
        _ data: [UInt8],
        _ counter: UInt64,
        _ cipher: SealKeyring.Cipher,
        _ subkey: SymmetricKey
    ) -> [UInt8]? {
        let nonce = SealFormat.nonce(counter)
        switch cipher {
        case .chaCha20Poly1305:
            guard let nonce = try? ChaChaPoly.Nonce(data: nonce),
                let box = try? ChaChaPoly.SealedBox(
                    nonce: nonce,
                    ciphertext: Array(sealed),
                    tag: Array(tag)
                ),
                let plain = try? ChaChaPoly.open(box, using: subkey, authenticating: data)
            else { return nil }
            return Array(plain)
        case .aes256GCM:
            guard let nonce = try? AES.GCM.Nonce(data: nonce),
                let box = try? AES.GCM.SealedBox(
                    nonce: nonce,
                    ciphertext: Array(sealed),
                    tag: Array(tag)
                ),
                let plain = try? AES.GCM.open(box, using: subkey, authenticating: data)
            else { return nil }
            return Array(plain)
        }
    }

    private static let subkeyCountMax = 1_024
}
