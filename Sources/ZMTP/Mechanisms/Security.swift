public import CryptoBox

/// How the connections of a socket are secured (RFC 37 "Security Mechanisms"). Both ends name the same mechanism, one of them as
/// its server; who binds and who connects does not matter.
public enum Security: Sendable {
    /// Nothing is secret and nobody proves who it is.
    case null
    /// A name and a password, of at most 255 octets each, that travel in the clear (RFC 24): for networks that are trusted.
    case plain(user: String, password: String)
    /// An authenticator decides on names and passwords.
    case plainServer
    /// Everything is encrypted, and both ends prove who they are (RFC 25). `serverKey` is who must be at the other end.
    case curve(serverKey: CurvePublicKey, keys: CurveKeyPair)
    /// Clients know the public key of `keys`. An authenticator decides on theirs; without one every client may connect.
    case curveServer(keys: CurveKeyPair)
    /// What the peer wants: NULL, or CURVE as its server. Who proves nothing is let in, and known as nobody.
    case nullOrCurveServer(keys: CurveKeyPair)
    /// Kerberos vouches for both ends, and everything is encrypted unless the options say otherwise (RFC 38). `service` is who must
    /// be at the other end. Needs a build with the trait `GSSAPI`.
    case gssapi(service: GSSAPIName, GSSAPIOptions = GSSAPIOptions())
    /// Clients come with a ticket for this service. An authenticator decides on them; without one everybody whom Kerberos knows may
    /// connect. Needs a build with the trait `GSSAPI`.
    case gssapiServer(GSSAPIOptions = GSSAPIOptions())

    /// How the greeting names it.
    public var mechanismName: String {
        switch self {
        case .null, .nullOrCurveServer: "NULL"
        case .plain, .plainServer: "PLAIN"
        case .curve, .curveServer: "CURVE"
        case .gssapi, .gssapiServer: "GSSAPI"
        }
    }

    /// Whether what is sent can be read by nobody else.
    public var isEncrypted: Bool {
        switch self {
        case .null, .plain, .plainServer, .nullOrCurveServer: false
        case .curve, .curveServer: true
        case .gssapi(_, let options), .gssapiServer(let options): !options.isPlaintext
        }
    }

    /// The octets of good randomness that one handshake needs.
    package var randomByteCount: Int {
        switch self {
        case .null, .plain, .plainServer, .gssapi, .gssapiServer: 0
        case .curve: CurveClient.randomByteCount
        case .curveServer, .nullOrCurveServer: CurveServer.randomByteCount
        }
    }

    /// One handshake's part of it. `randomness` has `randomByteCount` octets; `context` is for GSSAPI.
    func mechanism(
        local: LocalPeer,
        asksAuthenticator: Bool,
        randomness: SecretBytes?,
        context: (any GSSAPIContext)? = nil
    ) -> any Mechanism {
        var secret: SecretBytes {
            guard let randomness, randomness.count == randomByteCount else {
                preconditionFailure("CURVE needs \(randomByteCount) octets of randomness")
            }
            return randomness
        }
        switch self {
        case .null: return NullMechanism(local: local, asksAuthenticator: asksAuthenticator)
        case .plain(let user, let password):
            return PlainClient(local: local, user: user, password: password)
        case .plainServer: return PlainServer(local: local)
        case .curve(let serverKey, let keys):
            return CurveClient(local: local, serverKey: serverKey, keys: keys, randomness: secret)
        case .nullOrCurveServer(let keys):
            return MechanismChoice(
                null: NullMechanism(local: local, asksAuthenticator: asksAuthenticator),
                curve: CurveServer(
                    local: local,
                    keys: keys,
                    asksAuthenticator: asksAuthenticator,
                    randomness: secret
                )
            )
        case .curveServer(let keys):
            return CurveServer(
                local: local,
                keys: keys,
                asksAuthenticator: asksAuthenticator,
                randomness: secret
            )
        case .gssapi(_, let options):
            return GSSAPIClient(local: local, options: options, context: context)
        case .gssapiServer(let options):
            return GSSAPIServer(
                local: local,
                options: options,
                asksAuthenticator: asksAuthenticator,
                context: context
            )
        }
    }
}
