/// Hands the messages of one direction of a connection to the log of a verdict.
final class MessageSink {
    private let log: MessageLog
    private let tap: Tap
    private let flow: Int
    /// The opposite direction: what this side subscribes to is about the messages of that.
    private let oppositeFlow: Int
    private var hash = MessageHash()
    private var index = 0

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

    func handleGap() { log.handleCaptureGap(in: flow, at: tap) }

    /// `isWhole`: the connection is captured from its start, so no subscription can be missed.
    func handleOpening(isFromClient: Bool, isWhole: Bool) {
        if isWhole { log.handleOpening(of: flow, at: tap) }
        log.updateFacts(of: flow) { $0.isFromClient = isFromClient }
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

    /// This side says who it is. A relay connects to its parent, so it is the client.
    func handleNode(_ node: String, tree: String?) {
        for flow in [flow, oppositeFlow] {
            log.updateFacts(of: flow) {
                $0.clientNode = node
                $0.tree = tree
            }
        }
    }
}
