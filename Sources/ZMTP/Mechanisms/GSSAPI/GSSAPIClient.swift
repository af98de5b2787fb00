import Wire

/// The client of GSSAPI (RFC 38): proves who it is by a ticket for the server.
///
///     start ──▶ context ── token: INITIATE ──▶ token ── the peer's INITIATE ──▶ context …
///                  └── complete: the last token, or an empty command ──▶ ready ── READY: READY ──▶ established
struct GSSAPIClient: Mechanism {
    private enum State {
        case context, token, ready
    }

    let name = "GSSAPI"
    let isServer = false
    private(set) var traffic: ProtectedTraffic?

    private var side: GSSAPISide
    private var state = State.context

    init(local: LocalPeer, options: GSSAPIOptions, context: (any GSSAPIContext)?) {
        side = GSSAPISide(local: local, isSealed: !options.isPlaintext, context: context)
    }

    /// libzmq's server says nothing of what it does not like.
    var abandonment: HandshakeFailure? {
        switch state {
        case .context: nil
        case .token:
            .abandoned(
                "the server closed the connection instead of accepting our ticket: it may have no key for that service, or be no GSSAPI server"
            )
        case .ready:
            .abandoned(
                "the server closed the connection instead of letting us in: it may not know us, or want another setting of plaintext"
            )
        }
    }

    mutating func start(minorVersion: UInt8) throws(HandshakeFailure) -> HandshakeStep {
        side.minorVersion = minorVersion
        return HandshakeStep(next: .awaitContext(token: []))
    }

    mutating func handleProgress(
        _ progress: GSSAPIProgress
    ) throws(HandshakeFailure) -> HandshakeStep {
        state = progress.isComplete ? .ready : .token
        return HandshakeStep(reply: GSSAPISide.frame(progress.token), next: .awaitOctets)
    }

    mutating func handle(
        _ command: Command,
        _ body: UnsafeRawBufferPointer,
        at now: Instant
    ) throws(HandshakeFailure) -> HandshakeStep {
        switch state {
        case .context, .token:
            let token = try side.token(of: command, body)
            state = .context
            return HandshakeStep(next: .awaitContext(token: token))
        case .ready:
            let peer = try side.peer(by: command, body, Admission())
            let reply = try side.ready()
            if side.isSealed { traffic = side.context.map { .gssapi($0) } }
            return HandshakeStep(reply: reply, next: .established(peer))
        }
    }

    /// Servers ask, clients do not.
    func handleVerdict(_ verdict: AuthenticationVerdict) -> HandshakeStep {
        HandshakeStep(next: .awaitOctets)
    }
}
