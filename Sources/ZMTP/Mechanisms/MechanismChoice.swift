import CryptoBox
import Wire

/// NULL or CURVE's server, as the peer wants: where relays prove who they are and clients need not.
///
/// libzmq closes when it reads another mechanism than its own, and says its own once it has read our version. So the greeting
/// stops there, and goes on with the mechanism that the peer has named (RFC 37 "Greeting").
struct MechanismChoice: Mechanism {
    private let null: NullMechanism
    private let curve: CurveServer

    init(null: NullMechanism, curve: CurveServer) {
        self.null = null
        self.curve = curve
    }

    var name: String { null.name }
    var isServer: Bool { false }
    var isKnownToOlderPeers: Bool { true }

    /// For the greeting.
    var choices: [(name: String, isServer: Bool)] {
        [(null.name, null.isServer), (curve.name, curve.isServer)]
    }

    /// What the peer has named; NULL for whatever is neither, which that then refuses.
    func mechanism(named name: String) -> any Mechanism { name == curve.name ? curve : null }

    // `Handshake` puts what is chosen in its place before anything else happens.

    mutating func start(minorVersion: UInt8) throws(HandshakeFailure) -> HandshakeStep {
        preconditionFailure("a choice is made before the handshake begins")
    }

    mutating func handle(
        _ command: Command,
        _ body: UnsafeRawBufferPointer,
        at now: Instant
    ) throws(HandshakeFailure) -> HandshakeStep {
        preconditionFailure("a choice is made before the handshake begins")
    }

    mutating func handleVerdict(
        _ verdict: AuthenticationVerdict
    ) throws(HandshakeFailure) -> HandshakeStep {
        preconditionFailure("a choice is made before the handshake begins")
    }
}
