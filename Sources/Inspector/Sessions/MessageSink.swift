/// Hands the messages of one direction of a connection to the log of a verdict.
final class MessageSink {
    private let log: MessageLog
    private let tap: Tap
    private let flow: Int
    /// The opposite direction: what this side subscribes to is about the messages of that.
    private let oppositeFlow: Int
    private var isFromClient = false
    private var hash = MessageHash()
    private var index = 0

    /// A place to return to.
    struct Mark {
        fileprivate var index: Int
        fileprivate var own: MessageTrack.Mark
        fileprivate var opposite: MessageTrack.Mark
    }

    init(log: MessageLog, tap: Tap, flow: Int, oppositeFlow: Int) {
        self.log = log
        self.tap = tap
        self.flow = flow
        self.oppositeFlow = oppositeFlow
    }

    func append(_ piece: UnsafeRawBufferPointer) { hash.append(piece) }
    func endFrame() { hash.endFrame() }
    func abandonMessage() { hash = MessageHash() }

    /// The last frame has ended.
    func endMessage(at nanoseconds: Int64, isRepaired: Bool) {
        log.append(
            ObservedMessage(
                capture: tap.capture,
                interface: tap.interface,
                flow: flow,
                index: index,
                nanoseconds: nanoseconds,
                digest: hash.finish(),
                isRepaired: isRepaired
            )
        )
        index += 1
    }

    /// The capture lacks octets: messages, and subscriptions too.
    func handleGap() {
        log.handleCaptureGap(in: flow, at: tap)
        log.handleInterestGap(of: oppositeFlow, at: tap)
    }

    /// `isWhole`: the connection is captured from its start, so no subscription can be missed.
    func handleOpening(isFromClient: Bool, isWhole: Bool, at nanoseconds: Int64) {
        self.isFromClient = isFromClient
        log.handleConnection(of: flow, at: tap, isWhole: isWhole, nanoseconds: nanoseconds)
    }

    /// This side is read from its first octet, although the connection's opening is not captured.
    func handleBeginning() { log.handleOpening(of: oppositeFlow, at: tap) }

    /// From here on messages are read.
    func handleReading(at nanoseconds: Int64) {
        log.handleReading(of: flow, at: tap, nanoseconds: nanoseconds)
    }

    /// The last that was captured of this side.
    func handleLast(at nanoseconds: Int64) {
        log.handleLast(of: flow, at: tap, nanoseconds: nanoseconds)
    }

    func mark() -> Mark {
        Mark(
            index: index,
            own: log.mark(flow, at: tap),
            opposite: log.mark(oppositeFlow, at: tap)
        )
    }

    /// What was handed on since was none.
    func rewind(to mark: Mark) {
        index = mark.index
        hash = MessageHash()
        log.rewindMessages(of: flow, at: tap, to: mark.own)
        log.rewindInterests(of: oppositeFlow, at: tap, to: mark.opposite)
    }

    func handleEnding(at nanoseconds: Int64) {
        log.handleEnd(of: flow, at: tap, nanoseconds: nanoseconds)
    }

    func handlePublishing() { log.updateFacts(of: flow) { $0.isPublishing = true } }

    func handleEncryption() { log.updateFacts(of: flow) { $0.isEncrypted = true } }

    func handleInterest(_ prefix: [UInt8], isSubscribe: Bool, at nanoseconds: Int64) {
        log.handleInterest(
            in: oppositeFlow,
            at: tap,
            prefix: prefix,
            isSubscribe: isSubscribe,
            nanoseconds: nanoseconds
        )
    }

    /// This side has said all that it says of itself.
    func handleIntroduction() {
        guard isFromClient else { return }
        for flow in [flow, oppositeFlow] { log.updateFacts(of: flow) { $0.isClientKnown = true } }
    }

    /// This side says who it is. A relay connects to its parent, so it is the client.
    func handleNode(_ node: String, tree: String?) {
        for flow in [flow, oppositeFlow] {
            log.updateFacts(of: flow) {
                $0.isClientKnown = true
                $0.clientNode = node
                $0.tree = tree
            }
        }
    }
}
