public import CryptoBox
package import NIOCore
public import ZMTP

/// Decides which peers may connect: what ZAP calls a handler (RFC 27). A socket asks it about every peer whose handshake it is the
/// server of, and with NULL about everybody.
///
///     options.authenticator = ClosureAuthenticator { peer in
///         peer.proof == .plain(user: "ann", password: "secret") ? .admitted(userID: "ann") : .denied
///     }
public protocol PeerAuthenticator: Sendable {
    /// May take as long as the handshake may. Say `tryLater` for a fault that passes: a libzmq client that is told of an error
    /// never tries again.
    func authenticate(_ peer: PeerIntroduction) async -> AuthenticationVerdict
}

/// A peer that wants to connect, as far as it is known.
public struct PeerIntroduction: Equatable, Sendable {
    /// How the peer proves who it is.
    public enum Proof: Equatable, Sendable {
        /// NULL: not at all.
        case none
        case plain(user: String, password: String)
        /// The peer has the secret half of this key.
        case curve(CurvePublicKey)
        /// Kerberos knows the peer by this name, such as `ann@EXAMPLE.ORG`.
        case gssapi(principal: String)
    }

    public var proof: Proof
    /// The peer's IP address; `nil` for one on this machine that came by ipc or inproc.
    public var address: String?
    /// The domain of the socket that asks, by its options.
    public var domain: String
    /// The routing id of the socket that asks.
    public var routingID: [UInt8]

    public init(
        proof: Proof,
        address: String? = nil,
        domain: String = "",
        routingID: [UInt8] = []
    ) {
        self.proof = proof
        self.address = address
        self.domain = domain
        self.routingID = routingID
    }
}

extension PeerIntroduction {
    /// `peer` is what a stream says of its other end. `nil` when the credentials are none that any handler could know: not UTF-8,
    /// or of a mechanism of somebody else's.
    init?(_ request: AuthenticationRequest, from peer: String) {
        self.init(request, address: Self.host(of: peer))
    }

    /// The same with the peer's address as it is.
    package init?(_ request: AuthenticationRequest, address: String?) {
        switch (request.mechanism, request.credentials.count) {
        case ("NULL", 0): proof = .none
        case ("PLAIN", 2):
            guard let user = String(validating: request.credentials[0], as: UTF8.self),
                let password = String(validating: request.credentials[1], as: UTF8.self)
            else { return nil }
            proof = .plain(user: user, password: password)
        case ("CURVE", 1):
            guard let key = CurvePublicKey(octets: request.credentials[0]) else { return nil }
            proof = .curve(key)
        case ("GSSAPI", 1):
            guard let name = String(validating: request.credentials[0], as: UTF8.self),
                !name.isEmpty
            else { return nil }
            proof = .gssapi(principal: name)
        default: return nil
        }
        self.address = address
        domain = request.domain
        routingID = request.routingID
    }

    /// As a mechanism asked.
    package var request: AuthenticationRequest {
        var request =
            switch proof {
            case .none: AuthenticationRequest(mechanism: "NULL")
            case .plain(let user, let password):
                AuthenticationRequest(
                    mechanism: "PLAIN",
                    credentials: [Array(user.utf8), Array(password.utf8)]
                )
            case .curve(let key):
                AuthenticationRequest(mechanism: "CURVE", credentials: [key.octets])
            case .gssapi(let principal):
                AuthenticationRequest(mechanism: "GSSAPI", credentials: [Array(principal.utf8)])
            }
        request.domain = domain
        request.routingID = routingID
        return request
    }

    /// `127.0.0.1:50312` and `[::1]:50312` without their ports; `nil` for what is no such text.
    package static func host(of peer: String) -> String? {
        guard let colon = peer.lastIndex(of: ":"), UInt16(peer[peer.index(after: colon)...]) != nil
        else { return nil }
        let host = peer[..<colon]
        let isBracketed = host.first == "[" && host.last == "]"
        return String(isBracketed ? host.dropFirst().dropLast() : host)
    }
}

/// An authenticator that is a closure.
public struct ClosureAuthenticator: PeerAuthenticator {
    private let body: @Sendable (PeerIntroduction) async -> AuthenticationVerdict

    public init(_ body: @escaping @Sendable (PeerIntroduction) async -> AuthenticationVerdict) {
        self.body = body
    }

    public func authenticate(_ peer: PeerIntroduction) async -> AuthenticationVerdict {
        await body(peer)
    }
}

/// Asks a `PeerAuthenticator` for connections, off their event loops.
package struct TaskAuthenticator: Authenticator {
    private let base: any PeerAuthenticator

    package init(_ base: any PeerAuthenticator) {
        self.base = base
    }

    package func authenticate(
        _ request: AuthenticationRequest,
        from peer: String,
        on loop: any EventLoop
    ) -> EventLoopFuture<AuthenticationVerdict> {
        guard let introduction = PeerIntroduction(request, from: peer) else {
            return loop.makeSucceededFuture(.denied)
        }
        let promise = loop.makePromise(of: AuthenticationVerdict.self)
        let base = base
        promise.completeWithTask { await base.authenticate(introduction) }
        return promise.futureResult
    }
}
