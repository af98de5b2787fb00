public import Wire

/// What happens around the octets: the stream, the peer's commands, verdicts, time.
extension Session {
    /// The stream is open.
    public mutating func handleOpen(at now: Instant) {
        guard case .idle(var handshake) = state else { return }
        let step = handshake.start()
        timers[.handshake] = now + handshake.timeout(options)
        state = .opening(handshake)
        follow(step, at: now)
    }

    /// The authenticator has answered; too late, when the session is over.
    public mutating func handleVerdict(_ verdict: AuthenticationVerdict, at now: Instant) {
        guard case .opening(var handshake) = state else { return }
        let step = handshake.handleVerdict(verdict)
        state = .opening(handshake)
        follow(step, at: now)
    }

    /// The security context has taken a token; too late, when the session is over.
    public mutating func handleProgress(
        _ progress: Result<GSSAPIProgress, GSSAPIError>,
        at now: Instant
    ) {
        guard case .opening(var handshake) = state else { return }
        let step = handshake.handleProgress(progress)
        state = .opening(handshake)
        follow(step, at: now)
    }

    /// A whole command; gives it when it is for the user, and deals with it when it is the session's own.
    public mutating func handleCommand(
        _ body: UnsafeRawBufferPointer,
        at now: Instant
    ) -> Command? {
        guard isEstablished else { return nil }
        let command = Command(body: body)
        // A transport with heartbeats of its own makes PONGs, whatever the peer speaks.
        guard peer?.knowsCommands ?? true || hasHeartbeat && command.isPong else {
            close(.framing(.reservedFlags(FrameHeader.command)))
            return nil
        }
        switch command {
        case .subscribe, .cancel, .join, .leave, .unknown: return command
        case .ping(let ttl, let context):
            updateLiveness { $0.heartbeat.handlePing(ttl: ttl, at: now) }
            guard isSending else { return nil }
            let echo = UnsafeRawBufferPointer(rebasing: body[context])
            directives.append(.sendPong(Command.pongFrame(context: echo)))
        case .error(let reason):
            close(.handshake(.refused(reason: HandshakeFailure.printable(body[reason]))))
            return command
        case .pong(let context):
            let echo = UnsafeRawBufferPointer(rebasing: body[context])
            updateLiveness { $0.heartbeat.handlePong(context: echo, at: now) }
        // A second READY changes nothing.
        case .ready: break
        case .malformed: close(.misbehaviour("the peer sent a malformed command"))
        }
        return nil
    }

    /// The stream took what it could; `isEmpty` says whether that was all.
    public mutating func handleWrite(isEmpty: Bool, at now: Instant) {
        if isEmpty, case .draining(let conversation) = state {
            state = .flushed(conversation)
            directives.append(.finishStream)
        }
        guard options.takeTimeout != nil else { return }
        updateLiveness { $0.stallWatch.handleWrite(isFull: !isEmpty, at: now) }
    }

    /// The stream takes more again.
    public mutating func handleWritable(at now: Instant) {
        guard options.takeTimeout != nil else { return }
        updateLiveness { $0.stallWatch.handleWrite(isFull: false, at: now) }
    }

    /// This side stops reading: silence proves nothing any more.
    public mutating func handlePause(at now: Instant) {
        updateLiveness {
            $0.stallWatch.handlePause()
            $0.heartbeat.handlePause(at: now)
        }
    }

    /// This side reads again.
    public mutating func handleResume() {
        updateLiveness { $0.heartbeat.handleResume() }
    }

    /// The peer may stop reading for as long as its own subscribers need. With `heartbeat` it is asked as often as that whether it lives.
    public mutating func allowPauses(heartbeat: HeartbeatOptions? = nil, at now: Instant) {
        updateLiveness { $0.allowPauses(heartbeat, at: now) }
    }

    /// Time has passed. Called early, late or for nothing it does no harm.
    public mutating func handleTimeout(at now: Instant) {
        while let timer = timers.takeDue(at: now) {
            switch timer {
            case .handshake: handleHandshakeTimeout(at: now)
            case .closing: abort(state.closeReason ?? .closedHere)
            case .heartbeat: handleHeartbeat(at: now)
            case .stall: handleStall(at: now)
            }
        }
    }

    /// The stream is closed; `failure` is what went wrong with it, `nil` when the peer closed in good order. Gives why the
    /// session ended, once.
    public mutating func handleClose(failure: String?) -> DisconnectReason? {
        if case .closed = state { return nil }
        let reason =
            state.closeReason ?? failure.map { .network($0) } ?? state.abandonment ?? .peerClosed
        state = .closed
        timers = TimerTable()
        directives = []
        return reason
    }
}

// MARK: - Wishes

extension Session {
    /// Sends what waits, for as long as `linger` at most (`nil` = as long as it takes), then closes. The shell drains what
    /// waits and says so by `handleWrite`.
    public mutating func finish(linger: Duration?, at now: Instant) {
        switch state {
        case .idle, .opening: abort(.closedHere)
        case .established(let conversation):
            guard linger != .zero else { return abort(.closedHere) }
            state = .draining(conversation)
            timers[.closing] = linger.map { now + $0 }
        case .draining, .flushed, .parting, .aborted, .closed: break
        }
    }

    /// Closes at once for that reason.
    public mutating func close(_ reason: DisconnectReason) {
        switch state {
        case .idle, .opening, .established: abort(reason)
        // A peer that fails while it is sent the rest is not waited for.
        case .draining, .flushed: abort(.closedHere)
        case .parting, .aborted, .closed: break
        }
    }

    /// Tells the peer why, and closes when it has taken that, or after one second.
    public mutating func close(_ reason: DisconnectReason, farewell: [UInt8], at now: Instant) {
        switch state {
        case .idle: abort(reason)
        case .opening, .established:
            // An older peer would take it for a message.
            let isUnderstood = peer?.knowsCommands ?? true
            state = .parting(reason)
            // READY goes before ERROR; a handshake that was over is not told of any more.
            directives = directives.filter(\.isSend)
            if isUnderstood { directives.append(.send(farewell)) }
            directives.append(.finishStream)
            timers = TimerTable()
            timers[.closing] = now + Self.farewellTime
        case .draining, .flushed, .parting, .aborted, .closed: close(reason)
        }
    }

    private mutating func abort(_ reason: DisconnectReason) {
        state = .aborted(reason)
        directives = [.abortStream]
        timers = TimerTable()
    }

    private static let farewellTime = Duration.seconds(1)
}

extension Session.Directive {
    fileprivate var isSend: Bool {
        if case .send = self { true } else { false }
    }
}

// MARK: - Handshake

extension Session {
    mutating func continueHandshake(
        _ bytes: UnsafeRawBufferPointer,
        _ offset: inout Int,
        at now: Instant
    ) {
        guard case .opening(var handshake) = state else { return }
        if handshake.isListening { timers[.handshake] = now + options.handshakeTimeout }
        // Taken out, so that what it has collected is not copied for each piece.
        state = .closed
        let step = handshake.handle(bytes, from: &offset, at: now)
        state = .opening(handshake)
        follow(step, at: now)
    }

    /// A peer that waits for us to begin is not yet too late.
    private mutating func handleHandshakeTimeout(at now: Instant) {
        guard case .opening(var handshake) = state, handshake.isListening else {
            return close(.handshake(.timedOut))
        }
        let step = handshake.greet()
        timers[.handshake] = now + handshake.timeout(options)
        state = .opening(handshake)
        follow(step, at: now)
    }

    private mutating func follow(_ step: HandshakeStep, at now: Instant) {
        if case .failed(let failure) = step.next {
            let reason = DisconnectReason.handshake(failure)
            if step.reply.isEmpty {
                close(reason)
            } else {
                close(reason, farewell: step.reply, at: now)
            }
            return
        }
        if !step.reply.isEmpty { directives.append(.send(step.reply)) }
        switch step.next {
        case .awaitOctets, .failed: break
        case .awaitVerdict(var request):
            request.domain = options.domain
            request.routingID = options.local.routingID
            directives.append(.authenticate(request))
        case .awaitContext(let token): directives.append(.advanceContext(token: token))
        case .established(let peer): establish(peer, at: now)
        }
    }

    private mutating func establish(_ peer: RemotePeer, at now: Instant) {
        if case .opening(let handshake) = state {
            if let framing = handshake.framing { setFraming(framing) }
            if let traffic = handshake.traffic {
                protection = Protection(traffic, limits: options.limits)
            }
        }
        timers[.handshake] = nil
        liveness = Liveness(peer, options, hasHeartbeat: hasHeartbeat, at: now)
        timers[.heartbeat] = liveness.heartbeat.deadline
        state = .established(Conversation(peer, options))
        directives.append(.establish(peer))
        // A subscriber of ZMTP 1.0 keeps its subscriptions to itself, and drops what it does not want.
        if peer.majorVersion == 1, options.local.socketType.isPublisher {
            directives.append(.deliver([0, 1, 1]))
        }
    }
}

// MARK: - Time

extension Session {
    /// Changes what is known of the peer's life, in the states that have a peer, and the timers that follow from it.
    mutating func updateLiveness(_ update: (inout Liveness) -> Void) {
        guard isEstablished else { return }
        update(&liveness)
        timers[.heartbeat] = liveness.heartbeat.deadline
        timers[.stall] = liveness.stallWatch.deadline
    }

    private mutating func handleHeartbeat(at now: Instant) {
        var directive: Heartbeat.Directive?
        var isSpared = false
        let mayBeSlow = state.conversation?.mayBeSlow ?? false
        updateLiveness {
            directive = $0.heartbeat.handleTimeout(at: now)
            isSpared = mayBeSlow && directive == .expire(asAsked: false)
            if isSpared { $0.heartbeat.handleSpared() }
        }
        switch directive {
        case .sendPing(let ttl, let number):
            if isSending {
                directives.append(.sendPing(Command.pingFrame(ttl: ttl, number: number)))
            }
        case .expire where isSpared: directives.append(.confirmSilence)
        case .expire: close(.heartbeat)
        case nil: break
        }
    }

    private mutating func handleStall(at now: Instant) {
        var stall: StallWatch.Stall?
        updateLiveness { stall = $0.stallWatch.stall(at: now) }
        if let stall { close(.stalled(stall)) }
    }
}
