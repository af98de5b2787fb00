import CryptoBox
import Simulation
import Wire

@testable import ZMTP

/// One end of a secured connection: a session, and the shell's part in encrypting and decrypting.
struct SecureEnd {
    private(set) var session: Session
    /// Octets for the other end.
    private(set) var outgoing: [UInt8] = []
    /// Frames of messages and commands that came.
    private(set) var traffic: [UInt8] = []
    private(set) var commandNames: [String] = []
    private(set) var messageCount = 0
    private(set) var request: AuthenticationRequest?
    private(set) var peer: RemotePeer?
    private(set) var reason: DisconnectReason?
    private(set) var isClosing = false
    var now = Instant(nanoseconds: 0)
    private var encoder: ProtectionEncoder?
    private let context: (any GSSAPIContext)?
    private var held: [UInt8] = []
    private var commandSpill: [UInt8] = []

    init(
        _ type: SocketType,
        _ security: Security,
        randomness: [UInt8] = [],
        context: (any GSSAPIContext)? = nil,
        configure: (inout SessionOptions) -> Void = { _ in }
    ) {
        self.context = context
        var options = SessionOptions(local: LocalPeer(socketType: type))
        options.security = security
        configure(&options)
        let octets = Array(randomness.prefix(security.randomByteCount))
        session = Session(
            options: options,
            randomness: SecretBytes(copying: octets),
            context: context
        )
        session.handleOpen(at: now)
        perform()
    }

    mutating func takeOutgoing() -> [UInt8] {
        defer { outgoing = [] }
        return outgoing
    }

    mutating func receive(_ octets: [UInt8]) {
        guard reason == nil, !isClosing else { return }
        session.handleRead(at: now)
        consume(octets)
    }

    mutating func handleVerdict(_ verdict: AuthenticationVerdict) {
        request = nil
        session.handleVerdict(verdict, at: now)
        perform()
        let rest = held
        held = []
        consume(rest)
    }

    mutating func handleStreamClose() {
        if reason == nil { reason = session.handleClose(failure: nil) }
    }

    mutating func handleTimeout() {
        session.handleTimeout(at: now)
        perform()
    }

    /// Whole frames.
    mutating func send(_ frames: [UInt8]) {
        guard encoder != nil else {
            outgoing += frames
            return
        }
        let octets = frames.withUnsafeBytes { frames in
            var octets = [UInt8](
                repeating: 0,
                count: encoder?.byteCount(encoding: frames) ?? 0
            )
            let count = octets.withUnsafeMutableBytes { encoder?.encode(frames, into: $0) ?? 0 }
            precondition(count <= octets.count, "the encoder said how much it writes at most")
            return Array(octets.prefix(count))
        }
        outgoing += octets
    }

    private mutating func perform() {
        while let directive = session.nextDirective() {
            switch directive {
            case .send(let octets): send(octets)
            case .authenticate(let request): self.request = request
            case .advanceContext(let token): advance(token)
            case .establish(let peer):
                encoder = session.protection?.takeEncoder()
                self.peer = peer
            case .sendPing(let frame), .sendPong(let frame): send(frame)
            case .confirmSilence, .deliver: break
            case .finishStream, .abortStream: isClosing = true
            }
        }
    }

    private mutating func advance(_ token: [UInt8]) {
        guard let context else { return }
        let progress: Result<GSSAPIProgress, GSSAPIError>
        do throws(GSSAPIError) {
            progress = .success(try context.advance(token))
        } catch {
            progress = .failure(error)
        }
        session.handleProgress(progress, at: now)
    }

    private mutating func opened(_ octets: [UInt8]) -> [UInt8] {
        octets.withUnsafeBytes { octets in
            let room = session.protection?.byteCount(decoding: octets) ?? 0
            var frames = [UInt8](repeating: 0, count: room)
            let end = frames.withUnsafeMutableBytes {
                session.protection?.decode(octets, into: $0) ?? 0
            }
            return Array(frames[Protection.headroomByteCount..<end])
        }
    }

    private mutating func consume(_ arrived: [UInt8]) {
        var octets = session.protection == nil ? arrived : opened(arrived)
        var offset = 0
        reading: while true {
            switch octets.withUnsafeBytes({ session.next($0, from: &offset, at: now) }) {
            case .handshake:
                perform()
                guard session.protection != nil else { continue }
                octets = opened(Array(octets[offset...]))
                offset = 0
            case .wait:
                held += octets[offset...]
                break reading
            case .over, .traffic(.drained), .traffic(.violation): break reading
            case .traffic(.run(let range, let count)):
                traffic += octets[range]
                messageCount += count
            case .traffic(.messagePiece(let range, let isLast)):
                traffic += octets[range]
                if isLast { messageCount += 1 }
            case .traffic(.command(let range)): handleCommand(Array(octets[range]))
            case .traffic(.commandPiece(let range, let isLast)):
                commandSpill += octets[range]
                guard isLast else { continue }
                let command = commandSpill
                commandSpill = []
                handleCommand(command)
            }
        }
        session.handleReadEnd(at: now)
        perform()
    }

    private mutating func handleCommand(_ body: [UInt8]) {
        commandNames.append(
            String(decoding: body.dropFirst().prefix(Int(body.first ?? 0)), as: UTF8.self)
        )
        _ = body.withUnsafeBytes { session.handleCommand($0, at: now) }
        perform()
    }
}

/// A server and a client, and what lies between them.
struct SecurePair {
    var server: SecureEnd
    var client: SecureEnd
    /// What the server's authenticator says.
    var verdict = AuthenticationVerdict.admitted(userID: "ann")

    /// Carries octets to and fro, in reads of seeded sizes, until nobody says anything any more.
    mutating func run(seed: UInt64 = 0, readByteCountMax: Int = 300) {
        var generator = SeededGenerator(seed: seed)
        var isMoving = true
        while isMoving {
            let toServer = client.takeOutgoing()
            let toClient = server.takeOutgoing()
            isMoving = !toServer.isEmpty || !toClient.isEmpty
            for read in Self.reads(toServer, readByteCountMax, &generator) {
                server.receive(read)
                if server.request != nil { server.handleVerdict(verdict) }
            }
            for read in Self.reads(toClient, readByteCountMax, &generator) { client.receive(read) }
        }
        if server.isClosing || client.isClosing {
            server.handleStreamClose()
            client.handleStreamClose()
        }
    }

    static func reads(
        _ octets: [UInt8],
        _ countMax: Int,
        _ generator: inout SeededGenerator
    ) -> [[UInt8]] {
        var reads: [[UInt8]] = []
        var rest = octets[...]
        while !rest.isEmpty {
            let count = min(rest.count, Int.random(in: 1...countMax, using: &generator))
            reads.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return reads
    }

    static let clientKeys = keys(CurveVectors.clientSecret)
    static let serverKeys = keys(CurveVectors.serverSecret)
    static let strangerKeys = keys(CurveVectors.counting(from: 7, 32))

    static func keys(_ secret: [UInt8]) -> CurveKeyPair {
        CurveKeyPair(secretKey: SecretBytes(copying: secret))
    }

    static func curve(
        serverKey: CurvePublicKey = serverKeys.publicKey,
        asks: Bool = true,
        configure: (inout SessionOptions) -> Void = { _ in }
    ) -> SecurePair {
        SecurePair(
            server: SecureEnd(
                .pub,
                .curveServer(keys: serverKeys),
                randomness: CurveVectors.serverRandomness
            ) {
                $0.asksAuthenticator = asks
                configure(&$0)
            },
            client: SecureEnd(
                .sub,
                .curve(serverKey: serverKey, keys: clientKeys),
                randomness: CurveVectors.clientRandomness
            )
        )
    }

    static func plain(user: String = "ann", password: String = "secret") -> SecurePair {
        SecurePair(
            server: SecureEnd(.pub, .plainServer),
            client: SecureEnd(.sub, .plain(user: user, password: password))
        )
    }
}
