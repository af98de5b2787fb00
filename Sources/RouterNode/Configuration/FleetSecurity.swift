public import CryptoBox
public import Transports
public import TreeBuilder
import Vocabulary
import ZMTP

/// What a plan says of a node's security, with its keys: it is known by its key, knows its parents by theirs, and takes for a
/// child only who has that node's key.
public struct FleetSecurity: Sendable {
    public let security: RelaySecurity
    /// Of all nodes; `nil` where the plan asks for no keys.
    public let nodeKeys: [String: CurvePublicKey]?

    /// - Parameters:
    ///   - node: who is secured.
    ///   - plan: what its nodes' keys are, and where CURVE is asked for.
    ///   - keys: the node's pair.
    ///   - door: who is asked first of everybody, such as lists of addresses; `nil` = nobody.
    ///   - others: who decides on clients' keys where the plan has no list for the node; `nil` = none are let in.
    /// - Throws: `ConfigurationError` for a plan without keys, or with another key for this node.
    public init(
        of node: String,
        in plan: Plan,
        keys: CurveKeyPair,
        door: (any PeerAuthenticator)? = nil,
        others: (any PeerAuthenticator)? = nil
    ) throws(ConfigurationError) {
        var security = RelaySecurity()
        guard plan.security != .none else {
            self.security = security
            nodeKeys = nil
            return
        }
        let known = try Self.keys(of: plan)
        guard known[node] == keys.publicKey else {
            throw ConfigurationError(
                "the key of node '\(node)' is \(keys.publicKey), and another one in the plan; plan anew with --keys FOLDER"
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
            let allowed = plan.nodes.first { $0.id == node }?.allow
            security.authenticator = FleetAuthenticator(
                door: door,
                relays: Set(known.values),
                clients: try Self.clients(allowed, of: node, others)
            )
        }
        self.security = security
    }

    private static func keys(of plan: Plan) throws(ConfigurationError) -> [String: CurvePublicKey] {
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
        return known
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

    /// Secures the node's relay.
    public func apply(to configuration: inout RelayConfiguration) {
        configuration.security = security
        configuration.nodeKeys = nodeKeys
    }
}
