/// Why a target lacks a message that passed above it.
///
/// That it is not there accuses nobody by itself: what a target asked for, and whether a capture would show what it got, must be
/// known for the time in question.
struct Absence {
    enum Reason {
        case unwanted, beforeJoin, inFlight, lost
        case doubtful(Doubt)
    }

    enum Doubt {
        /// The capture has a gap there, or dropped packets.
        case capture
        /// What it had subscribed to is not known.
        case interest
        /// It was not there yet when the capture ended.
        case pending
        /// No capture shows the way there.
        case way
    }

    let extent: Extent
    private let expectation: Expectation
    private let target: VerdictTarget
    private let matching: MessageMatching
    /// What came says what was subscribed to; `nil` when that is known anyhow.
    private let delivered: DeliveredTopics?
    /// Without a plan: connections that this tap saw, too. What passed another tap on one of them was sent to this one.
    private let flows: Set<Int>
    private let didDrop: Bool

    init(_ expectation: Expectation, _ index: Int, _ matching: MessageMatching, dropCount: Int) {
        self.expectation = expectation
        self.matching = matching
        target = matching.targets[index]
        extent = Extent(of: target, matching)
        let isOpen = !expectation.isKnown && !expectation.wantsEverything
        delivered = isOpen ? DeliveredTopics(of: target, matching) : nil
        flows =
            matching.basis.map == nil
            ? Set(matching.tracks.filter { $0.arrivals == [index] }.map(\.track.flow)) : []
        didDrop = dropCount > 0
    }

    /// `nanoseconds`: when the message passed the place above.
    func reason(
        of message: Int,
        _ nanoseconds: Int64,
        isTimeKnown: Bool,
        isWayKnown: Bool
    ) -> Reason {
        let topic = matching.topic(of: message)
        // In a gap of its capture a target may have had what others number elsewhere; only time tells.
        let place = extent.place(
            of: message,
            isWithinBlock: !isTimeKnown && !target.gaps.isEmpty
        )
        let flags = target.flags(of: message)
        let isWanted =
            flags & VerdictTarget.Flags.sent != 0
            || flows.contains(matching.firstTrack(of: message).track.flow)
            || delivered?.isSubscribed(topic, message) == true
        let answer = expectation.answer(
            topic,
            at: nanoseconds,
            place,
            (message, matching.order.block(of: message)),
            isWanted: isWanted,
            isTimeKnown: isTimeKnown,
            hadBefore: { hadBefore(message, $0) }
        )
        switch answer {
        case .no: return .unwanted
        case .notYet: return .beforeJoin
        case .inFlight: return .inFlight
        case .pending: return .doubtful(.pending)
        case .unknown: return .doubtful(.interest)
        case .yes:
            let isInGap =
                flags & VerdictTarget.Flags.gap != 0 || expectation.gaps.contains(nanoseconds)
            if isInGap || didDrop { return .doubtful(.capture) }
            return isWayKnown || place == .between ? .lost : .doubtful(.way)
        }
    }

    /// Whether a message whose topic begins with a prefix came shortly before another.
    private func hadBefore(_ message: Int, _ prefix: [UInt8]) -> Bool {
        matching.order.recent(before: message, count: Self.lookCountMax).contains {
            target.has($0) && matching.topic(of: $0).matches(prefix) == .yes
        }
    }

    private static let lookCountMax = 256
}
