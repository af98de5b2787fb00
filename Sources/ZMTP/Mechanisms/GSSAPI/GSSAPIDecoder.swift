import Wire

/// Opens what arrives, after a GSSAPI handshake: each MESSAGE becomes a frame of a message or a command again.
///
/// A MESSAGE is opened when all of it is there. What is larger than a message may be is refused at its header. After a violation
/// nothing is read any more; what came before it counts.
///
/// An object, so that it takes no room in the sessions of others; it belongs to one session, and its context could not be copied
/// anyway.
final class GSSAPIDecoder: @unchecked Sendable {
    private let context: any GSSAPIContext
    private let limits: FrameScanner.Limits
    /// The beginning of a frame.
    private var held: [UInt8] = []
    /// Octets of frames of the message that is not whole yet.
    private var openMessageByteCount = 0
    private(set) var violation: FrameViolation?

    init(_ context: any GSSAPIContext, limits: FrameScanner.Limits) {
        self.context = context
        self.limits = limits
    }

    var isInsideFrame: Bool { !held.isEmpty }

    /// The room that `decode` needs for these octets. What is opened is never longer than what it lay in.
    func byteCount(decoding octets: UnsafeRawBufferPointer) -> Int {
        Protection.headroomByteCount + held.count + octets.count
    }

    /// Takes all octets; writes frames after the headroom, and gives where they end.
    func decode(
        _ octets: UnsafeRawBufferPointer,
        into frames: UnsafeMutableRawBufferPointer
    ) -> Int {
        var end = Protection.headroomByteCount
        held.append(contentsOf: octets)
        let arrived = held
        held = []
        arrived.withUnsafeBytes { arrived in
            var offset = 0
            while violation == nil, let head = CurveFrame.Head(arrived, at: offset),
                isAcceptable(head)
            {
                let start = offset + head.byteCount
                guard head.bodyByteCount <= arrived.count - start else { break }
                offset = start + head.bodyByteCount
                open(UnsafeRawBufferPointer(rebasing: arrived[start..<offset]), frames, &end)
            }
            if violation == nil { held = Array(arrived[offset...]) }
        }
        return end
    }

    /// Whether there may be such a frame, by its header alone.
    private func isAcceptable(_ head: CurveFrame.Head) -> Bool {
        guard head.flags & ~(FrameHeader.long | FrameHeader.command) == 0 else {
            return fail(Self.noMessage)
        }
        let slack = GSSAPIFrame.headByteCount + 1 + GSSAPIFrame.sealByteCountMax
        guard head.bodyByteCount < .max, head.bodyByteCount - slack <= limit else {
            return fail(
                .frameTooLong(
                    byteCount: head.bodyByteCount,
                    limit: limits.messageByteCountMax
                )
            )
        }
        return true
    }

    /// Whether what is inside is a command is not known at its header.
    private var limit: Int {
        max(limits.messageByteCountMax - openMessageByteCount, limits.commandByteCountMax)
    }

    /// Opens the MESSAGE with that body, writes its frame at `end` and moves that.
    private func open(
        _ body: UnsafeRawBufferPointer,
        _ frames: UnsafeMutableRawBufferPointer,
        _ end: inout Int
    ) {
        guard let token = GSSAPIFrame.messageToken(body) else { return _ = fail(Self.noMessage) }
        guard let text = context.unwrap(token), let flags = text.first, text.count <= token.count
        else {
            fail(.undecodable("a MESSAGE does not open: it was changed, or came again"))
            return
        }
        guard text.count - 1 <= limit else {
            fail(.frameTooLong(byteCount: text.count - 1, limit: limits.messageByteCountMax))
            return
        }
        let name: [UInt8]
        switch flags {
        case 0...3: name = []
        case GSSAPIFrame.subscribe, GSSAPIFrame.subscribe | GSSAPIFrame.command:
            name = [9] + "SUBSCRIBE".utf8
        case GSSAPIFrame.cancel, GSSAPIFrame.cancel | GSSAPIFrame.command:
            name = [6] + "CANCEL".utf8
        default:
            fail(.reservedFlags(flags))
            return
        }
        let isCommand = !name.isEmpty || flags & GSSAPIFrame.command != 0
        let hasMore = name.isEmpty && flags & GSSAPIFrame.more != 0
        let bodyByteCount = name.count + text.count - 1
        guard let target = frames.baseAddress else { return }
        end += CurveFrame.writeHeader(
            (hasMore ? FrameHeader.more : 0) | (isCommand ? FrameHeader.command : 0),
            bodyByteCount,
            to: target + end
        )
        UnsafeMutableRawBufferPointer(rebasing: frames[end...]).copyBytes(from: name)
        end += name.count
        UnsafeMutableRawBufferPointer(rebasing: frames[end...]).copyBytes(from: text[1...])
        end += text.count - 1
        if !isCommand {
            openMessageByteCount =
                hasMore ? openMessageByteCount + CurveFrame.byteCount(body: bodyByteCount) : 0
        }
    }

    @discardableResult
    private func fail(_ violation: FrameViolation) -> Bool {
        self.violation = violation
        return false
    }

    private static let noMessage = FrameViolation.undecodable(
        "what came after a GSSAPI handshake is not a MESSAGE"
    )
}
