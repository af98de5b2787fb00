public import CryptoBox
public import Transports
import Vocabulary
import ZMTP

/// How a relay's connections are secured. It is the server of its mechanism where it listens, and a client where it connects.
public struct RelaySecurity: Sendable {
    /// What those must do who connect to the relay: publishers, subscribers and children.
    public enum Listening: Sendable {
        case null
        /// The authenticator knows the passwords.
        case plain
        /// The authenticator knows the keys; without one, every key will do.
        case curve(keys: CurveKeyPair)
        /// CURVE for those who want it, such as other relays; clients need not.
        case nullOrCurve(keys: CurveKeyPair)
    }

    /// What the relay does where it connects: to parents, and to publishers and subscribers that listen themselves.
    public enum Dialling: Sendable {
        case null
        case plain(user: String, password: String)
        case curve(keys: CurveKeyPair, servers: ServerKeys)
    }

    /// The keys of those whom the relay connects to.
    public struct ServerKeys: Sendable {
        /// By the names of nodes.
        public var ofNodes: [String: CurvePublicKey]
        /// Of everybody else.
        public var ofOthers: CurvePublicKey?

        public init(ofNodes: [String: CurvePublicKey] = [:], ofOthers: CurvePublicKey? = nil) {
            self.ofNodes = ofNodes
            self.ofOthers = ofOthers
        }
    }

    public var listening = Listening.null
    public var dialling = Dialling.null
    /// Who decides on those who connect; `nil` = everybody may.
    public var authenticator: (any PeerAuthenticator)?

    public init() {}

    /// As the server.
    var listeningSecurity: Security {
        switch listening {
        case .null: .null
        case .plain: .plainServer
        case .curve(let keys): .curveServer(keys: keys)
        case .nullOrCurve(let keys): .nullOrCurveServer(keys: keys)
        }
    }

    /// As the client of a node, or of an endpoint that is nobody's.
    func diallingSecurity(node: String?, endpoint: String) throws(EndpointError) -> Security {
        switch dialling {
        case .null: return .null
        case .plain(let user, let password): return .plain(user: user, password: password)
        case .curve(let keys, let servers):
            guard let key = node.flatMap({ servers.ofNodes[$0] }) ?? servers.ofOthers else {
                throw EndpointError(
                    endpoint: endpoint,
                    problem: node.map { "the key of node '\($0)' is not known" }
                        ?? "the key of whoever listens there is not known"
                )
            }
            return .curve(serverKey: key, keys: keys)
        }
    }

    /// Whether whoever reaches a listening endpoint may take part.
    var isOpen: Bool {
        switch listening {
        case .null, .nullOrCurve: authenticator == nil
        case .plain, .curve: false
        }
    }
}
