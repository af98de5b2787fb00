/// What each target should have, from what it subscribed to and when it was listening.
struct Expectations {
    private let basis: VerdictBasis
    private let matching: MessageMatching
    private let clocks: CorrectedClocks
    private var hasPlan: Bool { basis.map != nil }

    init(_ basis: VerdictBasis, _ matching: MessageMatching, _ clocks: CorrectedClocks) {
        self.basis = basis
        self.matching = matching
        self.clocks = clocks
    }

    func expectation(of index: Int) -> Expectation {
        let target = matching.targets[index]
        var expectation = Expectation()
        let feeds = feeds(of: index)
        expectation.coverage = coverage(of: index)
        expectation.gaps = gaps(of: target)
        guard target.parent != nil || !hasPlan else {
            // The root should have whatever was published.
            expectation.wantsEverything = true
            expectation.startNanoseconds = startOfRoot(index)
            expectation.endNanoseconds = end(feeds, target, expectation.coverage)
            return expectation
        }
        expectation.wantsEverything = feeds.contains(where: \.isPGM)
        expectation.isKnown = !feeds.isEmpty && feeds.allSatisfy { $0.track.hasAllInterests }
        for feed in feeds {
            // Without a plan nothing says which way a connection goes: what nothing came over may be one to publish on,
            // whose other end wants everything.
            guard hasPlan || feed.messageCount > 0 else {
                if !feed.track.interests.isEmpty { expectation.isKnown = false }
                continue
            }
            for interest in feed.track.interests {
                expectation.interests.append(
                    Expectation.Interest(
                        prefix: interest.prefix,
                        since: clocks.corrected(interest.since, clock: feed.clock),
                        until: interest.until.map { clocks.corrected($0, clock: feed.clock) }
                    )
                )
            }
            if let first = feed.firstMessage {
                let block = matching.order.block(of: first)
                expectation.firstMessages[block] = min(
                    expectation.firstMessages[block] ?? .max,
                    first
                )
            }
        }
        expectation.startNanoseconds = start(feeds, expectation)
        expectation.endNanoseconds = end(feeds, target, expectation.coverage)
        return expectation
    }

    private func feeds(of index: Int) -> [VerdictTrack] {
        hasPlan
            ? matching.targets[index].feeds : matching.tracks.filter { $0.arrivals == [index] }
    }

    /// When the captures were running that would show what a target gets.
    func coverage(of index: Int) -> Coverage {
        let target = matching.targets[index]
        var places = Set(feeds(of: index).map(\.clock))
        if let tap = target.tap { places.insert(tap) }
        if places.isEmpty, let clock = target.clock { places.insert(clock) }
        return Coverage(
            places.sorted().flatMap { clock in
                basis.captures(on: clock).compactMap { capture -> ClosedRange<Int64>? in
                    guard let first = capture.firstNanoseconds, let last = capture.lastNanoseconds
                    else { return nil }
                    let begin = clocks.corrected(first, clock: clock)
                    return begin...max(begin, clocks.corrected(last, clock: clock))
                }
            }
        )
    }

    /// When something is missing that passed above up to a moment before.
    private func gaps(of target: VerdictTarget) -> Coverage {
        Coverage(
            target.gaps.map { gap in
                let begin = gap.range.lowerBound
                let end = gap.range.upperBound
                let first =
                    begin == .min
                    ? Int64.min
                    : clocks.corrected(begin, clock: gap.clock) &- Self.flightNanoseconds
                let last = end == .max ? Int64.max : clocks.corrected(end, clock: gap.clock)
                return first...max(first, last)
            }
        )
    }

    /// Before this, what is missing may have come and not been read.
    private func start(_ feeds: [VerdictTrack], _ expectation: Expectation) -> Int64? {
        if expectation.isKnown, !expectation.wantsEverything { return nil }
        let starts = feeds.compactMap { feed -> Int64? in
            let known = feed.isPGM ? feed.track.startNanoseconds : feed.track.readNanoseconds
            return (known ?? feed.firstNanoseconds).map { clocks.corrected($0, clock: feed.clock) }
        }
        let start = starts.min() ?? expectation.coverage.firstNanoseconds
        return start.map { $0 &+ Expectation.settlingNanoseconds }
    }

    /// What the root had is known by what it sends and is sent, from when on that is read.
    private func startOfRoot(_ index: Int) -> Int64? {
        let starts = matching.tracks.compactMap { track -> Int64? in
            guard track.track.isInMidflow, track.origins.contains(index) else { return nil }
            let read = track.track.readNanoseconds ?? track.firstNanoseconds
            return read.map { clocks.corrected($0, clock: track.clock) }
        }
        return starts.max().map { $0 &+ Expectation.settlingNanoseconds }
    }

    /// What passes later than this may still have been on its way.
    private func end(
        _ feeds: [VerdictTrack],
        _ target: VerdictTarget,
        _ coverage: Coverage
    ) -> Int64? {
        let isPGM = feeds.contains(where: \.isPGM)
        let captureEnd = coverage.lastNanoseconds.map {
            $0 &- (isPGM ? Self.repairNanoseconds : Self.flightNanoseconds)
        }
        guard !isPGM, !feeds.isEmpty, feeds.allSatisfy({ $0.track.endNanoseconds != nil })
        else { return captureEnd }
        // A subscriber that left wanted no more. A node of the plan is not supposed to leave.
        guard !target.isPlanned else { return captureEnd }
        let left = feeds.compactMap { feed in
            feed.track.endNanoseconds.map { clocks.corrected($0, clock: feed.clock) }
        }.max()
        return min(captureEnd ?? .max, left.map { $0 &- Self.flightNanoseconds } ?? .max)
    }

    private static let flightNanoseconds: Int64 = 250_000_000
    private static let repairNanoseconds: Int64 = 1_000_000_000
}
