import CSodium

/// A Curve25519 key pair: what one end of CURVE is known by, and proves that it has. Printed, it shows its public key alone.
public struct CurveKeyPair: Sendable, CustomStringConvertible {
    public let publicKey: CurvePublicKey
    package let secretKey: SecretBytes

    /// The pair of that secret key: 32 octets, any.
    package init(secretKey: SecretBytes) {
        precondition(secretKey.count == Self.secretByteCount, "a secret key has 32 octets")
        Sodium.start()
        var octets = [UInt8](repeating: 0, count: CurvePublicKey.byteCount)
        crypto_scalarmult_base(&octets, secretKey.pointer)
        guard let publicKey = CurvePublicKey(octets: octets) else {
            preconditionFailure("a public key has 32 octets")
        }
        self.publicKey = publicKey
        self.secretKey = secretKey
    }

    /// The pair of that secret key, from octets of good randomness or from a file; `nil` unless there are 32.
    public init?(secretOctets octets: some Collection<UInt8>) {
        guard octets.count == Self.secretByteCount else { return nil }
        self.init(secretKey: SecretBytes(copying: octets))
    }

    /// `nil` unless it is Z85 (RFC 32) of 32 octets.
    public init?(secretText: String) {
        guard let octets = Z85.decode(secretText) else { return nil }
        self.init(secretOctets: octets)
    }

    /// The secret key in Z85, for the file that keeps it.
    public var secretText: String { secretKey.withBytes { Z85.encode($0) } }

    public var description: String { publicKey.description }

    public static let secretByteCount = 32
}
