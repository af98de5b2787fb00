import Wire

/// The client of PLAIN (RFC 24): says who it is, and hears whether that is enough.
///
///     start ── HELLO ──▶ welcome ── the peer's WELCOME: INITIATE ──▶ ready ── the peer's READY ──▶ established
struct PlainClient: Mechanism {
    private enum State {
        case idle, welcome, ready
    }

    let name = "PLAIN"
    let isServer = false

    private let local: LocalPeer
    private let user: String
    private let password: String
    private var minorVersion: UInt8 = 0
    private var state = State.idle

    init(local: LocalPeer, user: String, password: String) {
        self.local = local
        self.user = user
        self.password = password
    }

    /// A libzmq server that cannot decide, ZAP's 300, says nothing.
    var abandonment: HandshakeFailure? {
        state == .welcome
            ? .abandoned("the server closed the connection instead of answering name and password")
            : nil
    }

    mutating func start(minorVersion: UInt8) -> HandshakeStep {
        self.minorVersion = minorVersion
        state = .welcome
        let credentials = [user, password].flatMap { text in
            let octets = text.utf8.prefix(255)
            return [UInt8(octets.count)] + octets
        }
        return HandshakeStep(reply: Command.frame("HELLO", credentials), next: .awaitOctets)
    }

    mutating func handle(
        _ command: Command,
        _ body: UnsafeRawBufferPointer,
        at now: Instant
    ) throws(HandshakeFailure) -> HandshakeStep {
        if command.data(of: "HELLO", in: body) != nil { throw .sameRole(name, isServer: false) }
        if let reason = Self.misspeltError(body) { throw .refused(reason: reason) }
        switch state {
        case .idle, .welcome:
            guard let data = command.data(of: "WELCOME", in: body) else {
                throw .unexpected(command, body, insteadOf: "WELCOME")
            }
            guard data.isEmpty else { throw .malformedCommand("a WELCOME with data") }
            state = .ready
            return HandshakeStep(
                reply: Command.frame("INITIATE", local.metadata.encoded),
                next: .awaitOctets
            )
        case .ready:
            guard case .ready(let range) = command else {
                throw .unexpected(command, body, insteadOf: "READY")
            }
            let metadata = try Metadata.decode(UnsafeRawBufferPointer(rebasing: body[range]))
            let peer = try local.recognize(metadata, minorVersion: minorVersion, Admission())
            return HandshakeStep(next: .established(peer))
        }
    }

    /// The reason of an ERROR as libzmq's PLAIN writes it, up to 4.3.5 at least: `^RROR`, by a slip in an escape sequence
    /// (`"\x5ERROR"`), where its NULL and CURVE have the RFC's name.
    private static func misspeltError(_ body: UnsafeRawBufferPointer) -> String? {
        let name = "^RROR".utf8
        guard body.starts(with: name), body.count > name.count,
            Int(body[name.count]) == body.count - name.count - 1
        else { return nil }
        return HandshakeFailure.printable(body.dropFirst(name.count + 1))
    }

    /// Servers ask, clients do not.
    func handleVerdict(_ verdict: AuthenticationVerdict) -> HandshakeStep {
        HandshakeStep(next: .awaitOctets)
    }
}
