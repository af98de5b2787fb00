/// Why a connection did not come about; the description is what an operator reads in the log.
public enum HandshakeFailure: Error, Equatable, Sendable {
    case notZMTP(firstOctet: UInt8)
    case unsupportedVersion(major: UInt8)
    case malformedGreeting
    case mechanismMismatch(local: String, peer: String)
    /// Both ends are the mechanism's server, or both its client.
    case sameRole(_ mechanism: String, isServer: Bool)
    /// A box does not open, or does not hold what it must.
    case cryptographic(String)
    /// Kerberos does not vouch for one of the ends, or what was sealed does not open.
    case gssapi(String)
    case malformedCommand(String)
    /// A command that does not belong where it came.
    case unexpectedCommand(String)
    /// What the peer says of itself cannot be read.
    case malformedMetadata(String)
    /// `advice` is where the peer, or this side, should have connected instead, if that is known.
    case incompatibleSocketType(local: SocketType, peer: String, advice: String? = nil)
    /// Our authenticator did not let the peer in.
    case notAdmitted(AuthenticationVerdict)
    /// The peer sent ERROR with this reason.
    case refused(reason: String)
    /// The peer closed when it had heard what this side is, and before it said what it is itself: types that do not go together are the
    /// usual reason. `advice` as above.
    case leftAfterReady(local: SocketType, advice: String?)
    /// The peer closed in the middle; what it may mean by that.
    case abandoned(String)
    case timedOut

    /// What the peer is told. A libzmq peer that reads ERROR never tries again, so it is sent only where trying again
    /// would not help.
    var farewell: [UInt8]? {
        switch self {
        case .incompatibleSocketType(let local, let peer, let advice):
            Command.errorFrame(
                "\(peer) cannot talk to \(local.rawValue)" + (advice.map { "; \($0)" } ?? "")
            )
        // ZAP's status code, as libzmq sends it.
        case .notAdmitted(.denied): Command.errorFrame("400")
        case .notAdmitted(.failed): Command.errorFrame("500")
        default:
            nil
        }
    }
}

extension HandshakeFailure {
    /// Text of the peer's for a log line: what could end the line or drive a terminal becomes `?`.
    public static func printable(_ octets: some Sequence<UInt8>) -> String {
        let visible = octets.map { (0x20..<0x7F).contains($0) ? $0 : UInt8(ascii: "?") }
        return String(decoding: visible, as: UTF8.self)
    }
}

extension HandshakeFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notZMTP(let octet):
            "the peer does not speak ZMTP (its first octet is 0x\(String(octet, radix: 16)))"
        case .unsupportedVersion(let major):
            // Revision 0 is ZMTP 1.0 and revision 1 is ZMTP 2.0; then the numbers agree.
            "the peer speaks ZMTP \(major < 2 ? major + 1 : major).x; where peers are authenticated, 3.0 or later is needed"
        case .malformedGreeting: "the peer's greeting is malformed"
        case .mechanismMismatch(let local, let peer):
            "the peer wants security mechanism \(peer), this socket uses \(local)"
        case .sameRole(let mechanism, let isServer):
            isServer
                ? "both ends are \(mechanism) servers; one of them must be the client"
                : "both ends are \(mechanism) clients; one of them must be the server"
        case .cryptographic(let what): "the CURVE handshake failed: \(what)"
        case .gssapi(let what): "the GSSAPI handshake failed: \(what)"
        case .malformedCommand(let what), .unexpectedCommand(let what),
            .malformedMetadata(let what):
            "malformed handshake: \(what)"
        case .incompatibleSocketType(let local, let peer, let advice):
            "\(SocketType.withArticle(peer)) socket cannot talk to \(local.withArticle) socket"
                + (advice.map { "; \($0)" } ?? "")
        case .notAdmitted(.denied): "the authenticator denied the peer access"
        case .notAdmitted(.failed): "the authenticator failed"
        case .notAdmitted: "the authenticator could not decide; the peer may try again"
        case .refused(let reason):
            "the peer refused: \(reason)" + (Self.meaning(of: reason).map { " (\($0))" } ?? "")
        case .leftAfterReady(let local, let advice):
            "the peer left when it had heard that this is \(local.withArticle) socket, which talks to "
                + local.peers.map(\.rawValue).joined(separator: " and ")
                + (advice.map { "; \($0)" } ?? "")
        case .abandoned(let what): what
        case .timedOut: "the handshake was not finished in time"
        }
    }

    /// ZAP's status codes (RFC 27), which a server may give as its reason.
    private static func meaning(of reason: String) -> String? {
        switch reason {
        case "300": "its authenticator could not decide"
        case "400": "its authenticator does not let this side in"
        case "500": "its authenticator failed"
        default: nil
        }
    }
}
