/// The addresses that begin with the same bits: `10.0.0.0/8`, `fd00::/8`, or one address alone (RFC 4632, RFC 4291 §2.3).
public struct AddressBlock: Hashable, Sendable {
    public let base: NetworkAddress
    /// How many leading bits count.
    public let prefixBitCount: Int

    /// `nil` for what is no address with a number of bits, and when `base` has bits beyond them: that would be a mistake of who wrote it.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let base = NetworkAddress(text: parts[0]) else { return nil }
        let bitCount = base.byteCount * 8
        guard parts.count == 2 else {
            self.base = base
            prefixBitCount = bitCount
            return
        }
        let digits = parts[1].utf8
        guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }),
            let count = Int(parts[1]), count <= bitCount
        else { return nil }
        self.base = base
        prefixBitCount = count
        guard Self.masked(base, count) == base else { return nil }
    }

    /// An IPv4 address counts as such, too, where a listener for both kinds shows it as `::ffff:a.b.c.d`.
    public func contains(_ address: NetworkAddress) -> Bool {
        let address = base.family == .v4 ? Self.unmapped(address) : address
        return address.family == base.family && Self.masked(address, prefixBitCount) == base
    }

    private static func masked(_ address: NetworkAddress, _ bitCount: Int) -> NetworkAddress {
        switch address.family {
        case .v4:
            NetworkAddress(v4: UInt32(truncatingIfNeeded: address.low) & ~0 << (32 - bitCount))
        case .v6:
            NetworkAddress(
                v6High: address.high & ~0 << max(0, 64 - bitCount),
                low: address.low & ~0 << min(64, 128 - bitCount)
            )
        }
    }

    private static func unmapped(_ address: NetworkAddress) -> NetworkAddress {
        guard address.family == .v6, address.high == 0, address.low >> 32 == 0xFFFF else {
            return address
        }
        return NetworkAddress(v4: UInt32(truncatingIfNeeded: address.low))
    }
}

extension AddressBlock: CustomStringConvertible {
    public var description: String {
        prefixBitCount == base.byteCount * 8 ? "\(base)" : "\(base)/\(prefixBitCount)"
    }
}

extension AddressBlock: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let block = AddressBlock(text) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "'\(text)' is no address or network"
            )
        }
        self = block
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
