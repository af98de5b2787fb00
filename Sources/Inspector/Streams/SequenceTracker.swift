import PGM

/// Which sequence numbers a tap has had: order, gaps, doubles, and numbering that begins anew.
///
///     first ●●●●○○●●●●●●○●●●●●●● next        ● had   ○ missing (a gap)
///           0                  nextPlace
///
/// Every number has a *place*, counted from the first one seen; places do not wrap. A number far from where the stream is
/// is a stray until others follow it: one forged or very old packet must not make a million numbers missing.
struct SequenceTracker {
    enum Arrival: Equatable {
        /// The number that was expected, or the first of all.
        case next
        /// Beyond what was expected: so many are missing now.
        case ahead(missing: Int)
        /// Filled a gap, so many numbers behind the newest.
        case late(distance: Int)
        /// Had already. `isDoubled` when the first was less than `doubleNanosecondsMax` ago.
        case again(isDoubled: Bool)
        /// Older than the first number of this tap.
        case beforeFirst
        /// Too far from the stream to be believed.
        case stray
        /// The source counts from elsewhere: what was missing stays missing.
        case restarted
    }

    private(set) var first: SequenceNumber?
    private(set) var next = SequenceNumber(0)
    private(set) var nextPlace = 0
    private(set) var gaps: GapSet
    private(set) var resetCount = 0
    /// Gaps that were given up because there were too many, or the numbering began anew; the owner takes them.
    var abandoned: [GapSet.Gap] = []

    /// When the newest numbers came, by the lowest bits of their place.
    private var recentTimes = [Int64](repeating: .min, count: Self.recentCount)
    private var stray: SequenceNumber?
    private var lastAgain: SequenceNumber?
    private var resetEvidence = 0

    init(gapCountMax: Int) {
        gaps = GapSet(rangeCountMax: gapCountMax)
    }

    var last: SequenceNumber? { first == nil ? nil : next - 1 }

    /// How many numbers went by, from the first to the newest.
    var span: Int { nextPlace - resetCount * Self.recentCount }

    /// The place of a number, by the distance from the newest.
    func place(of number: SequenceNumber) -> Int { nextPlace + number.distance(from: next) }

    func number(at place: Int) -> SequenceNumber { next + (place - nextPlace) }

    func isMissing(_ number: SequenceNumber) -> Bool {
        first != nil && !gaps.isEmpty && gaps.contains(place(of: number))
    }

    /// Whether a number was sent before this tap listened; so it may be when nothing was seen yet.
    func isBeforeFirst(_ number: SequenceNumber) -> Bool {
        first.map { $0.isAfter(number) } ?? true
    }

    /// `trailSteps` says how far the packet's trail is ahead of the trail known so far; a source's trail never goes back.
    mutating func handleODATA(
        _ number: SequenceNumber,
        trailSteps: Int,
        at nanoseconds: Int64
    ) -> Arrival {
        if number == next, first != nil {
            advance(nanoseconds)
            resetEvidence = 0
            return .next
        }
        guard first != nil else {
            first = number
            next = number
            advance(nanoseconds)
            return .next
        }
        return handleUnexpected(number, trailSteps: trailSteps, at: nanoseconds)
    }

    /// RDATA moves the stream on like ODATA (it can be the first news of the end of a burst), but never restarts it.
    /// Gives when its absence was noticed if this tap had lacked it.
    mutating func handleRDATA(_ number: SequenceNumber, at nanoseconds: Int64) -> Int64? {
        guard first != nil else { return nil }
        let distance = number.distance(from: next)
        guard distance >= 0 else { return gaps.remove(nextPlace + distance) }
        guard distance < Self.jumpMax else { return nil }
        skip(distance, at: nanoseconds)
        advance(nanoseconds)
        return nanoseconds
    }

    /// Everything up to `lead` was sent: what is beyond the newest number seen is missing.
    mutating func handleEnd(lead: SequenceNumber, at nanoseconds: Int64) {
        guard first != nil else { return }
        let distance = lead.distance(from: next) + 1
        guard distance > 0, distance < Self.jumpMax else { return }
        skip(distance, at: nanoseconds)
    }

    mutating func removeGap(before place: Int, noticedBefore nanoseconds: Int64) -> GapSet.Gap? {
        gaps.removeFirst(before: place, noticedBefore: nanoseconds)
    }

    mutating func removeAllGaps() -> [GapSet.Gap] { Array(gaps.removeAll()) }

    /// The number is not to be waited for any longer, whatever became of it.
    mutating func giveUp(_ number: SequenceNumber) -> Bool {
        gaps.remove(place(of: number)) != nil
    }

    // MARK: -

    private mutating func advance(_ nanoseconds: Int64) {
        recentTimes[nextPlace & (Self.recentCount - 1)] = nanoseconds
        next = next + 1
        nextPlace += 1
    }

    private mutating func skip(_ count: Int, at nanoseconds: Int64) {
        guard count > 0 else { return }
        let gap = GapSet.Gap(
            first: nextPlace,
            last: nextPlace + count - 1,
            nanoseconds: nanoseconds
        )
        if let given = gaps.append(gap) { abandoned.append(given) }
        next = next + count
        nextPlace += count
    }

    private mutating func handleUnexpected(
        _ number: SequenceNumber,
        trailSteps: Int,
        at nanoseconds: Int64
    ) -> Arrival {
        let distance = number.distance(from: next)
        if distance >= 0 {
            guard distance < Self.jumpMax || isFollowing(stray, number) else {
                stray = number
                return .stray
            }
            // Beyond a quarter of the range nothing can be said about what is between.
            guard distance < 1 << 30 else { return restart(at: number, nanoseconds) }
            stray = nil
            skip(distance, at: nanoseconds)
            advance(nanoseconds)
            return .ahead(missing: distance)
        }
        let place = nextPlace + distance
        if gaps.remove(place) != nil {
            recentTimes[place & (Self.recentCount - 1)] = nanoseconds
            return .late(distance: -distance)
        }
        let isRecent = -distance <= Self.recentCount
        let past = isRecent && place >= 0 ? recentTimes[place & (Self.recentCount - 1)] : .min
        let (age, overflows) = nanoseconds.subtractingReportingOverflow(past)
        if !overflows, age <= Self.doubleNanosecondsMax { return .again(isDoubled: true) }
        // What the source sends in order a second time, with a trail that went back, is a new count.
        if isFollowing(lastAgain, number) {
            resetEvidence += trailSteps < 0 ? 8 : 1
        } else {
            resetEvidence = 0
        }
        lastAgain = number
        if resetEvidence >= Self.resetEvidenceMin { return restart(at: number, nanoseconds) }
        if place >= 0 { return .again(isDoubled: false) }
        return -distance < Self.jumpMax ? .beforeFirst : .stray
    }

    private func isFollowing(_ earlier: SequenceNumber?, _ number: SequenceNumber) -> Bool {
        earlier.map { number == $0 + 1 } ?? false
    }

    private mutating func restart(at number: SequenceNumber, _ nanoseconds: Int64) -> Arrival {
        abandoned.append(contentsOf: gaps.removeAll())
        resetCount += 1
        resetEvidence = 0
        stray = nil
        lastAgain = nil
        next = number
        // Places before belong to the old count; a place apart keeps them from meeting.
        nextPlace += Self.recentCount
        advance(nanoseconds)
        return .restarted
    }

    private static let recentCount = 64
    private static let jumpMax = 1 << 20
    static let resetEvidenceMin = 32
    /// A mirror that copies a packet twice does so within this time.
    static let doubleNanosecondsMax: Int64 = 5_000_000
}
