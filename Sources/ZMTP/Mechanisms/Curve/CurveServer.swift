import CryptoBox
import Wire

/// The server of CURVE (RFC 25, RFC 26): proves that it has its key, and learns which key the client has.
///
///     hello ── HELLO: WELCOME ──▶ initiate ── INITIATE ──▶ verdict ── admitted: READY ──▶ established
///                                                 └─────── nobody is asked: READY ──────────▲
///
/// Between WELCOME and INITIATE it knows nothing of the client: C' and s' are in the cookie, which the client holds and only
/// this connection's cookie key opens. So a cookie of another connection, or one that is older than 60 seconds, is worth
/// nothing. Letters are the RFC's, as in `CurveClient`.
struct CurveServer: Mechanism {
    private enum State {
        case hello
        /// What opens the cookie, and until when.
        case initiate(KeyedBox, due: Instant)
        /// The box of C' and S', the client's last nonce, its key, and what it said of itself.
        case verdict(KeyedBox, nonce: UInt64, CurvePublicKey, Metadata)
        case done
    }

    let name = "CURVE"
    let isServer = true
    private(set) var traffic: ProtectedTraffic?

    private let local: LocalPeer
    private let keys: CurveKeyPair
    private let asksAuthenticator: Bool
    /// Given away with the cookie.
    private var randomness: SecretBytes?
    private var minorVersion: UInt8 = 0
    private var state = State.hello

    /// s', the cookie's key, and the nonces of WELCOME and cookie.
    static let randomByteCount =
        CurveKeyPair.secretByteCount + KeyedBox.keyByteCount + 2 * CurveField.longNonceByteCount

    init(
        local: LocalPeer,
        keys: CurveKeyPair,
        asksAuthenticator: Bool,
        randomness: SecretBytes
    ) {
        self.local = local
        self.keys = keys
        self.asksAuthenticator = asksAuthenticator
        self.randomness = randomness
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
            return try handleHello(body[data], at: now)
        case .initiate(let cookieBox, let due):
            guard let data = command.data(of: "INITIATE", in: body) else {
                throw .unexpected(command, body, insteadOf: "INITIATE")
            }
            guard now < due else { throw .cryptographic("the INITIATE's cookie has expired") }
            return try handleInitiate(body[data], cookieBox)
        case .verdict, .done: throw .unexpected(command, body, insteadOf: "the verdict")
        }
    }

    mutating func handleVerdict(
        _ verdict: AuthenticationVerdict
    ) throws(HandshakeFailure) -> HandshakeStep {
        guard case .verdict(let box, let nonce, let key, let metadata) = state else {
            return HandshakeStep(next: .awaitOctets)
        }
        return try admit(try verdict.admission(), box, clientNonce: nonce, key, metadata)
    }
}

extension CurveServer {
    /// HELLO: version, padding, C', a nonce, and Box [64 * %x0](C'->S).
    private mutating func handleHello(
        _ data: Slice<UnsafeRawBufferPointer>,
        at now: Instant
    ) throws(HandshakeFailure) -> HandshakeStep {
        guard data.count == Self.helloByteCount else {
            throw .malformedCommand("a HELLO of \(data.count) octets")
        }
        var fields = FieldReader(data)
        let version = Array(fields.take(2))
        guard version == [1, 0] else {
            throw .malformedCommand("CurveZMQ \(version[0]).\(version[1]); 1.0 is known")
        }
        _ = fields.take(72)
        let clientShortTermKey = fields.takeKey()
        let nonce = BoxNonce("CurveZMQHELLO---", short: fields.takeNonce())
        guard let box = KeyedBox(clientShortTermKey, keys), box.open(fields.rest, nonce) != nil
        else {
            throw .cryptographic(
                "the HELLO does not open: the client expects a server of another key than \(keys.publicKey)"
            )
        }
        guard let randomness else { throw .unexpectedHello }
        self.randomness = nil
        let shortTermKeys = CurveKeyPair(secretKey: randomness[0..<32])
        let cookieBox = KeyedBox(key: randomness[32..<64])
        let (welcomeNonce, cookieNonce) = randomness.withBytes {
            (Array($0[64..<80]), Array($0[80..<96]))
        }
        // Box [C' + s'](K)
        let cookieText = SecretBytes(count: 64) { text in
            text.copyBytes(from: clientShortTermKey.octets)
            shortTermKeys.secretKey.withBytes {
                UnsafeMutableRawBufferPointer(rebasing: text[32...]).copyMemory(from: $0)
            }
        }
        let cookie = cookieText.withBytes {
            cookieBox.seal($0, BoxNonce("COOKIE--", long: cookieNonce))
        }
        // Box [S' + cookie](S->C')
        let welcome = box.seal(
            shortTermKeys.publicKey.octets + cookieNonce + cookie,
            BoxNonce("WELCOME-", long: welcomeNonce)
        )
        state = .initiate(cookieBox, due: now + Self.cookieTime)
        return HandshakeStep(
            reply: Command.frame("WELCOME", welcomeNonce + welcome),
            next: .awaitOctets
        )
    }

    /// INITIATE: the cookie, a nonce, and Box [C + vouch + metadata](C'->S').
    private mutating func handleInitiate(
        _ data: Slice<UnsafeRawBufferPointer>,
        _ cookieBox: KeyedBox
    ) throws(HandshakeFailure) -> HandshakeStep {
        guard data.count >= Self.initiateByteCountMin else {
            throw .malformedCommand("an INITIATE of \(data.count) octets")
        }
        var fields = FieldReader(data)
        let cookieNonce = BoxNonce("COOKIE--", long: fields.take(CurveField.longNonceByteCount))
        guard let cookie = cookieBox.open(fields.take(80), cookieNonce) else {
            throw .cryptographic("the INITIATE's cookie is not of this connection")
        }
        let clientShortTermKey = cookie.withBytes { octets in
            var fields = FieldReader(octets)
            return fields.takeKey()
        }
        let shortTermKeys = CurveKeyPair(secretKey: cookie[32..<64])
        let nonce = fields.takeNonce()
        guard let box = KeyedBox(clientShortTermKey, shortTermKeys),
            let text = box.open(fields.rest, BoxNonce("CurveZMQINITIATE", short: nonce))
        else { throw .cryptographic("the INITIATE does not open") }
        let parts = text.withBytes { octets in
            var fields = FieldReader(octets)
            let clientKey = fields.takeKey()
            let vouchNonce = BoxNonce("VOUCH---", long: fields.take(CurveField.longNonceByteCount))
            return (clientKey, vouchNonce, Array(fields.take(80)))
        }
        let (clientKey, vouchNonce, vouch) = parts
        // Box [C',S](C->S')
        let vouched = KeyedBox(clientKey, shortTermKeys)?.open(vouch, vouchNonce)
        let expected = clientShortTermKey.octets + keys.publicKey.octets
        guard let vouched, vouched.withBytes({ $0.elementsEqual(expected) }) else {
            throw .cryptographic("the INITIATE's vouch is not of the key \(clientKey)")
        }
        let metadata = try Metadata.decode(text[128..<text.count])
        guard asksAuthenticator else {
            return try admit(Admission(), box, clientNonce: nonce, clientKey, metadata)
        }
        state = .verdict(box, nonce: nonce, clientKey, metadata)
        return HandshakeStep(
            next: .awaitVerdict(
                AuthenticationRequest(mechanism: name, credentials: [clientKey.octets])
            )
        )
    }

    /// READY: a nonce, and Box [metadata](S'->C').
    private mutating func admit(
        _ admission: Admission,
        _ box: KeyedBox,
        clientNonce: UInt64,
        _ clientKey: CurvePublicKey,
        _ metadata: Metadata
    ) throws(HandshakeFailure) -> HandshakeStep {
        state = .done
        var peer = try local.recognize(metadata, minorVersion: minorVersion, admission)
        peer.publicKey = clientKey
        traffic = .curve(
            CurveTraffic(
                box,
                isServer: true,
                outgoingNonce: Self.readyNonce,
                incomingNonce: clientNonce
            )
        )
        let ready = box.seal(
            local.metadata.encoded,
            BoxNonce("CurveZMQREADY---", short: Self.readyNonce)
        )
        return HandshakeStep(
            reply: Command.frame("READY", CurveField.octets(Self.readyNonce) + ready),
            next: .established(peer)
        )
    }

    /// RFC 26: "a short interval, for example 60 seconds".
    private static let cookieTime = Duration.seconds(60)
    private static let readyNonce: UInt64 = 1
    private static let helloByteCount = 200 - 6
    private static let initiateByteCountMin = 257 - 9
}

extension HandshakeFailure {
    fileprivate static let unexpectedHello = HandshakeFailure.unexpectedCommand("a second HELLO")
}
