/// The name of somebody whom Kerberos knows.
public struct GSSAPIName: Equatable, Sendable {
    /// How a text is meant (libzmq's `ZMQ_GSSAPI_NT_…`).
    public enum Kind: Sendable {
        /// `service@host`, or `service` on this host: the principal `service/host` of the realm.
        case hostBased
        /// The name of a user of this machine: a principal of one part, in the realm.
        case userName
        /// A principal as Kerberos writes it, such as `ann@EXAMPLE.ORG`.
        case kerberosPrincipal
    }

    public var text: String
    public var kind: Kind

    public init(_ text: String, _ kind: Kind = .hostBased) {
        self.text = text
        self.kind = kind
    }
}

/// What both ends of a GSSAPI connection choose.
public struct GSSAPIOptions: Equatable, Sendable {
    /// Whose credentials are used; `nil` = the default ones: a server's are any of its keytab, a client's those of its ticket cache.
    public var principal: GSSAPIName?
    /// Whether messages travel in the clear once both ends have proved who they are. Both ends must say the same.
    public var isPlaintext = false

    public init(principal: GSSAPIName? = nil, isPlaintext: Bool = false) {
        self.principal = principal
        self.isPlaintext = isPlaintext
    }
}

/// A security context of GSSAPI (RFC 2743): what the mechanism's state machines ask of a Kerberos library.
///
/// `advance` may wait for a key distribution centre, so it is called away from event loops, and never while another call is
/// under way. `wrap` and `unwrap` only compute.
public protocol GSSAPIContext: AnyObject, Sendable {
    /// Takes the peer's token, none at a client's first call.
    func advance(_ token: [UInt8]) throws(GSSAPIError) -> GSSAPIProgress
    /// Seals octets; `nil` when the context is worth nothing any more.
    func wrap(_ text: UnsafeRawBufferPointer) -> [UInt8]?
    /// Opens what the peer has sealed; `nil` when it was changed, comes again, or is of another context.
    func unwrap(_ token: UnsafeRawBufferPointer) -> [UInt8]?
}

/// Where a context stands after a token.
public struct GSSAPIProgress: Equatable, Sendable {
    /// For the peer; empty = it needs none.
    public var token: [UInt8]
    /// Both ends are known to each other, as far as this one can tell.
    public var isComplete: Bool
    /// Who the client is, at a server whose context is complete.
    public var clientName: String?

    public init(token: [UInt8], isComplete: Bool, clientName: String? = nil) {
        self.token = token
        self.isComplete = isComplete
        self.clientName = clientName
    }
}

/// Why a context did not come about, in the library's words.
public struct GSSAPIError: Error, Equatable, Sendable, CustomStringConvertible {
    public var description: String

    public init(_ description: String) {
        self.description = description
    }
}
