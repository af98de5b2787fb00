import Rendering
import Wire

/// From octets to frames to messages.
extension ZMTPStream {
    func readFrames(_ bytes: UnsafeRawBufferPointer, _ format: ZMTPSearch.Format) {
        var offset = 0
        while offset < bytes.count {
            guard phase == .frames(format) else { return }
            if isInBody {
                let taken = min(bodyRemaining, bytes.count - offset)
                takeBody(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + taken]))
                offset += taken
                continue
            }
            if header.count == 0,
                let meaning = FrameHeaderBytes.meaning(of: bytes, at: offset, format)
            {
                offset += meaning.headerByteCount
                beginFrame(meaning, format)
            } else {
                header.append(bytes[offset])
                offset += 1
                guard let meaning = header.meaning(format) else { continue }
                header = FrameHeaderBytes()
                beginFrame(meaning, format)
            }
        }
    }

    private func beginFrame(_ meaning: FrameHeaderBytes.Meaning, _ format: ZMTPSearch.Format) {
        guard meaning.bodyByteCount >= 0 else {
            return handleViolation("a frame has a length that makes no sense")
        }
        if format == .v2 {
            let commandAndMore = FrameHeader.command | FrameHeader.more
            guard meaning.flags & FrameHeader.reserved == 0,
                meaning.flags & commandAndMore != commandAndMore
            else { return handleViolation("a frame has flags that no version knows") }
        }
        flags = meaning.flags
        bodyRemaining = meaning.bodyByteCount
        isInBody = true
        purpose = purposeOfFrame(format)
        if bodyRemaining == 0 { endFrame() }
    }

    private func purposeOfFrame(_ format: ZMTPSearch.Format) -> FramePurpose {
        if expectsIdentity { return bodyRemaining <= 255 ? .identity : .skipped }
        if format == .v2, flags & FrameHeader.command != 0 {
            return bodyRemaining <= Self.collectedByteCountMax ? .command : .skipped
        }
        guard messageFrameCount == 0, !report.isEncrypted, flags & FrameHeader.more == 0,
            bodyRemaining > 0,
            bodyRemaining <= Self.collectedByteCountMax
        else { return .message }
        switch role {
        case .subscriber: return .subscription
        case .unknown:
            // Captured from the middle: who has sent nothing but this and is sent messages, subscribes.
            return report.messageCount == 0 && (peer?.report.messageCount ?? 0) > 0
                ? .subscription : .message
        case .publisher, .other: return .message
        }
    }

    /// A piece of the body under way.
    private func takeBody(_ piece: UnsafeRawBufferPointer) {
        let isWhole = piece.count == bodyRemaining
        bodyRemaining -= piece.count
        switch purpose {
        case .message: takeMessageBody(piece, isWholeRest: isWhole)
        case .skipped: break
        case .command, .subscription, .identity:
            if isWhole, collected.isEmpty {
                endCollected(piece)
                return closeFrame()
            }
            collected.append(contentsOf: piece)
        }
        if bodyRemaining == 0 { endFrame() }
    }

    private func takeMessageBody(_ piece: UnsafeRawBufferPointer, isWholeRest: Bool) {
        messageByteCount = messageByteCount &+ piece.count
        if messageFrameCount == 0 {
            if isWholeRest, topicBytes.isEmpty {
                takeTopic(piece)
            } else if topicBytes.count < Self.topicByteCountMax {
                topicBytes.append(contentsOf: piece.prefix(Self.topicByteCountMax))
            }
        }
        if !isBroken { sink?.append(piece) }
    }

    /// The frame under way has no more octets.
    func endFrame() {
        switch purpose {
        case .message: endMessageFrame()
        case .skipped: break
        case .command, .subscription, .identity:
            let body = collected
            collected = []
            body.withUnsafeBytes { endCollected($0) }
        }
        closeFrame()
    }

    private func closeFrame() {
        isInBody = false
        bodyRemaining = 0
    }

    private func endCollected(_ body: UnsafeRawBufferPointer) {
        switch purpose {
        case .command: handleCommand(body)
        case .identity:
            expectsIdentity = false
            if body.count > 0 { report.identity = PrintableText.text(body) }
        case .subscription:
            if let first = body.first, first <= 1 {
                handleSubscription(
                    UnsafeRawBufferPointer(rebasing: body.dropFirst()),
                    isSubscribe: first == 1
                )
            } else {
                // An XSUB may send messages of its own up.
                takeMessageBody(body, isWholeRest: true)
                endMessageFrame()
            }
        case .message, .skipped: break
        }
    }

    private func endMessageFrame() {
        if messageFrameCount == 0, !topicBytes.isEmpty {
            topicBytes.withUnsafeBytes { takeTopic($0) }
            topicBytes.removeAll(keepingCapacity: true)
        }
        messageFrameCount += 1
        if !isBroken { sink?.endFrame() }
        guard flags & FrameHeader.more == 0 else { return }
        endMessage()
    }

    private func endMessage() {
        defer {
            messageFrameCount = 0
            messageByteCount = 0
            isBroken = false
        }
        guard !isBroken else {
            report.brokenCount += 1
            sink?.abandonMessage()
            return
        }
        guard !report.isEncrypted else {
            countEncrypted(frameCount: messageFrameCount, byteCount: messageByteCount)
            sink?.abandonMessage()
            return
        }
        if report.messageCount == 0 {
            report.firstMessageNanoseconds = nanoseconds
            report.byteCountMin = messageByteCount
        }
        report.messageCount += 1
        report.frameCount += messageFrameCount
        report.byteCount = report.byteCount &+ messageByteCount
        report.byteCountMin = min(report.byteCountMin, messageByteCount)
        report.byteCountMax = max(report.byteCountMax, messageByteCount)
        if messageFrameCount > 1 { report.multipartCount += 1 }
        report.lastMessageNanoseconds = nanoseconds
        sink?.endMessage(at: nanoseconds, isRepaired: isRepair)
    }

    /// The body of a message's first frame, or its beginning: whole when more frames follow, else its leading word.
    private func takeTopic(_ body: UnsafeRawBufferPointer) {
        if isEncryptedMessage(body) { return }
        guard role != .other, !isBroken else { return }
        if flags & FrameHeader.more != 0 { return tally.add(body) }
        var end = 0
        let limit = min(body.count, Self.wordByteCountMax)
        while end < limit, Self.isWord(body[end]) { end += 1 }
        tally.add(UnsafeRawBufferPointer(rebasing: body[..<end]))
    }

    /// Letters, and what separates the levels of topics. A number is no topic but what is said about one.
    private static func isWord(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: octet >= 0x80
        }
    }

    static let collectedByteCountMax = 1 << 16
    private static let topicByteCountMax = TopicTally.byteCountMax
    private static let wordByteCountMax = 24
}
