package import NIOCore
import Wire
package import ZMTP

/// One ZMTP session over one byte stream, whichever transport carries it.
///
///     opening ── READY exchanged ──▶ established ── any reason ──▶ closed
///        └──────────── handshake failure, time-out ─────────────────▲
///
/// Confined to its event loop. Runs go up as slices of the buffer that arrived; the outbox takes what goes down.
package final class Connection: @unchecked Sendable {
    private enum Phase {
        case opening(Handshake, received: ByteBuffer)
        case established(RemotePeer)
        case closed
    }

    package let loop: any EventLoop
    package let outbox: Outbox
    /// A number that is never used twice in this process.
    package let id: UInt64
    /// Who connected it, and will try again; `nil` when it was accepted.
    let dialler: Dialler?
    private let stream: any ByteStream
    private let options: SessionOptions
    private weak var handler: (any ConnectionHandler)?
    private weak var keeper: (any ConnectionKeeper)?
    private var phase: Phase
    private var scanner: FrameScanner
    private var messageSpill = ByteBuffer()
    private var commandSpill = ByteBuffer()
    private var heartbeat: Heartbeat?
    private var timer: Scheduled<Void>?
    private var stallWatch: StallWatch
    private var stallTimer: Scheduled<Void>?
    private var closeReason: DisconnectReason?
    private var isFinishing = false
    /// Ends a close that waits for the peer.
    private var closeTimer: Scheduled<Void>?
    /// Messages and octets that arrived.
    package private(set) var received = TrafficCount()
    /// The handler's own place for what belongs to this peer.
    package var slot = -1

    init(
        id: UInt64,
        stream: any ByteStream,
        options: SessionOptions,
        dialler: Dialler?,
        keeper: any ConnectionKeeper,
        handler: (any ConnectionHandler)?
    ) {
        self.id = id
        self.stream = stream
        self.loop = stream.loop
        self.options = options
        self.dialler = dialler
        self.keeper = keeper
        self.handler = handler
        outbox = Outbox(
            stream: stream,
            limit: options.queueLimit,
            controlByteCountMax: options.controlByteCountMax
        )
        stallWatch = StallWatch(timeout: options.stallTimeout)
        phase = .opening(Handshake(local: options.local), received: ByteBuffer())
        scanner = FrameScanner(
            limits: .init(messageByteCountMax: options.messageByteCountMax)
        )
    }

    package var peerDescription: String { stream.peerDescription }

    /// What the peer said of itself; `nil` before the handshake is over and after the close.
    package var peer: RemotePeer? {
        if case .established(let peer) = phase { peer } else { nil }
    }

    package var isClosed: Bool {
        if case .closed = phase { true } else { false }
    }

    /// Stops or resumes taking octets from the peer.
    package func setReading(_ isReading: Bool) {
        if isReading {
            heartbeat?.handleResume()
        } else {
            stallWatch.handlePause()
            heartbeat?.handlePause(at: .now)
            scheduleHeartbeat()
        }
        stream.setReading(isReading)
    }

    /// The peer, another relay, may stop reading for as long as its own subscribers need.
    package func allowPauses() {
        stallWatch.allowPauses()
    }

    /// Sends commands or subscriptions, ahead of the messages that wait. A peer that does not read while they pile up is
    /// disconnected.
    package func sendControl(_ octets: [UInt8]) {
        guard outbox.appendControl(octets) else { return close(.limit(.control)) }
        drain()
    }

    /// Hands the stream what waits in the outbox, as much as it takes.
    package func drain() {
        outbox.drain()
        watchWrites()
    }

    /// Sends what waits, for as long as `linger` at most, then closes.
    package func finish(linger: Duration?) {
        guard !isClosed, !isFinishing else { return }
        isFinishing = true
        closeReason = closeReason ?? .closedHere
        guard peer != nil, linger != .zero else { return stream.abort() }
        if let linger {
            closeTimer = loop.scheduleTask(in: .nanoseconds(linger.nanoseconds)) {
                self.stream.abort()
            }
        }
        drain()
        if outbox.isEmpty { stream.finish() }
    }

    /// Closes at once for that reason.
    package func close(_ reason: DisconnectReason, farewell: [UInt8]? = nil) {
        guard !isClosed else { return }
        // A peer that fails while it is sent the rest is not waited for.
        if isFinishing { return stream.abort() }
        guard closeReason == nil else { return }
        closeReason = reason
        guard let farewell else { return stream.abort() }
        stream.write(ByteBuffer(bytes: farewell))
        stream.finish()
        // A peer that does not read its farewell is not waited for.
        closeTimer = loop.scheduleTask(in: Self.farewellTime) { self.stream.abort() }
    }

    private static let farewellTime = TimeAmount.seconds(1)
}

// MARK: - From the stream

extension Connection: ByteStreamOwner {
    package func handleOpen() {
        guard case .opening(let handshake, _) = phase else { return }
        timer = loop.scheduleTask(in: .nanoseconds(options.handshakeTimeout.nanoseconds)) {
            self.close(.handshake(.timedOut))
        }
        guard keeper?.keep(self) ?? false else { return close(.closedHere) }
        stream.write(ByteBuffer(bytes: handshake.opening))
        stream.flush()
    }

    package func handleBytes(_ buffer: ByteBuffer) {
        // Data after a decision to close is nobody's.
        guard closeReason == nil || isFinishing else { return }
        switch phase {
        case .opening: handleHandshakeBytes(buffer)
        case .established:
            // Before the traffic: a PING in it asks for octets that come after it.
            heartbeat?.handleActivity(at: .now)
            handleTraffic(buffer)
            watchReads()
        case .closed: break
        }
    }

    package func handleReadEnd() {
        guard case .established = phase else { return }
        handler?.connectionDidEndRead(self)
    }

    package func handleWritable() {
        guard case .established = phase else { return }
        stallWatch.handleWrite(isFull: false, at: .now)
        drain()
        if isFinishing {
            if outbox.isEmpty { stream.finish() }
        } else {
            handler?.connectionDidDrain(self)
        }
    }

    package func handleClose(error: (any Error)?) {
        guard !isClosed else { return }
        phase = .closed
        timer?.cancel()
        timer = nil
        stallTimer?.cancel()
        stallTimer = nil
        closeTimer?.cancel()
        closeTimer = nil
        let reason =
            closeReason ?? error.map { .network(Self.describe($0)) } ?? .peerClosed
        guard let keeper else { return }
        self.keeper = nil
        handler = nil
        // Later: the stream may have failed in the middle of a delivery, with indexes in use.
        loop.execute { keeper.connectionDidClose(self, reason: reason) }
    }

    private static func describe(_ error: any Error) -> String {
        (error as? IOError)?.explanation ?? "\(error)"
    }
}

// MARK: - Handshake

extension Connection {
    private func handleHandshakeBytes(_ buffer: ByteBuffer) {
        guard case .opening(var handshake, var received) = phase else { return }
        received.writeImmutableBuffer(buffer)
        while true {
            var consumed = 0
            let action = received.withUnsafeReadableBytes {
                handshake.handle($0, consumedByteCount: &consumed)
            }
            received.moveReaderIndex(forwardBy: consumed)
            switch action {
            case .needMoreBytes:
                phase = .opening(handshake, received: received)
                return
            case .send(let bytes):
                stream.write(ByteBuffer(bytes: bytes))
                stream.flush()
            case .establish(let peer):
                establish(peer)
                guard received.readableBytes > 0, case .established = phase else { return }
                handleTraffic(received)
                return watchReads()
            case .fail(let failure, let farewell):
                phase = .opening(handshake, received: ByteBuffer())
                close(.handshake(failure), farewell: farewell)
                return
            }
        }
    }

    private func establish(_ peer: RemotePeer) {
        timer?.cancel()
        phase = .established(peer)
        var heartbeatOptions = options.heartbeat
        // ZMTP 3.0 knows no PING.
        if peer.minorVersion == 0 { heartbeatOptions.pausedInterval = nil }
        heartbeat = Heartbeat(options: heartbeatOptions, at: .now)
        scheduleHeartbeat()
        keeper?.connectionDidEstablish(self, peer: peer)
        drain()
    }
}

// MARK: - Traffic

extension Connection {
    private func handleTraffic(_ buffer: ByteBuffer) {
        // A barely filled read buffer must not be kept alive by the slices that wait in some queue.
        let isSparse =
            buffer.storageCapacity > 4 * buffer.readableBytes && buffer.storageCapacity > 8 << 10
        let tight = isSparse ? ByteBuffer(buffer: buffer, trimmed: ()) : buffer
        var offset = 0
        while closeReason == nil || isFinishing {
            let event = tight.withUnsafeReadableBytes { scanner.next($0, from: &offset) }
            switch event {
            case .run(let range, let messageCount):
                deliver(tight.slice(range), messageCount: messageCount)
            case .messagePiece(let range, let isLast):
                messageSpill.writeImmutableBuffer(tight.slice(range))
                guard isLast else { continue }
                let message = messageSpill
                messageSpill = ByteBuffer()
                deliver(message, messageCount: 1)
            case .command(let range):
                handleCommand(tight.slice(range))
            case .commandPiece(let range, let isLast):
                commandSpill.writeImmutableBuffer(tight.slice(range))
                guard isLast else { continue }
                let command = commandSpill
                commandSpill = ByteBuffer()
                handleCommand(command)
            case .violation(let violation): return close(.framing(violation))
            case .drained: return
            }
        }
    }

    private func deliver(_ run: ByteBuffer, messageCount: Int) {
        received.messageCount += messageCount
        received.byteCount += run.readableBytes
        handler?.connection(self, didReceive: run, messageCount: messageCount)
    }

    private func handleCommand(_ body: ByteBuffer) {
        let command = body.withUnsafeReadableBytes { Command(body: $0) }
        switch command {
        case .subscribe, .cancel, .join, .leave, .unknown:
            handler?.connection(self, didReceive: PeerCommand(command, body: body))
        case .ping(let ttl, let context):
            heartbeat?.handlePing(ttl: ttl, at: .now)
            scheduleHeartbeat()
            let pong = body.slice(context).withUnsafeReadableBytes {
                Command.pongFrame(context: $0)
            }
            outbox.appendReply(pong)
            drain()
        case .error(let reason):
            handler?.connection(self, didReceive: PeerCommand(command, body: body))
            let text = HandshakeFailure.printable(body.slice(reason).readableBytesView)
            close(.handshake(.refused(reason: text)))
        // A second READY changes nothing.
        case .pong, .ready: break
        case .malformed: close(.misbehaviour("the peer sent a malformed command"))
        }
    }

    private func scheduleHeartbeat() {
        timer?.cancel()
        timer = nil
        guard let deadline = heartbeat?.deadline else { return }
        timer = loop.scheduleTask(in: .nanoseconds(max(0, (deadline - .now).nanoseconds))) {
            self.handleHeartbeatTimeout()
        }
    }

    private func handleHeartbeatTimeout() {
        guard case .established = phase else { return }
        // Its answer may wait where nothing is read.
        switch heartbeat?.handleTimeout(at: .now) {
        case .sendPing(let ttl):
            sendControl(Command.pingFrame(ttl: ttl))
        case .expire: return close(.heartbeat)
        case nil: break
        }
        scheduleHeartbeat()
    }
}

// MARK: - Stalls

extension Connection {
    private func watchReads() {
        guard stallWatch.isEnabled else { return }
        stallWatch.handleRead(isPartial: scanner.isInsideMessage, at: .now)
        if scanner.isInsideMessage { scheduleStallCheck() }
    }

    private func watchWrites() {
        guard stallWatch.isEnabled else { return }
        let isFull = !outbox.isEmpty
        stallWatch.handleWrite(isFull: isFull, at: .now)
        if isFull { scheduleStallCheck() }
    }

    /// One timer at a time: almost every busy read ends inside a message, and almost none stays there.
    private func scheduleStallCheck() {
        guard stallTimer == nil, let deadline = stallWatch.deadline else { return }
        stallTimer = loop.scheduleTask(in: .nanoseconds(max(0, (deadline - .now).nanoseconds))) {
            self.stallTimer = nil
            guard let stall = self.stallWatch.stall(at: .now) else {
                return self.scheduleStallCheck()
            }
            self.close(.stalled(stall))
        }
    }
}
