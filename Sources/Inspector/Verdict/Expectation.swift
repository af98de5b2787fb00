/// Which messages a target should have: what it subscribed to, from when, until when, and since when that is known.
struct Expectation {
    enum Answer {
        case yes
        /// It did not ask for such topics.
        case no
        /// It asked for them at another time, or what it got then was not captured.
        case notYet
        /// What it asked for was not captured, and nothing that it got says it.
        case unknown
        /// The capture, or the connection, ended too soon to tell.
        case inFlight
        /// It was not there a while later, when the capture ended: late, or lost.
        case pending
    }

    /// One prefix, on the first clock.
    struct Interest {
        var prefix: [UInt8]
        var since: Int64
        var until: Int64?
    }

    var interests: [Interest] = []
    /// All that it subscribed to is known.
    var isKnown = false
    /// A group's member gets whatever is sent to it.
    var wantsEverything = false
    /// Nothing can be said of what passes before this.
    var startNanoseconds: Int64?
    /// Nothing can be said of what passes after this.
    var endNanoseconds: Int64?
    /// When the captures at hand were running; empty when that is not known.
    var coverage = Coverage()
    /// When these captures lacked something.
    var gaps = Coverage()
    /// By block: the first message that could be seen.
    var firstMessages: [Int: Int] = [:]

    /// - Parameters:
    ///   - topic: of the message.
    ///   - nanoseconds: when it passed the place above.
    ///   - place: where it stands among those that the target had.
    ///   - message: its number, and the block it is in.
    ///   - isWanted: it was sent to the target, or the target had what it would not have had without wanting this.
    ///   - isTimeKnown: something joins the clocks of the two places.
    ///   - hadBefore: whether a message with such a prefix came shortly before.
    /// - Returns: whether the target should have it.
    func answer(
        _ topic: TopicPrefix,
        at nanoseconds: Int64,
        _ place: Extent.Place,
        _ message: (number: Int, block: Int),
        isWanted: Bool,
        isTimeKnown: Bool = true,
        hadBefore: ([UInt8]) -> Bool
    ) -> Answer {
        // Without a common clock the order of the messages alone tells anything.
        guard isTimeKnown || place == .between else {
            return place == .after ? .pending : .notYet
        }
        guard !isTimeKnown || coverage.mayShow(nanoseconds) else {
            return nanoseconds < coverage.firstNanoseconds ?? .min ? .notYet : .inFlight
        }
        let interest =
            isWanted || wantsEverything
            ? Answer.yes
            : answer(topic, at: nanoseconds, place == .between ? hadBefore : { _ in false })
        // What is not wanted is missed at no time.
        if interest == .no || interest == .notYet { return interest }
        if place == .before || place == .elsewhere, isBeforeStart(nanoseconds, place, message) {
            return .notYet
        }
        if place == .after || place == .elsewhere, let answer = answerAtEnd(nanoseconds),
            answer == .inFlight || interest == .yes
        {
            return answer
        }
        return interest
    }

    private func isBeforeStart(
        _ nanoseconds: Int64,
        _ place: Extent.Place,
        _ message: (number: Int, block: Int)
    ) -> Bool {
        if let first = firstMessages[message.block] { return message.number < first }
        // Where listening began is not known: the first that came is the first that could.
        if place == .before, !isKnown || wantsEverything { return true }
        return startNanoseconds.map { nanoseconds < $0 } ?? false
    }

    private func answerAtEnd(_ nanoseconds: Int64) -> Answer? {
        if let endNanoseconds, nanoseconds > endNanoseconds { return .inFlight }
        guard let end = coverage.lastNanoseconds else { return nil }
        return nanoseconds > end &- Self.patienceNanoseconds ? .pending : nil
    }

    private func answer(
        _ topic: TopicPrefix,
        at nanoseconds: Int64,
        _ hadBefore: ([UInt8]) -> Bool
    ) -> Answer {
        var answer = isKnown ? Answer.no : Answer.unknown
        for interest in interests {
            switch topic.matches(interest.prefix) {
            case .no: continue
            case .possible: if answer == .no { answer = .unknown }
            case .yes:
                // A subscription takes a moment to arrive, unless messages came already.
                let isMade =
                    nanoseconds >= interest.since &+ Self.settlingNanoseconds
                    || hadBefore(interest.prefix)
                if isMade, nanoseconds < (interest.until ?? .max) { return .yes }
                if answer == .no { answer = .notYet }
            }
        }
        return answer
    }

    static let settlingNanoseconds: Int64 = 1_000_000_000
    /// Who has not got a message after this time, while others came or could have come, has lost it.
    private static let patienceNanoseconds: Int64 = 10_000_000_000
}

/// When the captures that show what a target gets were running, on the first clock.
struct Coverage {
    /// In order, apart from each other.
    private var intervals: [ClosedRange<Int64>] = []

    init(_ captures: [ClosedRange<Int64>] = []) {
        for capture in captures.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = intervals.last,
                capture.lowerBound <= last.upperBound
                    || capture.lowerBound &- last.upperBound <= Self.pauseNanoseconds
            {
                intervals[intervals.count - 1] =
                    last.lowerBound...max(last.upperBound, capture.upperBound)
            } else {
                intervals.append(capture)
            }
        }
    }

    var firstNanoseconds: Int64? { intervals.first?.lowerBound }
    var lastNanoseconds: Int64? { intervals.last?.upperBound }

    /// Whether a time is in one of them.
    func contains(_ nanoseconds: Int64) -> Bool {
        intervals.contains { $0.contains(nanoseconds) }
    }

    /// Whether what passes another place at this time may be missed here: a capture was running, and went on running.
    func mayShow(_ nanoseconds: Int64) -> Bool {
        guard !intervals.isEmpty else { return true }
        return intervals.contains {
            nanoseconds >= $0.lowerBound && nanoseconds <= $0.upperBound
        }
    }

    /// One file ends and the next begins.
    private static let pauseNanoseconds: Int64 = 1_000_000_000
}
