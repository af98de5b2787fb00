import Wire

/// The 64 octets each side sends first (RFC 37 "Greeting").
///
///     0            9 10    11    12               31 32         33            63
///     +-------------+-----+-----+-------------------+-----------+--------------+
///     | FF 0…0   7F |major|minor| mechanism, NULs   | as-server | filler       |
///     +-------------+-----+-----+-------------------+-----------+--------------+
public struct Greeting: Equatable, Sendable {
    public var major: UInt8
    public var minor: UInt8
    public var mechanism: String
    public var isServer: Bool

    public init(major: UInt8 = 3, minor: UInt8 = 1, mechanism: String, isServer: Bool = false) {
        self.major = major
        self.minor = minor
        self.mechanism = mechanism
        self.isServer = isServer
    }

    public static let byteCount = 64
    /// FF to 7F: whoever sends it speaks ZMTP.
    static let signatureByteCount = 10

    /// The octets to send.
    public var encoded: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.byteCount)
        bytes[0] = 0xFF
        bytes[9] = 0x7F
        bytes[10] = major
        bytes[11] = minor
        for (index, octet) in mechanism.utf8.prefix(20).enumerated() { bytes[12 + index] = octet }
        bytes[32] = isServer ? 1 : 0
        return bytes
    }

    /// Looks at what has arrived so far, so that a stranger is refused at its first wrong octet and not only after 64.
    ///
    /// - Returns: the greeting once `byteCount` octets are there, `nil` while more are needed.
    static func decode(_ bytes: [UInt8]) throws(HandshakeFailure) -> Greeting? {
        guard let first = bytes.first else { return nil }
        // ZMTP 1.0 starts with the length of an identity frame; 0xFF is the signature of 2.0 and later.
        guard first == 0xFF else { throw .notZMTP(firstOctet: first) }
        guard bytes.count >= 10 else { return nil }
        // An even octet here is the flags of a long identity frame of ZMTP 1.0.
        guard bytes[9] & 1 == 1 else { throw .malformedGreeting }
        guard bytes.count >= 11 else { return nil }
        guard bytes[10] >= 3 else { throw .unsupportedVersion(major: bytes[10]) }
        guard bytes.count >= byteCount else { return nil }
        let name = bytes[12..<32].prefix { $0 != 0 }
        let isPrintable = name.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        guard isPrintable, bytes[12 + name.count..<32].allSatisfy({ $0 == 0 }) else {
            throw .malformedGreeting
        }
        return Greeting(
            major: bytes[10],
            minor: bytes[11],
            mechanism: String(decoding: name, as: UTF8.self),
            isServer: bytes[32] == 1
        )
    }
}
