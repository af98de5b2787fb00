/// Where a tree's connections must be CURVE's (docs/security.md).
public enum SecurityProfile: String, CaseIterable, Codable, Sendable {
    /// Nowhere, unless a command says otherwise.
    case none
    /// Between relays. Clients may do as they like.
    case links
    /// Everywhere.
    case all
}

/// Which clients' keys a node lets in.
public enum AllowedKeys: Equatable, Sendable {
    case any
    /// Public keys as Z85 (RFC 32).
    case keys([String])
}

extension AllowedKeys: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let keys = try? container.decode([String].self) else {
            guard try container.decode(String.self) == "any" else {
                throw DecodingError.dataCorruptedError(
                    in: container,
                    debugDescription: "neither 'any' nor a list of keys"
                )
            }
            self = .any
            return
        }
        self = .keys(keys)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .any: try container.encode("any")
        case .keys(let keys): try container.encode(keys)
        }
    }
}
