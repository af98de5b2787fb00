import CryptoBox
package import NIOCore
package import Vocabulary
import Wire
package import ZMTP

/// One connection of a socket: the shell that runs a ZMTP `Session` over a byte stream, whichever transport carries it.
///
///     stream ── octets ──▶ Session ── runs, commands ──▶ handler
///        ▲                    │ directives
///        └── Outbox ◀─────────┴──────────────────────── handler
///
/// Confined to its event loop. Runs go up as slices of the buffer that arrived; the outbox takes what goes down.
package final class Connection: @unchecked Sendable {
    package let loop: any EventLoop
    package let outbox: Outbox
    /// A number that is never used twice in this process.
    package let id: UInt64
    /// Who connected it, and will try again; `nil` when it was accepted.
    let dialler: Dialler?
    let stream: any ByteStream
    private let authenticator: (any Authenticator)?
    private let context: (any GSSAPIContext)?
    // Held until the close: a weak reference would make every retain of what it refers to a slow one.
    private var keeper: (any ConnectionKeeper)?
    private(set) var handler: (any ConnectionHandler)?
    private(set) var session: Session
    // A message or command that began in an earlier read.
    private(set) var messageSpill = ByteBuffer()
    private var commandSpill = ByteBuffer()
    /// What came before an authenticator's verdict, and may not be looked at yet.
    private var held = ByteBuffer()
    private let clock: DeadlineClock
    private var alarm: DeadlineClock.Alarm?
    /// Whether the session was last told that nothing waits: a drain that leaves nothing is no news then.
    private var isKnownEmpty = true
    /// This end; known once the stream is open.
    private var localDescription = ""
    /// Messages and octets that arrived by the stream.
    package private(set) var received = TrafficCount()
    var receivedBeside = BypassAccount()
    var sentBeside = BypassAccount()
    /// The handler's own place for what belongs to this peer.
    package var slot = -1

    init(
        id: UInt64,
        stream: any ByteStream,
        options: ConnectionOptions,
        clock: DeadlineClock,
        dialler: Dialler?,
        keeper: any ConnectionKeeper,
        handler: (any ConnectionHandler)?
    ) {
        self.id = id
        self.stream = stream
        self.loop = stream.loop
        self.clock = clock
        self.dialler = dialler
        self.keeper = keeper
        self.handler = handler
        authenticator = options.authenticator
        let carriage = options.isRaw ? .raw : stream.carriage
        outbox = Outbox(
            stream: stream,
            limit: options.queueLimit,
            controlByteCountMax: options.controlByteCountMax,
            budget: options.budget,
            egress: carriage.framing.egress
        )
        var sessionOptions = options.session
        if !stream.mayFallSilent { sessionOptions.heartbeat = .silent }
        sessionOptions.speaksFirst = dialler != nil
        context = GSSAPI.makeContext(sessionOptions.security)
        session = Session(
            options: sessionOptions,
            carriage: carriage,
            randomness: .random(byteCount: sessionOptions.security.randomByteCount),
            context: context
        )
    }

    /// The endpoint that was dialled; `nil` when the connection was accepted.
    package var dialledEndpoint: Endpoint? { dialler?.endpoint }

    package var peerDescription: String { stream.peerDescription }

    package var ends: ConnectionEnds {
        ConnectionEnds(connection: id, local: localDescription, remote: peerDescription)
    }

    /// What the peer said of itself; `nil` before the handshake is over and after the close.
    package var peer: RemotePeer? { session.peer }

    package var isClosed: Bool { session.isClosed }

    /// Stops or resumes taking octets from the peer.
    package func setReading(_ isReading: Bool) {
        loop.assertInEventLoop()
        if isReading { session.handleResume() } else { session.handlePause(at: .now) }
        perform()
        stream.setReading(isReading)
    }

    /// The peer, another relay, may stop reading for as long as its own subscribers need. With `heartbeat` it must show that it lives.
    package func allowPauses(heartbeat: HeartbeatOptions? = nil) {
        session.allowPauses(heartbeat: heartbeat, at: .now)
        schedule()
    }

    /// Sends commands or subscriptions, ahead of the messages that wait. A peer that does not read while they pile up is
    /// disconnected.
    package func sendControl(_ octets: [UInt8]) {
        guard outbox.appendControl(octets) else { return close(.limit(.control)) }
        drain()
    }

    /// Hands the stream what waits in the outbox, as much as it takes.
    package func drain() {
        loop.assertInEventLoop()
        let isEmpty = outbox.drain()
        if isEmpty, isKnownEmpty { return }
        isKnownEmpty = isEmpty
        session.handleWrite(isEmpty: isEmpty, at: .now)
        perform()
    }

    /// Sends what waits, for as long as `linger` at most, then closes.
    package func finish(linger: Duration?) {
        loop.assertInEventLoop()
        session.finish(linger: linger, at: .now)
        perform()
        guard session.isSending else { return }
        isKnownEmpty = false
        drain()
    }

    /// Closes at once for that reason.
    package func close(_ reason: DisconnectReason) {
        loop.assertInEventLoop()
        session.close(reason)
        perform()
    }

    /// Tells the peer why with `farewell`, a whole frame, and closes.
    package func close(_ reason: DisconnectReason, farewell: [UInt8]) {
        loop.assertInEventLoop()
        session.close(reason, farewell: farewell, at: .now)
        perform()
    }
}

// MARK: - From the stream

extension Connection: ByteStreamOwner {
    package func handleOpen() {
        loop.assertInEventLoop()
        localDescription = stream.localDescription
        guard keeper?.keep(self) ?? false else { return close(.closedHere) }
        if let reason = handler?.refusal(ofOpening: self) { return close(reason) }
        session.handleOpen(at: .now)
        perform()
    }

    package func handleBytes(_ buffer: ByteBuffer) {
        loop.assertInEventLoop()
        let now = Instant.now
        session.handleRead(at: now)
        // The one place where a read asks which codec it is for.
        guard session.readsInPlace else {
            return consume(decoded(buffer), isAsItCame: false, at: now)
        }
        // What is decrypted is copied anyway.
        consume(session.protection == nil ? Self.tight(buffer) : buffer, isAsItCame: true, at: now)
    }

    package func handleReadEnd() {
        loop.assertInEventLoop()
        guard session.isEstablished else { return }
        handler?.connectionDidEndRead(self)
    }

    package func handleWritable() {
        loop.assertInEventLoop()
        guard session.isSending else { return }
        session.handleWritable(at: .now)
        drain()
        if session.isOpen { handler?.connectionDidDrain(self) }
    }

    package func handleClose(error: (any Error)?) {
        loop.assertInEventLoop()
        let failure = error.map { ($0 as? IOError)?.explanation ?? "\($0)" }
        guard let reason = session.handleClose(failure: failure) else { return }
        outbox.handleClose(reason.dropReason)
        alarm?.cancel()
        alarm = nil
        held = ByteBuffer()
        guard let keeper else { return }
        self.keeper = nil
        handler = nil
        // Later: the stream may have failed in the middle of a delivery, with indexes in use.
        loop.execute { keeper.connectionDidClose(self, reason: reason) }
    }
}

// MARK: - Octets

extension Connection {
    /// A barely filled read buffer must not be kept alive by the slices that wait in some queue.
    private static func tight(_ buffer: ByteBuffer) -> ByteBuffer {
        let isSparse =
            buffer.storageCapacity > 4 * buffer.readableBytes && buffer.storageCapacity > 8 << 10
        return isSparse ? ByteBuffer(buffer: buffer, trimmed: ()) : buffer
    }

    /// What arrived, written anew as frames.
    private func decoded(_ buffer: ByteBuffer) -> ByteBuffer {
        var frames = ByteBuffer()
        let room = session.byteCountMax(decoding: buffer.readableBytes)
        buffer.withUnsafeReadableBytes { octets in
            _ = frames.writeWithUnsafeMutableBytes(minimumWritableBytes: room) {
                session.decode(octets, into: $0)
            }
        }
        return frames
    }

    /// What arrived, decrypted.
    private func opened(_ buffer: ByteBuffer) -> ByteBuffer {
        var frames = ByteBuffer()
        buffer.withUnsafeReadableBytes { octets in
            let room = session.protection?.byteCount(decoding: octets) ?? 0
            _ = frames.writeWithUnsafeMutableBytes(minimumWritableBytes: room) {
                session.protection?.decode(octets, into: $0) ?? 0
            }
        }
        frames.moveReaderIndex(forwardBy: Protection.headroomByteCount)
        return frames
    }

    /// `isAsItCame`: no codec has been over the octets.
    private func consume(_ arrived: ByteBuffer, isAsItCame: Bool, at now: Instant) {
        var buffer = session.protection == nil ? arrived : opened(arrived)
        var offset = 0
        reading: while true {
            let event = buffer.withUnsafeReadableBytes {
                session.next($0, from: &offset, at: now)
            }
            switch event {
            case .traffic(.run(let range, let messageCount)):
                deliver(buffer.slice(range), messageCount: messageCount)
            case .traffic(.messagePiece(let range, let isLast)):
                messageSpill.writeImmutableBuffer(buffer.slice(range))
                guard isLast else { continue }
                let message = messageSpill
                messageSpill = ByteBuffer()
                deliver(message, messageCount: 1)
            case .traffic(.command(let range)):
                handleCommand(buffer.slice(range), at: now)
            case .traffic(.commandPiece(let range, let isLast)):
                commandSpill.writeImmutableBuffer(buffer.slice(range))
                guard isLast else { continue }
                let command = commandSpill
                commandSpill = ByteBuffer()
                handleCommand(command, at: now)
            case .handshake:
                perform()
                // The handshake may have agreed on encryption, or on a codec, for what follows it.
                if session.protection != nil {
                    buffer = opened(buffer.slice(offset..<buffer.readableBytes))
                    offset = 0
                    continue
                }
                guard isAsItCame, !session.readsInPlace else { continue }
                let rest = decoded(buffer.slice(offset..<buffer.readableBytes))
                return consume(rest, isAsItCame: false, at: now)
            case .wait:
                held.writeImmutableBuffer(buffer.slice(offset..<buffer.readableBytes))
                break reading
            case .traffic(.drained), .traffic(.violation), .over: break reading
            }
        }
        session.handleReadEnd(at: now)
        perform()
    }

    private func deliver(_ run: ByteBuffer, messageCount: Int) {
        received.messageCount += messageCount
        received.byteCount += run.readableBytes
        handler?.connection(self, didReceive: run, messageCount: messageCount)
    }

    private func handleCommand(_ body: ByteBuffer, at now: Instant) {
        let command = body.withUnsafeReadableBytes { session.handleCommand($0, at: now) }
        if let command {
            handler?.connection(self, didReceive: PeerCommand(command, body: body))
        }
        perform()
    }
}

// MARK: - What the session asks for

extension Connection {
    /// Carries out the session's directives. The stream and the handler may call back in the middle of one: the session has
    /// gone on by then, and nothing here remembers where it was.
    private func perform() {
        while let directive = session.nextDirective() {
            switch directive {
            case .send(let frames): outbox.sendAhead(frames)
            case .authenticate(let request): authenticate(request)
            case .advanceContext(let token): advanceContext(token)
            case .establish(let peer): establish(peer)
            case .deliver(let message): deliver(ByteBuffer(bytes: message), messageCount: 1)
            case .sendPing(let frame): sendControl(frame)
            case .sendPong(let frame):
                outbox.appendReply(frame)
                drain()
            case .confirmSilence: if !stream.isAcknowledged { session.close(.heartbeat) }
            case .finishStream: stream.finish()
            case .abortStream:
                outbox.handleAbort()
                stream.abort()
            }
        }
        schedule()
    }

    private func establish(_ peer: RemotePeer) {
        outbox.setEgress(session.egress)
        if let encoder = session.protection?.takeEncoder() { outbox.encrypt(with: encoder) }
        keeper?.connectionDidEstablish(self, peer: peer)
        drain()
    }

    private func authenticate(_ request: AuthenticationRequest) {
        let verdict =
            authenticator?.authenticate(request, from: peerDescription, on: loop)
            ?? loop.makeSucceededFuture(.failed)
        stopReading(until: verdict) { connection, verdict, now in
            connection.session.handleVerdict((try? verdict.get()) ?? .tryLater, at: now)
        }
    }

    private func advanceContext(_ token: [UInt8]) {
        stopReading(until: GSSAPI.advance(context, token, on: loop)) { connection, progress, now in
            connection.session.handleProgress(GSSAPI.progress(progress), at: now)
        }
    }

    /// What comes before the answer may not be looked at yet.
    private func stopReading<Answer: Sendable>(
        until answer: EventLoopFuture<Answer>,
        then handle: @escaping @Sendable (Connection, Result<Answer, any Error>, Instant) -> Void
    ) {
        stream.setReading(false)
        answer.hop(to: loop).whenComplete { result in
            let now = Instant.now
            self.stream.setReading(true)
            handle(self, result, now)
            self.goOn(at: now)
        }
    }

    private func goOn(at now: Instant) {
        perform()
        let held = held
        self.held = ByteBuffer()
        guard held.readableBytes > 0 else { return }
        consume(held, isAsItCame: session.readsInPlace, at: now)
        handleReadEnd()
    }

    /// One alarm, which is moved only to an earlier time: almost every busy read ends inside a message and sets a deadline, and
    /// almost none is met.
    private func schedule() {
        guard let deadline = session.deadline, alarm?.isDue(by: deadline) != true else { return }
        let alarm = alarm ?? DeadlineClock.Alarm { self.handleTimeout() }
        self.alarm = alarm
        clock.set(alarm, at: deadline)
    }

    private func handleTimeout() {
        session.handleTimeout(at: .now)
        perform()
    }
}
