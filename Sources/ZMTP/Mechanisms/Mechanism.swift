import CryptoBox
import Wire

/// The security mechanism of one handshake: from the end of the greetings to the first message (RFC 37 "Security
/// Mechanisms").
///
///     start ──▶ step ── octets ──▶ awaitCommand ── the peer's next command ──▶ step …
///                 ├──▶ awaitVerdict ── an authenticator's verdict ──▶ step …
///                 └──▶ established
///
/// One event in, one step out; a step may wait for an authenticator that lives elsewhere, and nothing of the peer's is
/// looked at meanwhile. `Security` names them all.
protocol Mechanism: Sendable {
    /// How the greeting names it.
    var name: String { get }
    /// Whether this side is its server.
    var isServer: Bool { get }
    /// What traffic is encrypted with, once the handshake is over; `nil` = it is not.
    var traffic: ProtectedTraffic? { get }
    /// Why the peer may have left in the middle, if there is a usual reason.
    var abandonment: HandshakeFailure? { get }

    /// Whether peers of ZMTP 1.0 and 2.0, which have no mechanisms, can be met under it.
    var isKnownToOlderPeers: Bool { get }

    /// The greetings are over; `minorVersion` is what the peer speaks of ZMTP 3.
    mutating func start(minorVersion: UInt8) throws(HandshakeFailure) -> HandshakeStep

    /// A command of the peer's.
    mutating func handle(
        _ command: Command,
        _ body: UnsafeRawBufferPointer,
        at now: Instant
    ) throws(HandshakeFailure) -> HandshakeStep

    /// An authenticator has answered.
    mutating func handleVerdict(
        _ verdict: AuthenticationVerdict
    ) throws(HandshakeFailure) -> HandshakeStep

    /// The security context has taken a token.
    mutating func handleProgress(
        _ progress: GSSAPIProgress
    ) throws(HandshakeFailure) -> HandshakeStep
}

extension Mechanism {
    var isKnownToOlderPeers: Bool { false }
    var traffic: ProtectedTraffic? { nil }
    var abandonment: HandshakeFailure? { nil }

    /// Of those that have no context.
    func handleProgress(_ progress: GSSAPIProgress) -> HandshakeStep {
        HandshakeStep(next: .awaitOctets)
    }
}

/// What a finished handshake leaves to the traffic.
enum ProtectedTraffic: Sendable {
    case curve(CurveTraffic)
    case gssapi(any GSSAPIContext)
}

/// What one event of a handshake brings.
public struct HandshakeStep: Equatable, Sendable {
    public enum Next: Equatable, Sendable {
        /// The rest of what has arrived, or what arrives next.
        case awaitOctets
        /// Nothing is read until `handleVerdict`.
        case awaitVerdict(AuthenticationRequest)
        /// Nothing is read until `handleProgress`: the security context takes this token of the peer's.
        case awaitContext(token: [UInt8])
        /// Messages follow.
        case established(RemotePeer)
        /// The peer broke the rules, does not fit or may not connect.
        case failed(HandshakeFailure)
    }

    /// Octets to send first; with `failed`, what the peer is told.
    public var reply: [UInt8] = []
    public var next: Next
}

extension HandshakeFailure {
    /// A command that does not belong where it came: an ERROR says why the peer ends it, others break the rules.
    static func unexpected(
        _ command: Command,
        _ body: UnsafeRawBufferPointer,
        insteadOf expected: String
    ) -> HandshakeFailure {
        switch command {
        case .error(let range): .refused(reason: printable(body[range]))
        case .malformed:
            .malformedCommand("a command without a name, or with fields of a wrong length")
        case .ready, .subscribe, .cancel, .ping, .pong, .join, .leave, .unknown:
            .unexpectedCommand("another command came before \(expected)")
        }
    }
}

extension Command {
    /// The data of a command of that name, for those that only handshakes know.
    func data(of name: String, in body: UnsafeRawBufferPointer) -> Range<Int>? {
        guard case .unknown(let range, let data) = self, body[range].elementsEqual(name.utf8)
        else { return nil }
        return data
    }
}
