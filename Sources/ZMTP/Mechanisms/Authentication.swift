/// What a mechanism asks an authenticator about a peer, in the terms of ZAP (RFC 27 "The ZAP request").
public struct AuthenticationRequest: Equatable, Sendable {
    /// `NULL`, `PLAIN`, `CURVE` or `GSSAPI`.
    public var mechanism: String
    /// NULL has none; PLAIN has a user name and a password; CURVE has the client's permanent key;
    /// GSSAPI has the client's name.
    public var credentials: [[UInt8]]
    /// What the socket that asks is for, by its options.
    public var domain = ""
    /// The routing id of the socket that asks, as libzmq gives it.
    public var routingID: [UInt8] = []

    public init(mechanism: String, credentials: [[UInt8]] = []) {
        self.mechanism = mechanism
        self.credentials = credentials
    }
}

/// What an authenticator answers: ZAP's status codes (RFC 27 "The ZAP reply").
public enum AuthenticationVerdict: Equatable, Sendable {
    /// 200.
    case admitted(Admission)
    /// 300, a temporary fault. The peer is told nothing, for a libzmq peer that is told of an error never tries again.
    case tryLater
    /// 400: the peer may not connect, and is told so.
    case denied
    /// 500: the authenticator failed for good, and the peer is told so.
    case failed

    /// 200, with a name that applications may know the peer by.
    public static func admitted(userID: String?) -> AuthenticationVerdict {
        .admitted(Admission(userID: userID))
    }

    func admission() throws(HandshakeFailure) -> Admission {
        guard case .admitted(let admission) = self else { throw .notAdmitted(self) }
        return admission
    }
}

/// What an authenticator says of a peer that it lets in.
public struct Admission: Equatable, Sendable {
    /// The name that applications may know the peer by; `nil` when it has none.
    public var userID: String?
    /// What else is known of the peer.
    public var metadata: Metadata

    public init(userID: String? = nil, metadata: Metadata = Metadata()) {
        self.userID = userID
        self.metadata = metadata
    }
}
