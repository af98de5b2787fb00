import PGM

/// The messages of all flows at all taps: what a verdict is made from.
///
/// Exists only when a verdict is asked for. A message takes 24 octets for each flow and capture that saw it.
public final class MessageLog {
    private var flowIDs: [FlowKey: Int] = [:]
    /// By the id that `flow(_:)` gives.
    public private(set) var flows: [FlowKey] = []
    /// In the order of their first message or note.
    private(set) var tracks: [MessageTrack] = []
    private var trackIndexes: [TrackKey: Int] = [:]
    private var lastTrack: MessageTrack?
    private(set) var topics = TopicTable()
    /// What is known of the ends of a flow, by flow.
    private(set) var facts: [FlowFacts] = []

    private struct TrackKey: Hashable {
        var flow: Int
        var tap: Tap
    }

    public init() {}

    /// The id of a flow: dense, from 0, the same for all captures.
    public func flow(_ key: FlowKey) -> Int {
        if let id = flowIDs[key] { return id }
        let id = flows.count
        flowIDs[key] = id
        flows.append(key)
        facts.append(FlowFacts())
        return id
    }

    /// A whole message went by. Messages of one flow at one capture come in the order of the stream.
    public func append(_ message: ObservedMessage) {
        let topic = UInt32(truncatingIfNeeded: topics.id(of: message.digest.topic))
        track(message.flow, Tap(capture: message.capture, interface: message.interface)).append(
            MessageTrack.Row(
                hash: message.digest.hash,
                nanoseconds: message.nanoseconds,
                sequence: message.sequence?.rawValue ?? 0,
                topicAndRepaired: topic << 1 | (message.isRepaired ? 1 : 0)
            )
        )
    }

    /// From here on who is behind this capture listens to the flow: a subscription was made, or the stream's first packet
    /// of any kind (an SPM too) was seen. The earliest counts.
    public func handleStart(of flow: Int, at tap: Tap, nanoseconds: Int64) {
        let track = track(flow, tap)
        track.startNanoseconds = min(track.startNanoseconds ?? nanoseconds, nanoseconds)
    }

    /// The flow ended: its connection was closed, its source said goodbye.
    public func handleEnd(of flow: Int, at tap: Tap, nanoseconds: Int64) {
        track(flow, tap).endNanoseconds = nanoseconds
    }

    /// The capture, not the network, lacks a part of the flow: after the last message that was appended.
    public func handleCaptureGap(in flow: Int, at tap: Tap) {
        track(flow, tap).appendGap()
    }

    /// The receiver of a flow subscribed or cancelled.
    func handleInterest(
        in flow: Int,
        at tap: Tap,
        prefix: [UInt8],
        isSubscribe: Bool,
        nanoseconds: Int64
    ) {
        let track = track(flow, tap)
        track.handleInterest(prefix, isSubscribe: isSubscribe, nanoseconds: nanoseconds)
        if isSubscribe, track.startNanoseconds == nil { track.startNanoseconds = nanoseconds }
    }

    /// The connection of a flow is seen from its start, so no subscription can be missed.
    func handleOpening(of flow: Int, at tap: Tap) {
        track(flow, tap).hasAllInterests = true
    }

    /// What the receiver of a flow said was not captured in full.
    func handleInterestGap(of flow: Int, at tap: Tap) {
        track(flow, tap).hasAllInterests = false
    }

    /// A connection was captured, whatever will be found in it. `isWhole`: from its first octet on.
    func handleConnection(of flow: Int, at tap: Tap, isWhole: Bool, nanoseconds: Int64) {
        let track = track(flow, tap)
        track.handleSegment(at: nanoseconds)
        if isWhole {
            track.hasOpening = true
            track.hasAllInterests = true
        }
    }

    /// Messages of a flow are read from here on.
    func handleReading(of flow: Int, at tap: Tap, nanoseconds: Int64) {
        let track = track(flow, tap)
        track.readNanoseconds = track.readNanoseconds ?? nanoseconds
    }

    /// The last that was captured of a flow, whether it could be read or not.
    func handleLast(of flow: Int, at tap: Tap, nanoseconds: Int64) {
        track(flow, tap).handleSegment(at: nanoseconds)
    }

    /// The number of the stream's first packet that a tap can have: those before were sent before it listened.
    func handleFirstSequence(_ number: SequenceNumber, of flow: Int, at tap: Tap) {
        let track = track(flow, tap)
        track.firstSequence = track.firstSequence ?? number
    }

    func mark(_ flow: Int, at tap: Tap) -> MessageTrack.Mark { track(flow, tap).mark }

    func rewindMessages(of flow: Int, at tap: Tap, to mark: MessageTrack.Mark) {
        track(flow, tap).rewindMessages(to: mark)
    }

    func rewindInterests(of flow: Int, at tap: Tap, to mark: MessageTrack.Mark) {
        track(flow, tap).rewindInterests(to: mark)
    }

    /// Adds to what is known of a flow's ends.
    func updateFacts(of flow: Int, _ change: (inout FlowFacts) -> Void) {
        change(&facts[flow])
    }

    private func track(_ flow: Int, _ tap: Tap) -> MessageTrack {
        if let lastTrack, lastTrack.flow == flow, lastTrack.tap == tap { return lastTrack }
        precondition(flows.indices.contains(flow), "a flow's id comes from flow(_:)")
        let key = TrackKey(flow: flow, tap: tap)
        let track: MessageTrack
        if let index = trackIndexes[key] {
            track = tracks[index]
        } else {
            track = MessageTrack(flow: flow, tap: tap)
            trackIndexes[key] = tracks.count
            tracks.append(track)
        }
        lastTrack = track
        return track
    }
}
