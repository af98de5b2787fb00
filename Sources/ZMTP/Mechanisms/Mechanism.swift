/// The security mechanism of one handshake: from the end of the greetings to the first message (RFC 37 "Security
/// Mechanisms").
///
///     start ──▶ step ── octets ──▶ awaitCommand ── the peer's next command ──▶ step …
///                 ├──▶ awaitVerdict ── an authenticator's verdict ──▶ step …
///                 └──▶ established
///
/// Each mechanism is a case. One event in, one step out; a step may wait for an authenticator that lives elsewhere, and
/// nothing of the peer's is looked at meanwhile.
enum Mechanism: Sendable {
    case null(NullMechanism)

    /// How the greeting names it.
    var name: String {
        switch self {
        case .null: NullMechanism.name
        }
    }

    /// The greetings are over; `minorVersion` is what the peer speaks of ZMTP 3.
    mutating func start(minorVersion: UInt8) -> HandshakeStep {
        switch self {
        case .null(var null):
            defer { self = .null(null) }
            return null.start(minorVersion: minorVersion)
        }
    }

    mutating func handle(
        _ command: Command,
        _ body: UnsafeRawBufferPointer
    ) throws(HandshakeFailure) -> HandshakeStep {
        switch self {
        case .null(let null): try null.handle(command, body)
        }
    }

    mutating func handleVerdict(
        _ verdict: AuthenticationVerdict
    ) throws(HandshakeFailure) -> HandshakeStep {
        switch self {
        case .null(var null):
            defer { self = .null(null) }
            return try null.handleVerdict(verdict)
        }
    }
}

/// What one event of a handshake brings.
public struct HandshakeStep: Equatable, Sendable {
    public enum Next: Equatable, Sendable {
        /// The rest of what has arrived, or what arrives next.
        case awaitOctets
        /// Nothing is read until `handleVerdict`.
        case awaitVerdict(AuthenticationRequest)
        /// Messages follow.
        case established(RemotePeer)
        /// The peer broke the rules, does not fit or may not connect.
        case failed(HandshakeFailure)
    }

    /// Octets to send first; with `failed`, what the peer is told.
    public var reply: [UInt8] = []
    public var next: Next
}
