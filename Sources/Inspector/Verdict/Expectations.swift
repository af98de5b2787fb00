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
        let feeds = hasPlan ? target.feeds : matching.tracks.filter { $0.arrivals == [index] }
        guard target.parent != nil || !hasPlan else {
            // The root should have whatever was published.
            expectation.wantsEverything = true
            return expectation
        }
        expectation.wantsEverything = feeds.contains(where: \.isPGM)
        expectation.isKnown = !feeds.isEmpty && feeds.allSatisfy { $0.track.hasAllInterests }
        for feed in feeds {
            for interest in feed.track.interests {
                expectation.interests.append(
                    Expectation.Interest(
                        prefix: interest.prefix,
                        since: clocks.corrected(interest.since, clock: feed.clock),
                        until: interest.until.map { clocks.corrected($0, clock: feed.clock) }
                    )
                )
            }
        }
        expectation.startNanoseconds = start(feeds, expectation)
        expectation.endNanoseconds = end(feeds, target)
        if !expectation.isKnown, !expectation.wantsEverything {
            for message in 0..<matching.count where target.has(message) {
                expectation.words.insert(matching.topic(of: message).word)
            }
        }
        return expectation
    }

    private func start(_ feeds: [VerdictTrack], _ expectation: Expectation) -> Int64? {
        if expectation.isKnown, !expectation.wantsEverything { return nil }
        let starts = feeds.compactMap { feed -> Int64? in
            let known = feed.isPGM ? feed.track.startNanoseconds : nil
            return (known ?? feed.firstNanoseconds).map { clocks.corrected($0, clock: feed.clock) }
        }
        return starts.min() ?? .max
    }

    /// What passes later than this may still have been on its way.
    private func end(_ feeds: [VerdictTrack], _ target: VerdictTarget) -> Int64? {
        let clock = feeds.first?.clock ?? target.clock
        guard let clock else { return nil }
        let ends = basis.captures(on: clock).compactMap(\.lastNanoseconds)
        let isPGM = feeds.contains(where: \.isPGM)
        let captureEnd = ends.max().map {
            clocks.corrected($0, clock: clock)
                &- (isPGM ? Self.repairNanoseconds : Self.flightNanoseconds)
        }
        guard !isPGM, !feeds.isEmpty, feeds.allSatisfy({ $0.track.endNanoseconds != nil }),
            let closed = feeds.compactMap(\.track.endNanoseconds).max()
        else { return captureEnd }
        // A subscriber that left wanted no more. A node of the plan is not supposed to leave.
        guard !target.isPlanned else { return captureEnd }
        let left = clocks.corrected(closed, clock: clock) &- Self.flightNanoseconds
        return min(captureEnd ?? .max, left)
    }

    private static let flightNanoseconds: Int64 = 250_000_000
    private static let repairNanoseconds: Int64 = 1_000_000_000
}
