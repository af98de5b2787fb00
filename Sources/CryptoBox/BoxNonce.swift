/// The 24 octets that must never meet a key twice: a prefix that says what the box is for, and what makes it unique (RFC 26
/// "Nonces").
package struct BoxNonce: Sendable {
    let octets: [UInt8]

    /// 16 characters and a number that counts up.
    package init(_ prefix: StaticString, short: UInt64) {
        octets =
            Self.octets(of: prefix, count: 16)
            + (0..<8).map { UInt8(truncatingIfNeeded: short >> (56 - 8 * $0)) }
    }

    /// 8 characters and 16 octets of randomness.
    package init(_ prefix: StaticString, long: some Collection<UInt8>) {
        precondition(long.count == 16, "a long nonce has 16 octets")
        octets = Self.octets(of: prefix, count: 8) + long
    }

    static func octets(of prefix: StaticString, count: Int) -> [UInt8] {
        precondition(prefix.utf8CodeUnitCount == count, "a prefix of \(count) characters")
        return prefix.withUTF8Buffer { Array($0) }
    }
}
