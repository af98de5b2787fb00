import Wire

/// The NULL mechanism: each side sends READY with its metadata, and that is all (RFC 37 "The NULL Security Mechanism").
///
/// A side that asks an authenticator does so before it says READY, as libzmq does: with both sides asking, waiting for
/// the peer's READY first would be waiting for ever.
struct NullMechanism: Mechanism {
    let name = "NULL"
    let isServer = false
    let isKnownToOlderPeers = true

    private let local: LocalPeer
    private let asksAuthenticator: Bool
    private var minorVersion: UInt8 = 0
    private var admission = Admission()

    init(local: LocalPeer, asksAuthenticator: Bool) {
        self.local = local
        self.asksAuthenticator = asksAuthenticator
    }

    /// libzmq looks at the type in our READY before it has said its own.
    var abandonment: HandshakeFailure? {
        .leftAfterReady(local: local.socketType, advice: local.advice)
    }

    mutating func start(minorVersion: UInt8) -> HandshakeStep {
        self.minorVersion = minorVersion
        return asksAuthenticator
            ? HandshakeStep(next: .awaitVerdict(AuthenticationRequest(mechanism: name)))
            : HandshakeStep(reply: Command.readyFrame(local.metadata), next: .awaitOctets)
    }

    mutating func handleVerdict(
        _ verdict: AuthenticationVerdict
    ) throws(HandshakeFailure) -> HandshakeStep {
        admission = try verdict.admission()
        return HandshakeStep(reply: Command.readyFrame(local.metadata), next: .awaitOctets)
    }

    func handle(
        _ command: Command,
        _ body: UnsafeRawBufferPointer,
        at now: Instant
    ) throws(HandshakeFailure) -> HandshakeStep {
        guard case .ready(let range) = command else {
            throw .unexpected(command, body, insteadOf: "READY")
        }
        let metadata = try Metadata.decode(UnsafeRawBufferPointer(rebasing: body[range]))
        let peer = try local.recognize(metadata, minorVersion: minorVersion, admission)
        return HandshakeStep(next: .established(peer))
    }
}
