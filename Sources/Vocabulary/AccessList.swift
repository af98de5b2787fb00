/// Who may publish and subscribe what: an operator's list for one relay, or for one tree.
///
///     rules of the peer ── one or more ──▶ what they allow, together
///                └──────── none ─────────▶ what the list allows everybody else
///
/// Topics are prefixes: `weather.` allows every message that begins with it, and `""` allows all.
public struct AccessList: Codable, Equatable, Sendable {
    /// What somebody may do; nothing, unless it is said.
    public struct Permission: Codable, Equatable, Sendable {
        /// Prefixes of the topics that may be published.
        public var publish: [String]
        /// Prefixes of the topics that may be subscribed to.
        public var subscribe: [String]

        public init(publish: [String] = [], subscribe: [String] = []) {
            self.publish = publish
            self.subscribe = subscribe
        }

        public mutating func add(_ other: Permission) {
            publish += other.publish
            subscribe += other.subscribe
        }
    }

    /// What peers of a kind may do. Of each list that is not empty, the peer must be in it.
    public struct Rule: Codable, Equatable, Sendable {
        /// Public keys of CURVE, as Z85 (RFC 32).
        public var keys: [String]
        /// Names that an authenticator gave (RFC 27 "user id"): under PLAIN those of the peers.
        public var users: [String]
        public var addresses: [AddressBlock]
        public var permission: Permission
        /// Whether relays among them may be children, of whom no topics are asked.
        public var mayBeRelay: Bool

        private enum CodingKeys: String, CodingKey {
            case keys, users, addresses, permission
            case mayBeRelay = "relay"
        }

        public init(
            keys: [String] = [],
            users: [String] = [],
            addresses: [AddressBlock] = [],
            permission: Permission = Permission(),
            mayBeRelay: Bool = false
        ) {
            self.keys = keys
            self.users = users
            self.addresses = addresses
            self.permission = permission
            self.mayBeRelay = mayBeRelay
        }
    }

    /// A peer, as far as it is known.
    public struct Peer: Equatable, Sendable {
        /// The public key that it has proved to have, as Z85.
        public var key: String?
        public var user: String?
        /// `nil` for one on this machine that came by ipc or inproc.
        public var address: NetworkAddress?

        public init(key: String? = nil, user: String? = nil, address: NetworkAddress? = nil) {
            self.key = key
            self.user = user
            self.address = address
        }
    }

    private enum CodingKeys: String, CodingKey {
        case rules
        case otherwise = "default"
    }

    public var rules: [Rule]
    /// For whom no rule is.
    public var otherwise: Permission

    public init(rules: [Rule] = [], otherwise: Permission = Permission()) {
        self.rules = rules
        self.otherwise = otherwise
    }

    public func permission(of peer: Peer) -> Permission {
        permission(by: rulesConcerning(peer))
    }

    /// The places of the rules that are for the peer: peers with the same may do the same.
    public func rulesConcerning(_ peer: Peer) -> [Int] {
        rules.indices.filter { rules[$0].concerns(peer) }
    }

    /// What those rules allow together; none of them = what is for everybody else.
    public func permission(by places: [Int]) -> Permission {
        guard !places.isEmpty else { return otherwise }
        var permission = Permission()
        for place in places { permission.add(rules[place].permission) }
        return permission
    }

    public func mayBeRelay(_ peer: Peer) -> Bool {
        rules.contains { $0.mayBeRelay && $0.concerns(peer) }
    }
}

extension AccessList.Rule {
    /// A rule that names nobody is nobody's.
    func concerns(_ peer: AccessList.Peer) -> Bool {
        guard !keys.isEmpty || !users.isEmpty || !addresses.isEmpty else { return false }
        if !keys.isEmpty {
            guard let key = peer.key, keys.contains(key) else { return false }
        }
        if !users.isEmpty {
            guard let user = peer.user, users.contains(user) else { return false }
        }
        guard !addresses.isEmpty else { return true }
        guard let address = peer.address else { return false }
        return addresses.contains { $0.contains(address) }
    }
}
