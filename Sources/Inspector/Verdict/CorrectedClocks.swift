/// The third stage of a verdict: all times on one clock, that of the first target of which anything is known.
struct CorrectedClocks {
    private let scale: TickScale
    private var offsets: ClockOffsets
    /// By clock; `nil` where nothing joins it to the first one.
    private var estimates: [ClockEstimate?] = []

    init(_ basis: VerdictBasis, _ table: ClockTable, _ matching: MessageMatching) {
        scale = basis.scale
        offsets = ClockOffsets(table, count: basis.clockCount) { basis.knownClock(of: $0) }
        let targets = matching.targets
        let reference = targets.first { $0.clock != nil }?.clock ?? 0
        estimates = offsets.estimates(reference: reference)
        for target in targets {
            guard let clock = target.clock, estimates[clock] == nil,
                let parent = target.parent.map({ targets[$0] }), let other = parent.clock,
                let (smallest, count) = smallestDifference(from: parent, to: target, matching)
            else { continue }
            offsets.addOneWay(from: other, to: clock, smallest: smallest, sampleCount: count)
            estimates = offsets.estimates(reference: reference)
        }
    }

    /// Of the times at which the same messages were seen at both; `nil` when they have none in common.
    ///
    /// A content that each capture has once, at different times, gives a difference that is none; so the few smallest of many
    /// do not count.
    private func smallestDifference(
        from origin: VerdictTarget,
        to target: VerdictTarget,
        _ matching: MessageMatching
    ) -> (smallest: Int64, count: Int)? {
        var differences: [Int64] = []
        for message in 0..<matching.count where !matching.matcher.isRepeated(message) {
            guard let here = target.ticks(of: message), let there = origin.ticks(of: message)
            else { continue }
            differences.append(scale.distance(from: there, to: here))
        }
        guard !differences.isEmpty else { return nil }
        differences.sort()
        return (differences[differences.count / 50], differences.count)
    }

    func estimate(_ clock: Int?) -> ClockEstimate? {
        guard let clock, clock < estimates.count else { return nil }
        return estimates[clock]
    }

    /// Whether times of two clocks can be compared.
    func areJoined(_ left: Int?, _ right: Int?) -> Bool {
        left == right || estimate(left) != nil && estimate(right) != nil
    }

    /// On the first clock; as it is when nothing joins the two.
    func corrected(_ nanoseconds: Int64, clock: Int?) -> Int64 {
        guard let estimate = estimate(clock) else { return nanoseconds }
        return nanoseconds &- estimate.offsetNanoseconds
    }

    /// `nil` when a time, or what joins the clocks, is not known.
    func latency(
        of message: Int,
        from origin: VerdictTarget,
        to target: VerdictTarget
    ) -> Int64? {
        guard let sent = origin.ticks(of: message), let came = target.ticks(of: message),
            let from = estimate(origin.clock), let to = estimate(target.clock)
        else { return nil }
        return scale.distance(from: sent, to: came)
            &- (to.offsetNanoseconds &- from.offsetNanoseconds)
    }

    /// When a target had a message, on the first clock; `nil` when that was not seen.
    func nanoseconds(of message: Int, at target: VerdictTarget) -> Int64? {
        target.ticks(of: message).map { corrected(scale.nanoseconds($0), clock: target.clock) }
    }
}
