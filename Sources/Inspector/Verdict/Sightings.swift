/// Who had a message on its way to a target, and where it was lost.
struct Sightings {
    /// Who had a message last, and when.
    struct Sighting {
        /// The target that had it, nearest above; `nil` when only somebody else had it.
        var target: Int?
        /// On the first clock.
        var nanoseconds: Int64
        /// The clock it was read from.
        var clock: Int?
    }

    private let hasPlan: Bool
    private let matching: MessageMatching
    private let clocks: CorrectedClocks
    /// By target: when what it gets was captured.
    private let coverages: [Coverage]
    private var targets: [VerdictTarget] { matching.targets }

    init(
        _ basis: VerdictBasis,
        _ matching: MessageMatching,
        _ clocks: CorrectedClocks,
        _ coverages: [Coverage]
    ) {
        hasPlan = basis.map != nil
        self.matching = matching
        self.clocks = clocks
        self.coverages = coverages
    }

    /// The last sighting on the way to a target; `nil` without a plan when no other tap had it.
    func last(of message: Int, above index: Int) -> Sighting? {
        let first = Sighting(
            target: nil,
            nanoseconds: clocks.corrected(
                matching.firstNanoseconds(of: message),
                clock: matching.firstTrack(of: message).clock
            ),
            clock: matching.firstTrack(of: message).clock
        )
        guard hasPlan else {
            let other = targets.indices.first { $0 != index && targets[$0].has(message) }
            return other.map { sighting(of: message, at: $0) ?? first }
        }
        var at = targets[index].parent
        while let here = at {
            if targets[here].has(message) {
                return sighting(of: message, at: here)
                    ?? Sighting(
                        target: here,
                        nanoseconds: first.nanoseconds,
                        clock: first.clock
                    )
            }
            at = targets[here].parent
        }
        return first
    }

    private func sighting(of message: Int, at target: Int) -> Sighting? {
        clocks.nanoseconds(of: message, at: targets[target]).map {
            Sighting(target: target, nanoseconds: $0, clock: targets[target].clock)
        }
    }

    /// The first hop on the way at which the message is missing; nodes of which nothing is known at that time are stepped
    /// over.
    func losingHop(of message: Int, to index: Int, _ seen: Sighting) -> (from: Int?, to: Int) {
        guard hasPlan else { return (seen.target ?? targets[index].parent, index) }
        var below = index
        var at = targets[index].parent
        while let here = at {
            if targets[here].has(message) { return (here, below) }
            let isObserved =
                (targets[here].parent == nil || !targets[here].feeds.isEmpty)
                && coverages[here].mayShow(seen.nanoseconds)
            if isObserved { below = here }
            at = targets[here].parent
        }
        return (nil, below)
    }

    /// Whether a capture at `from` shows what it sends to a target.
    func isSendingSeen(from: Int?, to index: Int) -> Bool {
        guard let from, let tap = targets[from].tap else { return false }
        return matching.tracks.contains { $0.tap == tap && $0.departures.contains(index) }
    }

    /// The root of a target's tree; without a plan, the first tap.
    func root(of index: Int) -> VerdictTarget? {
        guard hasPlan else { return targets.first }
        var at = index
        while let parent = targets[at].parent { at = parent }
        return targets[at]
    }
}
