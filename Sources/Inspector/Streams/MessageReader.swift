import PGM
import Wire

/// Reads libzmq's messages from the payloads of a stream's packets, in order, without copying them.
///
///     TSDU   +--------+---------------------------------------------+
///            | offset | …rest of a message | message | beginning of |   offset: where the first message that
///            +--------+--------------------+---------+--------------+   begins in this packet is, or 0xFFFF
///     frame  +--------+-------+------+      +------+-----------+-------+------+
///            | length | flags | body |  or  | 0xFF | length, 8 | flags | body |     length counts flags and body
///            +--------+-------+------+      +------+-----------+-------+------+
///
/// ZMTP 1.0 framing without end; a message may be cut anywhere, also within a head. After a gap reading begins anew
/// where the next message begins.
struct MessageReader {
    private(set) var report = StreamReport.MessageReport()
    private var topics: TopicCounter
    private var state = State.outside
    /// Of the message under way.
    private var messageByteCount = 0
    private var frameCount = 0
    private var startSequence = SequenceNumber(0)
    private var isRepaired = false
    private var hash = MessageHash()
    private var messageIndex = 0

    private enum State {
        /// Where messages begin is not known.
        case outside
        /// At the start of a frame's head, or within it: the octets of it so far.
        case head(Head)
        /// Within a body, with so many octets to come.
        case body(remaining: Int, hasMore: Bool)
    }

    /// At most ten octets that a packet's end cut.
    private struct Head {
        var octets: (UInt64, UInt64) = (0, 0)
        var count = 0

        mutating func append(_ octet: UInt8) {
            if count < 8 {
                octets.0 = octets.0 << 8 | UInt64(octet)
            } else {
                octets.1 = octets.1 << 8 | UInt64(octet)
            }
            count += 1
        }

        subscript(index: Int) -> UInt8 {
            let inFirst = min(count, 8)
            return index < 8
                ? UInt8(truncatingIfNeeded: octets.0 >> UInt64((inFirst - 1 - index) * 8))
                : UInt8(truncatingIfNeeded: octets.1 >> UInt64((count - 1 - index) * 8))
        }
    }

    init(topicCountMax: Int) {
        topics = TopicCounter(countMax: topicCountMax)
    }

    /// Where whole messages go when somebody wants each of them.
    struct Sink {
        var log: MessageLog
        var flow: Int
        var tap: Tap

        /// Where the tap begins to hear the stream: behind the last packet that an SPM announced, or at its first data.
        func noteFirst(_ number: SequenceNumber, announced lead: SequenceNumber?) {
            let expected = lead.map { $0 + 1 } ?? number
            let isJustBefore = (0..<1 << 16).contains(number.distance(from: expected))
            log.handleFirstSequence(isJustBefore ? expected : number, of: flow, at: tap)
        }
    }

    /// What comes next was not seen: a message under way is lost.
    mutating func handleGap() {
        if isWithinMessage { report.brokenCount += 1 }
        becomeOutside()
    }

    /// The payload of the next packet in order. `isCut` says that the capture did not keep all of it.
    mutating func handle(
        _ payload: UnsafeRawBufferPointer,
        isCut: Bool,
        number: SequenceNumber,
        isRepaired: Bool,
        at nanoseconds: Int64,
        sink: Sink?
    ) {
        guard payload.count >= 2 else {
            if !isCut { report.fatal.note(at: nanoseconds) }
            return handleGap()
        }
        let offset = Int(BigEndian.loadUInt16(payload, at: 0))
        let bytes = UnsafeRawBufferPointer(rebasing: payload[2...])
        guard offset == Self.noOffset || offset <= bytes.count || isCut else {
            report.fatal.note(at: nanoseconds)
            return handleGap()
        }
        var position = 0
        if case .outside = state {
            guard offset <= bytes.count else { return }
            position = offset
            state = .head(Head())
        }
        // What ended with the packet before has nothing to do with this one.
        self.isRepaired = isRepaired || (self.isRepaired && isWithinMessage)
        let end = offset == Self.noOffset ? bytes.count : min(offset, bytes.count)
        let context = Context(number: number, nanoseconds: nanoseconds, isRepaired: isRepaired)
        // The rest of what began before must end exactly where the packet says that a message begins.
        if position < end {
            guard read(bytes, from: position, to: end, context, sink) else {
                return fail(at: nanoseconds)
            }
            position = end
        }
        if offset <= bytes.count {
            if isWithinMessage {
                fail(at: nanoseconds)
                state = .head(Head())
                self.isRepaired = isRepaired
            }
            guard read(bytes, from: position, to: bytes.count, context, sink) else {
                return fail(at: nanoseconds)
            }
        }
        if isCut { handleGap() }
    }

    private struct Context {
        var number: SequenceNumber
        var nanoseconds: Int64
        var isRepaired: Bool
    }

    private var isWithinMessage: Bool {
        switch state {
        case .outside: false
        case .head(let head): head.count > 0 || frameCount > 0
        case .body: true
        }
    }

    private mutating func fail(at nanoseconds: Int64) {
        report.foreign.note(at: nanoseconds)
        becomeOutside()
    }

    private mutating func becomeOutside() {
        state = .outside
        messageByteCount = 0
        frameCount = 0
        isRepaired = false
        hash = MessageHash()
    }

    /// Reads frames; `false` when the octets cannot be frames.
    private mutating func read(
        _ bytes: UnsafeRawBufferPointer,
        from start: Int,
        to end: Int,
        _ context: Context,
        _ sink: Sink?
    ) -> Bool {
        var position = start
        while position < end {
            switch state {
            case .outside: return true
            case .body(let remaining, let hasMore):
                let count = min(remaining, end - position)
                if sink != nil {
                    hash.append(
                        UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
                    )
                }
                position += count
                if count < remaining {
                    state = .body(remaining: remaining - count, hasMore: hasMore)
                } else {
                    endFrame(hasMore: hasMore, context, sink)
                }
            case .head(var head):
                if head.count == 0, frameCount == 0 { startSequence = context.number }
                // The usual case: a whole short head in this packet.
                if head.count == 0, end - position >= 2, bytes[position] != 0xFF {
                    let length = Int(bytes[position])
                    guard length > 0 else { return false }
                    beginBody(
                        length - 1,
                        flags: bytes[position + 1],
                        bytes,
                        at: position + 2,
                        to: end
                    )
                    position += 2
                } else {
                    head.append(bytes[position])
                    position += 1
                    guard let isWhole = Self.isWhole(head) else { return false }
                    state = .head(head)
                    if isWhole {
                        let length = Self.length(head)
                        let flags = head[head.count - 1]
                        beginBody(length - 1, flags: flags, bytes, at: position, to: end)
                    }
                }
                // An empty body ends where its head does.
                if case .body(0, let hasMore) = state { endFrame(hasMore: hasMore, context, sink) }
            }
        }
        return true
    }

    /// `nil` when no frame has such a length.
    private static func isWhole(_ head: Head) -> Bool? {
        if head[0] != 0xFF { return head[0] == 0 ? nil : head.count >= 2 }
        guard head.count >= 10 else { return false }
        let length = length(head)
        return length > 0 && length <= frameByteCountMax ? true : nil
    }

    private static func length(_ head: Head) -> Int {
        guard head[0] == 0xFF else { return Int(head[0]) }
        var length: UInt64 = 0
        for index in 1...8 { length = length << 8 | UInt64(head[index]) }
        return Int(clamping: length)
    }

    @inline(__always)
    private mutating func beginBody(
        _ count: Int,
        flags: UInt8,
        _ bytes: UnsafeRawBufferPointer,
        at position: Int,
        to end: Int
    ) {
        let hasMore = flags & 1 != 0
        let atHand = min(count, end - position)
        if frameCount == 0, atHand == count || atHand >= TopicCounter.byteCountMax {
            topics.handle(
                UnsafeRawBufferPointer(rebasing: bytes[position..<position + atHand]),
                isMultipart: hasMore
            )
        }
        messageByteCount += count
        state = .body(remaining: count, hasMore: hasMore)
    }

    @inline(__always)
    private mutating func endFrame(hasMore: Bool, _ context: Context, _ sink: Sink?) {
        frameCount += 1
        state = .head(Head())
        if sink != nil { hash.endFrame() }
        guard !hasMore else { return }
        report.frameCount += frameCount
        report.byteCount += messageByteCount
        if frameCount > 1 { report.multipartCount += 1 }
        if report.count == 0 || messageByteCount < report.byteCountMin {
            report.byteCountMin = messageByteCount
        }
        report.byteCountMax = max(report.byteCountMax, messageByteCount)
        report.count += 1
        if let sink { emit(context, sink) }
        messageByteCount = 0
        frameCount = 0
        isRepaired = context.isRepaired
    }

    private mutating func emit(_ context: Context, _ sink: Sink) {
        sink.log.append(
            ObservedMessage(
                capture: sink.tap.capture,
                interface: sink.tap.interface,
                flow: sink.flow,
                index: messageIndex,
                nanoseconds: context.nanoseconds,
                digest: hash.finish(),
                sequence: startSequence,
                isRepaired: isRepaired
            )
        )
        messageIndex += 1
    }

    /// The report with its topics.
    func makeReport() -> StreamReport.MessageReport {
        var report = report
        report.topics = topics.topics
        report.hasMoreTopics = topics.hasMore
        return report
    }

    private static let noOffset = 0xFFFF
    /// More than any message over PGM is; a length beyond it means that this is something else.
    private static let frameByteCountMax = 1 << 32
}
