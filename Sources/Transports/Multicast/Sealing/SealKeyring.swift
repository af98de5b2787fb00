import CryptoBox

/// The keys of a group whose multicast payload is sealed, by their ids. One seals; all of them open, so that keys can be
/// changed while everything runs: give the new key to everybody, then seal with it, then take the old one away.
public struct SealKeyring: Sendable {
    /// How the payload is encrypted and authenticated; the raw value travels in every sealed packet.
    public enum Cipher: UInt8, Sendable, CaseIterable {
        /// RFC 8439; on every processor.
        case chaCha20Poly1305 = 1
        /// NIST SP 800-38D; only where the processor has AES instructions (`isAvailable`).
        case aes256GCM = 2

        /// Whether this processor can seal and open with it. An endpoint whose cipher is not available is refused when
        /// it is opened.
        public var isAvailable: Bool { AuthenticatedCipher.isAvailable(self) }
    }

    /// Of the key that seals.
    public private(set) var currentID: UInt16
    public var cipher: Cipher
    private(set) var currentKey: SecretBytes
    private var keys: [UInt16: SecretBytes]

    /// - Parameters:
    ///   - id: what packets name the key by.
    ///   - key: 32 octets of good randomness (`head -c 32 /dev/urandom`).
    ///   - cipher: one that this processor has (`Cipher.isAvailable`).
    /// - Throws: `SealKeyError` for a key of another length.
    public init(
        id: UInt16 = 0,
        key: [UInt8],
        cipher: Cipher = .chaCha20Poly1305
    ) throws(SealKeyError) {
        try Self.check(key)
        currentID = id
        self.cipher = cipher
        currentKey = SecretBytes(copying: key)
        keys = [id: currentKey]
    }

    /// Takes another key to open with; `seals` makes it the one that seals, too.
    ///
    /// - Throws: `SealKeyError` for a key that has not 32 octets; nothing has changed then.
    public mutating func add(id: UInt16, key: [UInt8], seals: Bool = false) throws(SealKeyError) {
        try Self.check(key)
        let key = SecretBytes(copying: key)
        keys[id] = key
        guard seals || id == currentID else { return }
        currentID = id
        currentKey = key
    }

    /// Packets of this key are refused from now on. The key that seals stays.
    public mutating func remove(id: UInt16) {
        if id != currentID { keys[id] = nil }
    }

    func key(_ id: UInt16) -> SecretBytes? { keys[id] }

    private static func check(_ key: [UInt8]) throws(SealKeyError) {
        guard key.count == keyByteCount else { throw SealKeyError(byteCount: key.count) }
    }

    public static let keyByteCount = 32
}

/// A key that has not 32 octets.
public struct SealKeyError: Error, Equatable, Sendable, CustomStringConvertible {
    /// How many it has.
    public var byteCount: Int

    public var description: String {
        "the key has \(byteCount) octets; it has \(SealKeyring.keyByteCount) (head -c 32 /dev/urandom makes one)"
    }
}
