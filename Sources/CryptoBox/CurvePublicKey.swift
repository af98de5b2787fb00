/// The public half of a Curve25519 key pair, by which CURVE knows a peer: 32 octets, or 40 characters of Z85.
public struct CurvePublicKey: Hashable, Sendable {
    public let octets: [UInt8]

    /// `nil` unless there are 32 octets.
    public init?(octets: some Collection<UInt8>) {
        guard octets.count == Self.byteCount else { return nil }
        self.octets = Array(octets)
    }

    public static let byteCount = 32
}

extension CurvePublicKey: LosslessStringConvertible {
    /// `nil` unless it is Z85 (RFC 32) of 32 octets.
    public init?(_ z85: String) {
        guard let octets = Z85.decode(z85) else { return nil }
        self.init(octets: octets)
    }

    /// Z85.
    public var description: String { Z85.encode(octets) }
}
