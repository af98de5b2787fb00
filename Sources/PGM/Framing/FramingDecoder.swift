import Wire

/// Turns the TSDUs of one PGM stream, in order, into ZMTP 3 frames of whole messages: the other end of `FramingEncoder`.
///
///              offset known: message start
///     apart ──────────────────────────────▶ joined ── octets ──▶ output: | whole messages … | begun message |
///       ▲                                      │                          └ wholeByteCount ┘ └ openByteCount ┘
///       └──── loss, violation: the begun message is dropped, its octets taken back ┘
///
/// The caller owns the output and appends: `decode` writes behind what is there, hardly more octets than the TSDU has,
/// because no frame's head is longer in ZMTP 3 than in ZMTP 1.0. Whole messages may be sliced off the front at any time;
/// the begun one must stay together. A long message is therefore copied once, into its place. Its announced length is
/// the sender's word: reserve for it with a limit.
public struct FramingDecoder: Sendable {
    /// What became of one TSDU.
    public struct Result: Hashable, Sendable {
        /// Octets appended to the output.
        public var writtenByteCount = 0
        /// Octets at the end of the output, appended now or before, that must be taken back: a message that was begun and
        /// will not be completed.
        public var droppedByteCount = 0
        /// Whole messages that end in this TSDU.
        public var messageCount = 0
        /// After dropping: octets at the end of the output that belong to a message that has only begun. All before
        /// them are whole messages.
        public var openByteCount = 0
        /// Octets of the current frame that are still to come: what to reserve for.
        public var missingByteCount = 0
        public var violation: FramingViolation?
    }

    private enum Phase: Sendable {
        /// Waiting for a message to start.
        case apart
        /// Collecting a head, which may be split over packets.
        case head
        /// Copying a body of which this much is missing.
        case body(Int)
    }

    /// What a head that began in the packet before can add to the output of a packet.
    public static let splitHeadByteCountMax = 8

    /// Messages longer than this, frame heads included, are violations.
    public let messageByteCountMax: Int
    private var phase = Phase.apart
    /// A split head: the octets so far, the first one highest.
    private var head: UInt64 = 0
    private var head2: UInt64 = 0
    private var headCount = 0
    /// Octets of the begun message in the output.
    private var openByteCount = 0
    /// The frame being read, or to be read next, is not the last of its message.
    private var hasMore = false

    public init(messageByteCountMax: Int = .max) {
        self.messageByteCountMax = messageByteCountMax
    }

    /// Whether the stream's message boundaries are known.
    public var isJoined: Bool {
        if case .apart = phase { false } else { true }
    }

    /// Packets are lost: the begun message is dropped. Gives the octets to take back from the end of the output.
    public mutating func handleLoss() -> Int {
        defer { leave() }
        return openByteCount
    }

    private mutating func leave() {
        phase = .apart
        openByteCount = 0
        headCount = 0
        hasMore = false
    }

    /// Reads the next TSDU.
    ///
    /// - Precondition: `output` has room for `splitHeadByteCountMax` octets more than `tsdu` has.
    public mutating func decode(
        _ tsdu: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) -> Result {
        var result = Result()
        guard tsdu.count >= FramingEncoder.offsetByteCount else {
            return refuse(.missingOffset, &result)
        }
        precondition(
            output.count >= tsdu.count + Self.splitHeadByteCountMax,
            "the output has no room for the TSDU"
        )
        let start = BigEndian.loadUInt16(tsdu, at: 0)
        let bytes = UnsafeRawBufferPointer(rebasing: tsdu[FramingEncoder.offsetByteCount...])
        guard start == FramingEncoder.noMessage || Int(start) <= bytes.count else {
            return refuse(.offsetBeyondEnd, &result)
        }
        var position = 0
        if case .apart = phase {
            guard start != FramingEncoder.noMessage else { return result }
            position = Int(start)
            phase = .head
        }
        if let violation = copy(bytes, from: position, start: start, into: output, &result) {
            return refuse(violation, &result)
        }
        result.openByteCount = openByteCount
        if case .body(let missing) = phase { result.missingByteCount = missing }
        return result
    }

    private mutating func refuse(_ violation: FramingViolation, _ result: inout Result) -> Result {
        result.violation = violation
        result.droppedByteCount = openByteCount
        leave()
        return result
    }

    private mutating func copy(
        _ bytes: UnsafeRawBufferPointer,
        from first: Int,
        start: UInt16,
        into output: UnsafeMutableRawBufferPointer,
        _ result: inout Result
    ) -> FramingViolation? {
        guard let source = bytes.baseAddress, let target = output.baseAddress else { return nil }
        let end = bytes.count
        var position = first
        var written = 0
        var open = openByteCount
        var messages = 0
        // Until a message start is seen, the offset word says where the first one must be.
        var expected = Int(start)
        defer {
            openByteCount = open
            result.writtenByteCount = written
            result.messageCount = messages
        }
        if case .body(let missing) = phase {
            let count = min(missing, end)
            target.copyMemory(from: source, byteCount: count)
            position = count
            written = count
            open += count
            phase = count == missing ? .head : .body(missing - count)
            if count == missing, !hasMore {
                messages += 1
                open = 0
            }
        }
        while position < end, case .head = phase {
            if open == 0, headCount == 0, expected >= 0 {
                guard position == expected else { return .offsetMismatch }
                expected = -1
            }
            let bodyByteCount: Int
            let more: UInt8
            switch readHead(bytes, at: &position) {
            case .frame(let count, let flag): (bodyByteCount, more) = (count, flag)
            case .incomplete: return nil
            case .violation(let violation): return violation
            }
            guard bodyByteCount <= messageByteCountMax - open else { return .messageTooLong }
            hasMore = more != 0
            let headByteCount = Self.writeHead(bodyByteCount, more, into: target + written)
            written += headByteCount
            let count = min(bodyByteCount, end - position)
            (target + written).copyMemory(from: source + position, byteCount: count)
            written += count
            position += count
            open += headByteCount + count
            if count < bodyByteCount {
                phase = .body(bodyByteCount - count)
            } else if !hasMore {
                messages += 1
                open = 0
            }
        }
        return nil
    }

    private enum Head {
        case frame(bodyByteCount: Int, more: UInt8)
        /// The rest is in the next packet.
        case incomplete
        case violation(FramingViolation)
    }

    /// Reads a frame's head, which mostly is all here, and steps over it.
    @inline(__always)
    private mutating func readHead(_ bytes: UnsafeRawBufferPointer, at position: inout Int) -> Head
    {
        let left = bytes.count - position
        let first = bytes[position]
        if headCount == 0, first != 0xFF, left >= 2 {
            guard first != 0 else { return .violation(.emptyFrame) }
            defer { position += 2 }
            return .frame(
                bodyByteCount: Int(first) - 1,
                more: bytes[position + 1] & FrameHeader.more
            )
        }
        let length: UInt64
        let more: UInt8
        if headCount == 0, left >= 10 {
            length = BigEndian.loadUInt64(bytes, at: position + 1)
            more = bytes[position + 9] & FrameHeader.more
            position += 10
        } else {
            position = collectHead(bytes, from: position)
            guard isHeadComplete else { return .incomplete }
            (length, more) = takeHead()
        }
        guard length != 0 else { return .violation(.emptyFrame) }
        guard length <= UInt64(Int.max) else { return .violation(.messageTooLong) }
        return .frame(bodyByteCount: Int(length) - 1, more: more)
    }

    /// Writes the ZMTP 3 head of a frame and gives its octets.
    @inline(__always)
    private static func writeHead(
        _ bodyByteCount: Int,
        _ more: UInt8,
        into target: UnsafeMutableRawPointer
    ) -> Int {
        guard bodyByteCount > 255 else {
            let word = UInt16(bodyByteCount) << 8 | UInt16(more)
            target.storeBytes(of: word.littleEndian, as: UInt16.self)
            return 2
        }
        target.storeBytes(of: more | FrameHeader.long, as: UInt8.self)
        target.storeBytes(of: UInt64(bodyByteCount).bigEndian, toByteOffset: 1, as: UInt64.self)
        return 9
    }

    // MARK: - A head that is split over packets

    private mutating func collectHead(_ bytes: UnsafeRawBufferPointer, from first: Int) -> Int {
        var position = first
        while position < bytes.count, !isHeadComplete {
            let octet = UInt64(bytes[position])
            if headCount < 8 {
                head = head << 8 | octet
            } else {
                head2 = head2 << 8 | octet
            }
            headCount += 1
            position += 1
        }
        return position
    }

    private var isHeadComplete: Bool {
        guard headCount >= 2 else { return false }
        let first = headCount >= 8 ? head >> 56 : head >> (8 * UInt64(headCount - 1))
        return first & 0xFF == 0xFF ? headCount == 10 : headCount == 2
    }

    /// The length as it is sent, flags counted, and the flag.
    private mutating func takeHead() -> (length: UInt64, more: UInt8) {
        defer {
            headCount = 0
            head = 0
            head2 = 0
        }
        guard headCount == 10 else {
            return (head >> 8 & 0xFF, UInt8(truncatingIfNeeded: head) & FrameHeader.more)
        }
        return (head << 8 | head2 >> 8, UInt8(truncatingIfNeeded: head2) & FrameHeader.more)
    }
}
