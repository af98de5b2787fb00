import PGM
import TreeBuilder

/// Makes a verdict from what the captures saw.
///
///     tracks ─ whose? ─▶ targets ─ match ─▶ message × target ─ judge ─▶ verdict
///
/// 1. Every track is given to the targets it says something about: nodes of the plan, or the taps themselves.
/// 2. Messages get numbers, track by track from the root on; each target gets a bit for each message it had.
/// 3. For every message that a target lacks: should it have it, and who had it last?
struct VerdictBuilder {
    let log: MessageLog
    let options: VerdictOptions
    let captures: [CaptureReport]
    let map: PlanMap?
    let tapNames: [String]

    var targets: [VerdictTarget] = []
    var tracks: [VerdictTrack] = []
    var clocks: ClockOffsets
    var estimates: [ClockEstimate?] = []
    var matcher = MessageMatcher()
    /// By message: the track it was seen in first, and when.
    var firstTracks: [UInt32] = []
    var firstTicks: [UInt32] = []
    /// Where the messages of another track begin: within a block numbers are in the order of one track.
    var blockStarts: [Int] = []
    /// By track: the first track it shares messages with.
    var kin: [Int] = []
    var verdict = Verdict()

    // Times are kept as ticks since a base, so that they take four octets.
    private(set) var baseNanoseconds: Int64 = 0
    private(set) var tickNanoseconds: Int64 = 1
    var unplacedTrackCount = 0
    var unplacedMessageCount = 0
    /// Subscribers outside the plan, and those for which there was no room.
    var extraTargetCount = 0
    var leftOutTargetCount = 0
    var ambiguousLossCount = 0

    init(
        log: MessageLog,
        clocks: ClockTable,
        captures: [CaptureReport],
        options: VerdictOptions
    ) {
        self.log = log
        self.options = options
        self.captures = captures
        map = options.plan.map { PlanMap($0) }
        let names = options.tapNames
        tapNames = names
        self.clocks = ClockOffsets(clocks, count: names.count + captures.count) { place in
            Self.clock(of: place, options, names, captureCount: captures.count)
        }
        setTicks()
    }

    /// A tap has one clock; a capture that no tap claims has its own.
    private static func clock(
        of place: Place,
        _ options: VerdictOptions,
        _ names: [String],
        captureCount: Int
    ) -> Int? {
        if let tap = options.tapIndex(of: place, names: names) { return tap }
        return place.capture < captureCount ? names.count + place.capture : nil
    }

    mutating func build() -> Verdict {
        verdict.plan = options.plan?.name
        verdict.lateNanoseconds = options.lateNanoseconds
        if map == nil { makeTapTargets() } else { makePlanTargets() }
        for track in log.tracks { place(track) }
        orderTracks()
        for index in tracks.indices { match(index) }
        verdict.messageCount = matcher.count
        if map == nil { chooseParents() }
        implyFromBelow()
        estimateClocks()
        for index in targets.indices { judge(index) }
        conclude()
        return verdict
    }

    private mutating func setTicks() {
        var first = Int64.max
        var last = Int64.min
        for track in log.tracks {
            for row in [track.first, track.last].compactMap({ $0 }) {
                first = min(first, row.nanoseconds)
                last = max(last, row.nanoseconds)
            }
        }
        guard first <= last else { return }
        // Clocks may differ and packets may come out of turn, so there is room on both sides.
        let (span, overflows) = last.subtractingReportingOverflow(first)
        let room = overflows ? Int64.max / 4 : min(span, .max / 4) + 2_000_000_000
        baseNanoseconds = first < .min + room ? .min : first - room / 2
        tickNanoseconds = max(1, room * 2 / Int64(UInt32.max) + 1)
    }

    func ticks(_ nanoseconds: Int64) -> UInt32 {
        let (distance, overflows) = nanoseconds.subtractingReportingOverflow(baseNanoseconds)
        return overflows ? 0 : UInt32(clamping: distance / tickNanoseconds)
    }

    /// On the clock of who saw it.
    func nanoseconds(_ ticks: UInt32) -> Int64 {
        baseNanoseconds &+ Int64(ticks) &* tickNanoseconds
    }

    /// On the first clock; as it is when nothing joins the two.
    func corrected(_ nanoseconds: Int64, clock: Int?) -> Int64 {
        guard let clock, clock < estimates.count, let estimate = estimates[clock] else {
            return nanoseconds
        }
        return nanoseconds &- estimate.offsetNanoseconds
    }

    func clock(of place: Place) -> Int {
        Self.clock(of: place, options, tapNames, captureCount: captures.count) ?? 0
    }
}
