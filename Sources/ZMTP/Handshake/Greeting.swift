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
    /// The part that every version since 2.0 begins with.
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

    /// Reads the 64 octets of a peer of ZMTP 3.
    static func decode(_ bytes: [UInt8]) throws(HandshakeFailure) -> Greeting {
        precondition(bytes.count == byteCount, "a greeting of \(bytes.count) octets")
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
