public import CryptoBox
public import Transports
public import TreeBuilder
import Vocabulary
import ZMTP

extension RelayConfiguration {
    /// Secures the relay as its plan says: it is known by its key, knows its parents by theirs, and takes for a child only who
    /// has that node's key.
    ///
    /// - Parameters:
    ///   - plan: what its nodes' keys are, and where CURVE is asked for.
    ///   - keys: the node's pair.
    ///   - door: who is asked first of everybody, such as lists of addresses; `nil` = nobody.
    ///   - others: who decides on clients' keys where the plan has no list for the node; `nil` = none are let in.
    /// - Throws: `ConfigurationError` for a plan without keys, or with another key for this node.
    public mutating func secure(
        by plan: Plan,
        keys: CurveKeyPair,
        door: (any PeerAuthenticator)? = nil,
        others: (any PeerAuthenticator)? = nil
    ) throws(ConfigurationError) {
        guard plan.security != .none else { return }
        var known: [String: CurvePublicKey] = [:]
        for node in plan.nodes {
            guard let text = node.key else {
                throw ConfigurationError(
                    "security is '\(plan.security.rawValue)', but node '\(node.id)' has no key; plan with --keys FOLDER"
                )
            }
            guard let key = CurvePublicKey(text) else {
                throw ConfigurationError(
                    "the key of node '\(node.id)', '\(text)', is no key: 40 characters of Z85"
                )
            }
            known[node.id] = key
        }
        guard known[name] == keys.publicKey else {
            throw ConfigurationError(
                "the key of node '\(name)' is \(keys.publicKey), and another one in the plan; plan anew with --keys FOLDER"
            )
        }
        nodeKeys = known
        security.dialling = .curve(keys: keys, servers: .init(ofNodes: known))
        switch plan.security {
        case .none: break
        case .links:
            // Without an authenticator ZMTP 2.0 and ZWS without a mechanism can be met, too.
            security.listening = .nullOrCurve(keys: keys)
            security.authenticator = door
        case .all:
            security.listening = .curve(keys: keys)
            let allowed = plan.nodes.first { $0.id == name }?.allow
            security.authenticator = FleetAuthenticator(
                door: door,
                relays: Set(known.values),
                clients: try Self.clients(allowed, of: name, others)
            )
        }
    }

    private static func clients(
        _ allowed: AllowedKeys?,
        of node: String,
        _ others: (any PeerAuthenticator)?
    ) throws(ConfigurationError) -> FleetAuthenticator.Clients {
        switch allowed {
        case nil: return .others(others)
        case .any: return .any
        case .keys(let texts):
            var keys: Set<CurvePublicKey> = []
            for text in texts {
                guard let key = CurvePublicKey(text) else {
                    throw ConfigurationError(
                        "allow of node '\(node)': '\(text)' is no key: 40 characters of Z85"
                    )
                }
                keys.insert(key)
            }
            return .keys(keys)
        }
    }
}
