import Rendering
import TreeBuilder

/// Whether every message reached every tap that the plan, or the taps themselves, say it should; and if not, where each was
/// lost first.
public struct Verdict: Sendable {
    public enum Outcome: String, Sendable {
        case asPlanned = "as-planned"
        case notAsPlanned = "not-as-planned"
        /// The captures do not say enough.
        case undecided
    }

    /// One thing that decided the outcome, or that a reader should know.
    public struct Reason: Sendable, Equatable {
        public enum Effect: String, Sendable {
            /// Makes the outcome `notAsPlanned`.
            case failure
            /// Makes it `undecided` when nothing failed.
            case doubt
            /// Changes nothing.
            case note
        }

        public var effect: Effect
        /// Stable, for programs: `lost`, `duplicated` … All are listed in docs/inspect.md.
        public var code: String
        public var text: String
        public var count: Int

        public init(_ effect: Effect, _ code: String, _ text: String, count: Int = 1) {
            self.effect = effect
            self.code = code
            self.text = text
            self.count = count
        }
    }

    /// What became of all messages at one tap, or at one node of the plan.
    public struct Receiver: Sendable {
        public var name = ""
        /// The tree; `nil` without a plan.
        public var tree: String?
        /// Whom it is served by: the planned parent; without a plan the tap its messages were compared with.
        public var parent: String?
        /// Depth in the tree; without a plan 0 for the first tap and 1 for the others.
        public var level = 0
        /// Captures were taken there, so that what arrived is seen and not only what was sent to it.
        public var hasTap = false
        /// Anything at all is known of it.
        public var isObserved = false
        /// Messages it should have.
        public var expectedCount = 0
        /// Of the expected messages, those that arrived. Each expected message is counted here or in exactly one of the next two.
        public var deliveredCount = 0
        public var lostCount = 0
        /// Missing, where the captures do not show whether they should have arrived.
        public var undecidedCount = 0
        /// Of the undecided: whether it had asked for them is not known; they were not there when the capture ended; no
        /// capture shows the way to it.
        public var interestUnknownCount = 0
        public var pendingCount = 0
        public var unseenWayCount = 0
        /// Of the delivered: part of them came by a repair; more than once; later than the threshold; behind a later one.
        public var repairedCount = 0
        public var duplicatedCount = 0
        public var lateCount = 0
        public var reorderedCount = 0
        /// Not expected: it did not subscribe to them, had not yet when they passed, or the capture ended first.
        public var unwantedCount = 0
        public var beforeJoinCount = 0
        public var inFlightCount = 0
        /// From the root, or the first tap, on corrected clocks.
        public var latency = LogHistogram()
        public var clock: ClockEstimate?
        /// Runs of consecutive lost messages, in order; the first of them.
        public var losses: [MessageRange] = []
        public var leftOutLossCount = 0
    }

    /// Consecutive messages in the order of the root, or the first tap. Numbers count from 1.
    public struct MessageRange: Sendable, Equatable {
        public var first: Int
        public var last: Int
        /// When the first of them passed the place where it was seen last, on that place's clock.
        public var nanoseconds: Int64
        /// The octets their topic begins with, of the first of them.
        public var topic: String
        /// Where it was lost first.
        public var hop: String

        public var count: Int { last - first + 1 }
    }

    /// One edge of the tree, or one comparison of two taps.
    public struct Hop: Sendable {
        public var from: String
        public var to: String
        public var tree: String?
        /// Messages that `from` had and `to` should have; and had.
        public var offeredCount = 0
        public var carriedCount = 0
        /// Lost here first.
        public var lostCount = 0
        /// Of the lost: `from` was not seen to send them; `from` sent them and they did not arrive. The rest is not known.
        public var neverSentCount = 0
        public var lostOnTheWayCount = 0
        /// From `from` to `to`, on corrected clocks.
        public var latency = LogHistogram()
        /// What carried it: `tcp`, `pgm`.
        public var transport: String?
    }

    public var outcome = Outcome.undecided
    /// Failures first, then doubts, then notes.
    public var reasons: [Reason] = []
    /// Different messages that were seen anywhere.
    public var messageCount = 0
    /// In the order of the plan, or of the taps.
    public var receivers: [Receiver] = []
    public var hops: [Hop] = []
    /// The plan's name.
    public var plan: String?
    /// Delivered after more than this counts as late; `nil` = nothing does.
    public var lateNanoseconds: Int64?

    public init() {}
}

/// How far a tap's clock is ahead of the first tap's, and how that is known.
public struct ClockEstimate: Sendable, Equatable {
    public enum Method: String, Sendable {
        /// The clock others are compared with.
        case reference
        /// One file, one clock.
        case sameCapture = "same-capture"
        /// Packets both ways: the shortest differences bound the offset from both sides.
        case bothWays = "both-ways"
        /// Packets one way only: the shortest difference is taken for the offset, as if the way took no time.
        case oneWay = "one-way"
    }

    public var offsetNanoseconds: Int64
    /// The offset is right within this; `nil` when nothing bounds it.
    public var uncertaintyNanoseconds: Int64?
    public var method: Method
    public var sampleCount: Int

    public init(
        offsetNanoseconds: Int64,
        uncertaintyNanoseconds: Int64?,
        method: Method,
        sampleCount: Int
    ) {
        self.offsetNanoseconds = offsetNanoseconds
        self.uncertaintyNanoseconds = uncertaintyNanoseconds
        self.method = method
        self.sampleCount = sampleCount
    }
}

extension Verdict {
    /// Compares what the captures saw, in stages that each are a value. Consumes the log's messages.
    ///
    ///     tracks ─ TrackPlacement ─▶ targets ─ MessageMatching ─▶ message × target ─ CorrectedClocks ─▶ times
    ///                                                                                      │
    ///                                        Verdict ◀─ VerdictExplanation ◀─ VerdictJudge ◀┘
    ///
    /// 1. Every track is given to the targets it says something about: nodes of the plan, or the taps themselves.
    /// 2. Messages get numbers, track by track from the root on; each target gets a bit for each message it had.
    /// 3. What passed several taps tells how their clocks differ.
    /// 4. For every message that a target lacks: should it have it, and who had it last?
    /// 5. The counts become sentences and an outcome.
    ///
    /// - Parameters:
    ///   - log: the messages of all taps.
    ///   - clocks: when the same packets passed the taps.
    ///   - captures: when each capture began and ended, and what it dropped.
    ///   - options: the taps and the plan.
    /// - Returns: what they amount to.
    public static func make(
        log: MessageLog,
        clocks: ClockTable,
        captures: [CaptureReport],
        options: VerdictOptions
    ) -> Verdict {
        let basis = VerdictBasis(log: log, captures: captures, options: options)
        let placement = TrackPlacement(basis)
        let matching = MessageMatching(basis, placement, clocks)
        let judge = VerdictJudge(
            basis,
            placement,
            matching,
            CorrectedClocks(basis, clocks, matching)
        )
        let explanation = VerdictExplanation(
            basis,
            placement,
            messageCount: matching.count,
            judge
        )
        var verdict = Verdict()
        verdict.plan = options.plan?.name
        verdict.lateNanoseconds = options.lateNanoseconds
        verdict.messageCount = matching.count
        verdict.receivers = judge.receivers
        verdict.hops = judge.hops.hops
        verdict.reasons = explanation.reasons
        verdict.outcome = explanation.outcome
        return verdict
    }
}

extension Verdict {
    /// Of a multicast stream a capture at the sender shows what was sent, not what arrived: packets that receivers asked for
    /// in vain make a doubt.
    mutating func consider(_ streams: [StreamReport]) {
        let losers = streams.flatMap(\.receivers).filter { $0.unrepairedCount > 0 }
        guard !losers.isEmpty else { return }
        let count = losers.reduce(0) { $0 + $1.unrepairedCount }
        let addresses = Set(losers.map(\.address)).sorted().map { "\($0)" }
        let reason = Reason(
            .doubt,
            "unrepaired",
            "\(Figures.list(addresses)) asked for \(Figures.count(count, "packet")) that nobody sent "
                + "again: what is there can be told only by a capture there",
            count: count
        )
        reasons.insert(reason, at: reasons.firstIndex { $0.effect == .note } ?? reasons.count)
        if outcome == .asPlanned { outcome = .undecided }
    }
}
