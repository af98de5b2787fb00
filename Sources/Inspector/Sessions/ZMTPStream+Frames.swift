/// From octets to frames to messages.
extension ZMTPStream {
    func readFrames(_ bytes: UnsafeRawBufferPointer, _ format: ZMTPSearch.Format) {
        var offset = 0
        while offset < bytes.count {
            if frames.isInBody {
                takeBody(frames.readBody(bytes, at: &offset))
                continue
            }
            switch frames.readHead(bytes, at: &offset, format) {
            case .partial: continue
            case .whole:
                guard isPlausible else { return handleViolation(.length) }
                beginFrame(format)
            case .malformed(let violation): return handleViolation(violation)
            }
        }
    }

    /// A frame longer than all that is usual, soon after frames were found, would swallow the proof that they are none.
    private var isPlausible: Bool {
        guard let provision, provision.frameCount < Self.provisionalFrameCount else { return true }
        return frames.bodyRemaining <= Self.provisionalByteCountMax
    }

    private func beginFrame(_ format: ZMTPSearch.Format) {
        provision?.frameCount += 1
        purpose = purposeOfFrame(format)
        if frames.bodyRemaining == 0 { endFrame() }
    }

    private func purposeOfFrame(_ format: ZMTPSearch.Format) -> FramePurpose {
        let byteCount = frames.bodyRemaining
        if isIdentityNext { return byteCount <= 255 ? .identity : .skipped }
        if format == .v2, frames.hasCommandFlag {
            return byteCount <= Self.collectedByteCountMax ? .command : .skipped
        }
        if isWithinUnknownMessage {
            facts.countSkipped(byteCount)
            return .skipped
        }
        guard message.frameCount == 0, !facts.report.isEncrypted, !frames.hasMoreFlag,
            byteCount > 0,
            byteCount <= Self.collectedByteCountMax
        else { return .message }
        switch facts.role {
        case .subscriber: return .subscription
        case .unknown:
            // Captured from the middle: who has sent nothing but this and is sent messages, subscribes.
            return facts.report.messageCount == 0 && (peer?.facts.report.messageCount ?? 0) > 0
                ? .subscription : .message
        case .publisher, .other: return .message
        }
    }

    /// A piece of the body under way.
    private func takeBody(_ piece: UnsafeRawBufferPointer) {
        let isWholeRest = frames.bodyRemaining == 0
        switch purpose {
        case .message: takeMessageBody(piece, isWholeRest: isWholeRest)
        case .skipped: break
        case .command, .subscription, .identity:
            if isWholeRest, collected.isEmpty {
                endCollected(piece)
                return frames.endFrame()
            }
            collected.append(contentsOf: piece)
        }
        if isWholeRest { endFrame() }
    }

    private func takeMessageBody(_ piece: UnsafeRawBufferPointer, isWholeRest: Bool) {
        if message.append(piece, isWholeRest: isWholeRest) { takeTopic(piece) }
        if !message.isBroken { sink?.append(piece) }
    }

    /// Part of the body under way is not there, but where the next frame begins is known.
    func breakFrame() {
        message.isBroken = true
        collected = []
        if purpose != .message { purpose = .skipped }
        if frames.bodyRemaining == 0 { endFrame() }
    }

    /// Leaves the frame under way, and the message it belongs to, as broken.
    func forgetFrame() {
        if message.frameCount > 0 || (frames.isInBody && purpose == .message) {
            facts.countBroken()
        }
        frames = FrameReader()
        message = MessageProgress()
        collected = []
        sink?.abandonMessage()
    }

    /// The frame under way has no more octets.
    private func endFrame() {
        switch purpose {
        case .message: endMessageFrame()
        case .skipped: break
        case .command, .subscription, .identity:
            let body = collected
            collected = []
            body.withUnsafeBytes { endCollected($0) }
        }
        if isWithinUnknownMessage, !frames.hasCommandFlag, !frames.hasMoreFlag {
            isWithinUnknownMessage = false
            sink?.handleReading(at: nanoseconds)
        }
        frames.endFrame()
    }

    private func endCollected(_ body: UnsafeRawBufferPointer) {
        switch purpose {
        case .command: handleCommand(body)
        case .identity:
            isIdentityNext = false
            facts.handleIdentity(body)
        case .subscription:
            if let first = body.first, first <= 1 {
                facts.handleSubscription(
                    UnsafeRawBufferPointer(rebasing: body.dropFirst()),
                    isSubscribe: first == 1,
                    at: nanoseconds
                )
            } else {
                // An XSUB may send messages of its own up.
                takeMessageBody(body, isWholeRest: true)
                endMessageFrame()
            }
        case .message, .skipped: break
        }
    }

    private func handleCommand(_ body: UnsafeRawBufferPointer) {
        if CommandNames.isKnown(body, at: 0, body.count) { provision = nil }
        switch facts.handleCommand(body, at: nanoseconds) {
        case .none: break
        case .metadata(let node, let tree):
            settleRoles()
            sink?.handleIntroduction()
            if let node { sink?.handleNode(node, tree: tree) }
        case .pong(let context): peer?.facts.handleAnswer(context, at: nanoseconds)
        }
    }

    private func endMessageFrame() {
        if message.frameCount == 0, !message.beginning.isEmpty {
            message.beginning.withUnsafeBytes { takeTopic($0) }
        }
        message.endFrame()
        if !message.isBroken { sink?.endFrame() }
        guard !frames.hasMoreFlag else { return }
        endMessage()
    }

    private func endMessage() {
        if message.isBroken {
            facts.countBroken()
            sink?.abandonMessage()
        } else if facts.report.isEncrypted {
            facts.countEncrypted(frameCount: message.frameCount, byteCount: message.byteCount)
            sink?.abandonMessage()
        } else {
            facts.countMessage(
                frameCount: message.frameCount,
                byteCount: message.byteCount,
                at: nanoseconds
            )
            sink?.endMessage(at: nanoseconds, isRepaired: isRepair)
        }
        message.endMessage()
    }

    /// The body of a message's first frame, or its beginning: whole when more frames follow, else its leading word.
    private func takeTopic(_ body: UnsafeRawBufferPointer) {
        if isMidstream { facts.handleSeal(body) }
        guard !facts.report.isEncrypted, !message.isBroken else { return }
        facts.countTopic(body, isFollowed: frames.hasMoreFlag)
    }

    private static let collectedByteCountMax = 1 << 16
    private static let provisionalFrameCount = 64
    private static let provisionalByteCountMax = 1 << 26
}
