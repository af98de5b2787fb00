import CryptoBox
import Wire

/// The client of CURVE (RFC 25, RFC 26): proves that it has its key, to the holder of the server's key and to nobody else.
///
///     start ── HELLO ──▶ welcome ── WELCOME: INITIATE ──▶ ready ── READY ──▶ established
///
/// Letters are the RFC's: C and S are the long-term keys of client and server, C' and S' those of this connection.
struct CurveClient: Mechanism {
    private enum State {
        case idle
        /// The box of C' and S.
        case welcome(KeyedBox)
        /// The box of C' and S'.
        case ready(KeyedBox)
        case done
    }

    let name = "CURVE"
    let isServer = false
    private(set) var traffic: ProtectedTraffic?

    private let local: LocalPeer
    private let serverKey: CurvePublicKey
    private let keys: CurveKeyPair
    private let shortTermKeys: CurveKeyPair
    private let vouchNonce: [UInt8]
    private var minorVersion: UInt8 = 0
    private var state = State.idle

    /// C' and the vouch's nonce.
    static let randomByteCount = CurveKeyPair.secretByteCount + CurveField.longNonceByteCount

    init(
        local: LocalPeer,
        serverKey: CurvePublicKey,
        keys: CurveKeyPair,
        randomness: SecretBytes
    ) {
        self.local = local
        self.serverKey = serverKey
        self.keys = keys
        shortTermKeys = CurveKeyPair(secretKey: randomness[0..<32])
        vouchNonce = randomness.withBytes { Array($0[32..<48]) }
    }

    var abandonment: HandshakeFailure? {
        switch state {
        case .welcome:
            .abandoned(
                "the server closed the connection when it saw our HELLO: is its key \(serverKey)?"
            )
        case .ready: .abandoned("the server closed the connection instead of letting us in")
        case .idle, .done: nil
        }
    }

    mutating func start(minorVersion: UInt8) throws(HandshakeFailure) -> HandshakeStep {
        self.minorVersion = minorVersion
        guard let box = KeyedBox(serverKey, shortTermKeys) else {
            throw .cryptographic("the server's key \(serverKey) is no key")
        }
        state = .welcome(box)
        var hello: [UInt8] = [1, 0]
        // The RFC's prose has 70 octets of padding, its grammar and all who speak it 72.
        hello += [UInt8](repeating: 0, count: 72)
        hello += shortTermKeys.publicKey.octets
        hello += CurveField.octets(Self.helloNonce)
        hello += box.seal(
            [UInt8](repeating: 0, count: 64),
            BoxNonce("CurveZMQHELLO---", short: Self.helloNonce)
        )
        return HandshakeStep(reply: Command.frame("HELLO", hello), next: .awaitOctets)
    }

    mutating func handle(
        _ command: Command,
        _ body: UnsafeRawBufferPointer,
        at now: Instant
    ) throws(HandshakeFailure) -> HandshakeStep {
        if command.data(of: "HELLO", in: body) != nil { throw .sameRole(name, isServer: false) }
        switch state {
        case .welcome(let box):
            guard let data = command.data(of: "WELCOME", in: body) else {
                throw .unexpected(command, body, insteadOf: "WELCOME")
            }
            return try handleWelcome(body[data], box)
        case .ready(let box):
            guard case .ready(let data) = command else {
                throw .unexpected(command, body, insteadOf: "READY")
            }
            return try handleReady(body[data], box)
        case .idle, .done: throw .unexpected(command, body, insteadOf: "the handshake")
        }
    }

    /// Servers ask, clients do not.
    func handleVerdict(_ verdict: AuthenticationVerdict) -> HandshakeStep {
        HandshakeStep(next: .awaitOctets)
    }
}

extension CurveClient {
    /// WELCOME: a nonce, and Box [S' + cookie](S->C').
    private mutating func handleWelcome(
        _ data: Slice<UnsafeRawBufferPointer>,
        _ box: KeyedBox
    ) throws(HandshakeFailure) -> HandshakeStep {
        guard data.count == Self.welcomeByteCount else {
            throw .malformedCommand("a WELCOME of \(data.count) octets")
        }
        var fields = FieldReader(data)
        let nonce = BoxNonce("WELCOME-", long: fields.take(CurveField.longNonceByteCount))
        guard let text = box.open(fields.rest, nonce) else {
            throw .cryptographic("the WELCOME does not open: the peer has not the key \(serverKey)")
        }
        let (shortTermKey, cookie) = text.withBytes { octets in
            var fields = FieldReader(octets)
            return (fields.takeKey(), Array(fields.rest))
        }
        guard let session = KeyedBox(shortTermKey, shortTermKeys),
            let vouchBox = KeyedBox(shortTermKey, keys)
        else { throw .cryptographic("the WELCOME has a key that is none") }
        // Box [C',S](C->S'): whoever has c vouches for C', towards this server alone.
        let vouch = vouchBox.seal(
            shortTermKeys.publicKey.octets + serverKey.octets,
            BoxNonce("VOUCH---", long: vouchNonce)
        )
        let initiate = session.seal(
            keys.publicKey.octets + vouchNonce + vouch + local.metadata.encoded,
            BoxNonce("CurveZMQINITIATE", short: Self.initiateNonce)
        )
        state = .ready(session)
        return HandshakeStep(
            reply: Command.frame(
                "INITIATE",
                cookie + CurveField.octets(Self.initiateNonce) + initiate
            ),
            next: .awaitOctets
        )
    }

    /// READY: a nonce, and Box [metadata](S'->C').
    private mutating func handleReady(
        _ data: Slice<UnsafeRawBufferPointer>,
        _ box: KeyedBox
    ) throws(HandshakeFailure) -> HandshakeStep {
        guard data.count >= CurveField.shortNonceByteCount + KeyedBox.tagByteCount else {
            throw .malformedCommand("a READY of \(data.count) octets")
        }
        var fields = FieldReader(data)
        let nonce = fields.takeNonce()
        guard let text = box.open(fields.rest, BoxNonce("CurveZMQREADY---", short: nonce)) else {
            throw .cryptographic("the READY does not open")
        }
        let metadata = try Metadata.decode(text)
        let peer = try local.recognize(metadata, minorVersion: minorVersion, Admission())
        traffic = .curve(
            CurveTraffic(
                box,
                isServer: false,
                outgoingNonce: Self.initiateNonce,
                incomingNonce: nonce
            )
        )
        state = .done
        return HandshakeStep(next: .established(peer))
    }

    // One number for each command that this side sends in a connection.
    private static let helloNonce: UInt64 = 1
    private static let initiateNonce: UInt64 = 2
    private static let welcomeByteCount = 16 + 144
}

extension Metadata {
    static func decode(_ text: SecretBytes) throws(HandshakeFailure) -> Metadata {
        let result = text.withBytes { octets in
            do throws(HandshakeFailure) {
                return Result<Metadata, HandshakeFailure>.success(try decode(octets))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}
