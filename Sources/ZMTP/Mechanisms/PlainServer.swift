import Wire

/// The server of PLAIN (RFC 24): asks an authenticator about a name and a password.
///
///     hello ── the peer's HELLO ──▶ verdict ── admitted: WELCOME ──▶ initiate ── INITIATE: READY ──▶ established
struct PlainServer: Mechanism {
    private enum State {
        case hello
        case initiate(Admission)
    }

    let name = "PLAIN"
    let isServer = true

    private let local: LocalPeer
    private var minorVersion: UInt8 = 0
    private var state = State.hello

    init(local: LocalPeer) {
        self.local = local
    }

    mutating func start(minorVersion: UInt8) -> HandshakeStep {
        self.minorVersion = minorVersion
        return HandshakeStep(next: .awaitOctets)
    }

    mutating func handle(
        _ command: Command,
        _ body: UnsafeRawBufferPointer,
        at now: Instant
    ) throws(HandshakeFailure) -> HandshakeStep {
        switch state {
        case .hello:
            guard let data = command.data(of: "HELLO", in: body) else {
                throw .unexpected(command, body, insteadOf: "HELLO")
            }
            return HandshakeStep(next: .awaitVerdict(try request(body[data])))
        case .initiate(let admission):
            guard let data = command.data(of: "INITIATE", in: body) else {
                throw .unexpected(command, body, insteadOf: "INITIATE")
            }
            let metadata = try Metadata.decode(UnsafeRawBufferPointer(rebasing: body[data]))
            let peer = try local.recognize(metadata, minorVersion: minorVersion, admission)
            return HandshakeStep(
                reply: Command.readyFrame(local.metadata),
                next: .established(peer)
            )
        }
    }

    mutating func handleVerdict(
        _ verdict: AuthenticationVerdict
    ) throws(HandshakeFailure) -> HandshakeStep {
        state = .initiate(try verdict.admission())
        return HandshakeStep(reply: Command.frame("WELCOME", []), next: .awaitOctets)
    }

    /// HELLO's data: name and password, each after an octet with its length.
    private func request(
        _ data: Slice<UnsafeRawBufferPointer>
    ) throws(HandshakeFailure) -> AuthenticationRequest {
        var rest = data
        var credentials: [[UInt8]] = []
        for _ in 0..<2 {
            guard let count = rest.first.map(Int.init), count < rest.count else {
                throw .malformedCommand("a HELLO without a name and a password")
            }
            credentials.append(Array(rest.dropFirst().prefix(count)))
            rest = rest.dropFirst(1 + count)
        }
        guard rest.isEmpty else { throw .malformedCommand("a HELLO with further data") }
        return AuthenticationRequest(mechanism: name, credentials: credentials)
    }
}
