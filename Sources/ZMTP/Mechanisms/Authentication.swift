/// What a mechanism asks an authenticator about a peer, in the terms of ZAP (RFC 27 "The ZAP request").
public struct AuthenticationRequest: Equatable, Sendable {
    /// `NULL`, `PLAIN` or `CURVE`.
    public var mechanism: String
    /// NULL has none; PLAIN has a user name and a password; CURVE has the client's permanent key.
    public var credentials: [[UInt8]]

    public init(mechanism: String, credentials: [[UInt8]] = []) {
        self.mechanism = mechanism
        self.credentials = credentials
    }
}

/// What an authenticator answers: ZAP's status codes (RFC 27 "The ZAP reply").
public enum AuthenticationVerdict: Equatable, Sendable {
    /// 200. The user id is what applications may know the peer by.
    case admitted(userID: String?)
    /// 300, a temporary fault. The peer is told nothing, for a libzmq peer that is told of an error never tries again.
    case tryLater
    /// 400: the peer may not connect, and is told so.
    case denied
    /// 500: the authenticator failed for good, and the peer is told so.
    case failed
}
