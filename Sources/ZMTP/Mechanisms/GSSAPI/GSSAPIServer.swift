import Wire

/// The server of GSSAPI (RFC 38): knows the client by its ticket, and asks an authenticator whether it may come in.
///
///     token ── INITIATE ──▶ context ── not complete: INITIATE ──▶ token …
///                              └── complete: the last token, or an empty command ──▶ confirmation
///     confirmation ── a sign of the client's ──▶ verdict ── admitted: READY ──▶ ready ── READY ──▶ established
///                              └──────────── nobody is asked: READY ─────────────▲
struct GSSAPIServer: Mechanism {
    private enum State {
        case token
        case confirmation
        case ready(Admission)
    }

    let name = "GSSAPI"
    let isServer = true
    private(set) var traffic: ProtectedTraffic?

    private var side: GSSAPISide
    private let asksAuthenticator: Bool
    private var clientName: String?
    private var state = State.token

    init(
        local: LocalPeer,
        options: GSSAPIOptions,
        asksAuthenticator: Bool,
        context: (any GSSAPIContext)?
    ) {
        side = GSSAPISide(local: local, isSealed: !options.isPlaintext, context: context)
        self.asksAuthenticator = asksAuthenticator
    }

    mutating func start(minorVersion: UInt8) -> HandshakeStep {
        side.minorVersion = minorVersion
        return HandshakeStep(next: .awaitOctets)
    }

    mutating func handleProgress(
        _ progress: GSSAPIProgress
    ) throws(HandshakeFailure) -> HandshakeStep {
        clientName = progress.clientName
        state = progress.isComplete ? .confirmation : .token
        return HandshakeStep(reply: GSSAPISide.frame(progress.token), next: .awaitOctets)
    }

    mutating func handle(
        _ command: Command,
        _ body: UnsafeRawBufferPointer,
        at now: Instant
    ) throws(HandshakeFailure) -> HandshakeStep {
        switch state {
        case .token:
            return HandshakeStep(next: .awaitContext(token: try side.token(of: command, body)))
        case .confirmation:
            guard body.isEmpty else {
                throw .unexpected(command, body, insteadOf: "the empty command")
            }
            guard asksAuthenticator else { return try admit(Admission()) }
            let name = Array((clientName ?? "").utf8)
            return HandshakeStep(
                next: .awaitVerdict(
                    AuthenticationRequest(mechanism: self.name, credentials: [name])
                )
            )
        case .ready(let admission):
            var peer = try side.peer(by: command, body, admission)
            peer.principal = clientName
            if side.isSealed { traffic = side.context.map { .gssapi($0) } }
            return HandshakeStep(next: .established(peer))
        }
    }

    mutating func handleVerdict(
        _ verdict: AuthenticationVerdict
    ) throws(HandshakeFailure) -> HandshakeStep {
        try admit(try verdict.admission())
    }

    private mutating func admit(_ admission: Admission) throws(HandshakeFailure) -> HandshakeStep {
        state = .ready(admission)
        return HandshakeStep(reply: try side.ready(), next: .awaitOctets)
    }
}
