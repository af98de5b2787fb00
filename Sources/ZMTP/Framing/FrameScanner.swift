import Wire

/// Finds message boundaries in a stream of reads, without copying and without an object per message.
///
/// A read holds, in any order: whole messages, whole commands, and at its ends pieces of either. Whole messages that
/// follow each other are reported as one **run**, which can be forwarded as it is; pieces go to a spill buffer of
/// the shell, which the next read completes.
///
///               ┌───────────── whole frames: stays ──────────────┐
///               ▼                                                │
///     ┌──▶ boundary ── read ends inside a header ──▶ header ─────┤
///     │         └───── read ends inside a body ────▶ body ───────┤
///     └──────────────────────────────────────────────────────────┘
///
/// A command may stand between two frames of one message: libzmq's heartbeat timer puts PING there. The frames
/// before it are then reported as a piece, so that a run never has a command inside.
public struct FrameScanner: Sendable {
    public enum Event: Equatable, Sendable {
        /// Whole messages: forward them, or walk them.
        case run(Range<Int>, messageCount: Int)
        /// Append to the message spill; when `isLast`, the spill holds exactly one whole message.
        case messagePiece(Range<Int>, isLast: Bool)
        /// A whole command; the range is its body.
        case command(Range<Int>)
        /// Append to the command spill; when `isLast`, it holds one command's body.
        case commandPiece(Range<Int>, isLast: Bool)
        /// Everything given is dealt with.
        case drained
        case violation(FrameViolation)
    }

    private enum Progress {
        case boundary
        /// Header octets seen so far; the first is the flags octet.
        case header(HeaderFragment)
        case body(remainingByteCount: Int, flags: UInt8)
        /// The end of a stream that broke a rule: where its next frame starts is not known.
        case broken(FrameViolation)
    }

    private let limits: Limits
    private var progress = Progress.boundary
    /// Octets of the message under way that are in the spill already; `nil` when none is under way.
    private var openMessageByteCount: Int?

    public init(limits: Limits) {
        self.limits = limits
    }

    /// Whether what was given so far ends inside a message or command.
    public var isInsideMessage: Bool {
        if case .boundary = progress { openMessageByteCount != nil } else { true }
    }

    /// The next event in `bytes`, looking from `offset`, which is moved past what the event covers.
    ///
    /// After a violation nothing that follows has a meaning, and every further event is that violation.
    public mutating func next(_ bytes: UnsafeRawBufferPointer, from offset: inout Int) -> Event {
        guard offset < bytes.count else { return .drained }
        switch progress {
        case .header(let fragment): return continueHeader(fragment, bytes, &offset)
        case .body(let remaining, let flags): return continueBody(remaining, flags, bytes, &offset)
        case .broken(let violation): return .violation(violation)
        case .boundary: break
        }
        let flags = bytes[offset]
        if flags & FrameHeader.command != 0 { return startCommand(bytes, &offset) }
        if openMessageByteCount != nil { return startPiece(bytes, &offset) }
        return scanRun(bytes, &offset)
    }
}

// MARK: - Whole messages

extension FrameScanner {
    private mutating func scanRun(_ bytes: UnsafeRawBufferPointer, _ offset: inout Int) -> Event {
        let start = offset
        let end = bytes.count
        let byteCountMax = limits.messageByteCountMax
        // `cursor` runs over frames, `offset` stays at the end of the last whole message.
        var messageCount = byteCountMax >= UInt8.max ? Self.skipShortMessages(bytes, &offset) : 0
        var cursor = offset
        scan: while cursor < end {
            let flags = bytes[cursor]
            guard flags & (FrameHeader.reserved | FrameHeader.command) == 0 else {
                // A command ends the run; a reserved bit is judged when the scan gets there.
                break scan
            }
            let bodyByteCount: Int
            var next: Int
            if flags & FrameHeader.long == 0 {
                guard cursor + 2 <= end else { break scan }
                bodyByteCount = Int(bytes[cursor + 1])
                next = cursor + 2
            } else {
                guard cursor + 9 <= end else { break scan }
                bodyByteCount =
                    Int(exactly: BigEndian.loadUInt64(bytes, at: cursor + 1)) ?? .max
                next = cursor + 9
            }
            guard bodyByteCount <= byteCountMax - (cursor - offset), bodyByteCount <= end - next
            else { break scan }
            next += bodyByteCount
            cursor = next
            if flags & FrameHeader.more == 0 {
                messageCount += 1
                offset = next
                if flags == 0, byteCountMax >= UInt8.max {
                    messageCount += Self.skipShortMessages(bytes, &offset)
                    cursor = offset
                }
            }
        }
        if messageCount > 0 { return .run(start..<offset, messageCount: messageCount) }
        // Not one whole message: take its frames piece by piece.
        return startPiece(bytes, &offset)
    }

    /// Goes past the whole messages of one short frame each, which most are: nothing but zero flags and a length of one octet
    /// to look at. Gives how many there were.
    private static func skipShortMessages(
        _ bytes: UnsafeRawBufferPointer,
        _ offset: inout Int
    ) -> Int {
        guard let base = bytes.baseAddress else { return 0 }
        let end = bytes.count
        var cursor = offset
        var messageCount = 0
        while end &- cursor >= 2 {
            let header = UInt16(
                littleEndian: base.loadUnaligned(fromByteOffset: cursor, as: UInt16.self)
            )
            let next = cursor &+ 2 &+ Int(header &>> 8)
            guard header & 0xFF == 0, next <= end else { break }
            cursor = next
            messageCount &+= 1
        }
        offset = cursor
        return messageCount
    }
}

// MARK: - Pieces

extension FrameScanner {
    private mutating func startPiece(_ bytes: UnsafeRawBufferPointer, _ offset: inout Int) -> Event
    {
        if openMessageByteCount == nil { openMessageByteCount = 0 }
        return continueHeader(HeaderFragment(), bytes, &offset)
    }

    private mutating func startCommand(
        _ bytes: UnsafeRawBufferPointer,
        _ offset: inout Int
    ) -> Event {
        continueHeader(HeaderFragment(), bytes, &offset)
    }

    /// Takes the rest of a header, and the body as far as it is there.
    private mutating func continueHeader(
        _ started: HeaderFragment,
        _ bytes: UnsafeRawBufferPointer,
        _ offset: inout Int
    ) -> Event {
        var fragment = started
        let start = offset
        while !fragment.isComplete, offset < bytes.count {
            fragment.append(bytes[offset])
            offset += 1
        }
        let flags = fragment.flags
        if let violation = fragment.violation { return fail(violation) }
        let isCommand = flags & FrameHeader.command != 0
        guard fragment.isComplete else {
            progress = .header(fragment)
            return piece(start..<offset, isCommand: isCommand, endsFrame: false, flags: flags)
        }
        let bodyByteCount = fragment.bodyByteCount ?? .max
        if let violation = excess(of: fragment, after: started) { return fail(violation) }
        let taken = min(bodyByteCount, bytes.count - offset)
        if isCommand, taken == bodyByteCount, started.isEmpty {
            let body = offset..<offset + taken
            offset += taken
            progress = .boundary
            return .command(body)
        }
        // A command's spill holds the body alone; a message's spill holds the frames as they came.
        let pieceStart = isCommand ? offset : start
        offset += taken
        progress =
            taken == bodyByteCount
            ? .boundary : .body(remainingByteCount: bodyByteCount - taken, flags: flags)
        return piece(
            pieceStart..<offset,
            isCommand: isCommand,
            endsFrame: taken == bodyByteCount,
            flags: flags
        )
    }

    private mutating func fail(_ violation: FrameViolation) -> Event {
        progress = .broken(violation)
        return .violation(violation)
    }

    /// Judges the length a whole header announces; `started` is the part of it that is in the spill already, which
    /// must not count, or a verdict would depend on where reads end.
    private func excess(of header: HeaderFragment, after started: HeaderFragment) -> FrameViolation?
    {
        let isCommand = header.flags & FrameHeader.command != 0
        let limit = isCommand ? limits.commandByteCountMax : limits.messageByteCountMax
        let earlierByteCount = isCommand ? 0 : (openMessageByteCount ?? 0) - started.octetCount
        guard let bodyByteCount = header.bodyByteCount else {
            return .frameTooLong(byteCount: .max, limit: limit)
        }
        let (byteCount, overflows) = earlierByteCount.addingReportingOverflow(bodyByteCount)
        guard overflows || byteCount > limit else { return nil }
        return .frameTooLong(byteCount: overflows ? .max : byteCount, limit: limit)
    }

    private mutating func continueBody(
        _ remaining: Int,
        _ flags: UInt8,
        _ bytes: UnsafeRawBufferPointer,
        _ offset: inout Int
    ) -> Event {
        let start = offset
        let taken = min(remaining, bytes.count - offset)
        offset += taken
        progress =
            taken == remaining
            ? .boundary : .body(remainingByteCount: remaining - taken, flags: flags)
        return piece(
            start..<offset,
            isCommand: flags & FrameHeader.command != 0,
            endsFrame: taken == remaining,
            flags: flags
        )
    }

    private mutating func piece(
        _ range: Range<Int>,
        isCommand: Bool,
        endsFrame: Bool,
        flags: UInt8
    ) -> Event {
        if isCommand {
            let isHeaderOnly = if case .header = progress { true } else { false }
            return .commandPiece(
                isHeaderOnly ? range.upperBound..<range.upperBound : range,
                isLast: endsFrame
            )
        }
        let endsMessage = endsFrame && flags & FrameHeader.more == 0
        openMessageByteCount = endsMessage ? nil : (openMessageByteCount ?? 0) + range.count
        return .messagePiece(range, isLast: endsMessage)
    }
}

// MARK: - Bounds

extension FrameScanner {
    public struct Limits: Sendable {
        /// The largest message: the body of any frame and all that precedes its header in the message. So a
        /// message of one frame may have a body of exactly this size (like libzmq's `ZMQ_MAXMSGSIZE`), and
        /// endless empty frames are bounded too.
        public var messageByteCountMax: Int
        /// The largest command body; a subscription carries its topic in one.
        public var commandByteCountMax: Int

        public init(messageByteCountMax: Int = .max, commandByteCountMax: Int = 1 << 20) {
            self.messageByteCountMax = messageByteCountMax
            self.commandByteCountMax = commandByteCountMax
        }
    }
}

/// How a peer broke the framing rules.
public enum FrameViolation: Error, Equatable, Sendable, CustomStringConvertible {
    case reservedFlags(UInt8)
    /// `byteCount` is what `Limits` compares; `.max` when the length is not a 63-bit number.
    case frameTooLong(byteCount: Int, limit: Int)
    /// A command with the MORE flag.
    case commandWithMore
    /// The octets are not what the connection's codec can read.
    case undecodable(String)

    public var description: String {
        switch self {
        case .reservedFlags(let flags):
            "a frame has reserved flags set (0x\(String(flags, radix: 16)))"
        case .frameTooLong(let byteCount, let limit):
            byteCount == .max
                ? "a frame's length does not fit in 63 bits"
                : "a message or command of \(byteCount) octets is over the limit of \(limit)"
        case .commandWithMore: "a command has the MORE flag"
        case .undecodable(let what): what
        }
    }
}
