import PGM

/// The second stage: every message gets a number, and every target a note for each message it had.
///
/// Messages are numbered track by track from the root on. Messages that were first seen in one track form a block, within
/// which numbers are in that track's order; how blocks stand to each other, the `order` knows.
struct MessageMatching {
    let basis: VerdictBasis
    let tracks: [VerdictTrack]
    let targets: [VerdictTarget]
    private(set) var matcher = MessageMatcher()
    /// By message: the track it was seen in first, and when.
    private var firstTracks: [UInt32] = []
    private var firstTicks: [UInt32] = []
    private(set) var order = MessageOrder()
    /// By track: the first track it shares messages with.
    private var kin: [Int]

    /// How far each clock is ahead of the first, as packets show it; `nil` where they do not.
    private let offsets: [Int64?]

    /// Consumes the messages of the tracks.
    init(_ basis: VerdictBasis, _ placement: TrackPlacement, _ clocks: ClockTable) {
        self.basis = basis
        let clock = placement.tracks.first?.clock ?? 0
        offsets = ClockOffsets(clocks, count: basis.clockCount) { basis.knownClock(of: $0) }
            .estimates(reference: clock).map { $0?.offsetNanoseconds }
        tracks = placement.tracks
        targets = placement.targets
        kin = Array(placement.tracks.indices)
        for index in tracks.indices { match(index) }
        if basis.map == nil { chooseParents() } else { implyFromBelow() }
    }

    var count: Int { matcher.count }

    func topic(of message: Int) -> TopicPrefix {
        basis.log.topics.topics[Int(matcher.topics[message])]
    }

    /// The track in which a message was seen first.
    func firstTrack(of message: Int) -> VerdictTrack { tracks[Int(firstTracks[message])] }

    /// The time of that first sighting, on the track's clock.
    func firstNanoseconds(of message: Int) -> Int64 {
        basis.scale.nanoseconds(firstTicks[message])
    }

    /// Whether a message belongs to one of the streams that a tap has to do with.
    func isKin(_ message: Int, of kin: Set<Int>) -> Bool {
        kin.contains(root(Int(firstTracks[message])))
    }

    private mutating func match(_ index: Int) {
        let view = tracks[index]
        guard !view.isEncrypted else { return view.track.releaseRows() }
        let known = matcher.count
        let isFirst = isFirst(index)
        let result = matcher.match(
            view.track,
            isPGM: view.isPGM,
            isFirst: isFirst,
            wasSeen: wasSeen(by: view)
        )
        if matcher.count > known {
            order.append(result.numbers, newFrom: known)
            let index = UInt32(index)
            firstTracks.append(contentsOf: repeatElement(index, count: matcher.count - known))
            firstTicks.append(contentsOf: repeatElement(0, count: matcher.count - known))
        }
        let isTimed = view.clock < offsets.count && offsets[view.clock] != nil
        if !isTimed, !view.isPGM, view.track.count > 0 {
            for target in view.arrivals + view.departures { targets[target].isTimed = false }
        }
        note(result, of: view, index, newFrom: known)
        noteGaps(result, of: view)
        noteFirstMessages(result, of: view)
        view.track.releaseRows()
    }

    /// Whether a message had been seen when a row of the track went by; `nil` where nothing joins the clocks.
    private func wasSeen(by view: VerdictTrack) -> ((Int, Int64) -> Bool)? {
        guard view.clock < offsets.count, let offset = offsets[view.clock] else { return nil }
        return { [firstTracks, firstTicks, tracks, offsets, scale = basis.scale] message, now in
            guard message < firstTicks.count else { return true }
            let clock = tracks[Int(firstTracks[message])].clock
            guard let other = offsets[clock] else { return true }
            return scale.nanoseconds(firstTicks[message]) &- other
                <= now &- offset &+ Self.clockDoubtNanoseconds
        }
    }

    private static let clockDoubtNanoseconds: Int64 = 1_000_000

    /// Where other taps began to listen to a stream later: the first message that they could see.
    private func noteFirstMessages(_ match: MessageMatcher.Match, of view: VerdictTrack) {
        guard view.isPGM else { return }
        for other in tracks
        where other !== view && other.firstMessage == nil && other.track.flow == view.track.flow {
            guard let first = other.track.firstSequence,
                let row = (0..<view.track.count).first(where: {
                    SequenceNumber(view.track[$0].sequence).distance(from: first) >= 0
                }), row > 0, row < match.numbers.count, match.numbers[row] >= 0
            else { continue }
            other.firstMessage = Int(match.numbers[row])
        }
    }

    /// Whether nothing that feeds the track was matched before it, so that contents may repeat in it as they like.
    private func isFirst(_ index: Int) -> Bool {
        let view = tracks[index]
        let isFed = tracks[..<index].contains { other in
            other.track.flow == view.track.flow
                || !view.isFromRoot && other.direction == view.direction
        }
        guard isFed else { return true }
        for row in 0..<min(view.track.count, 256)
        where matcher.index.first(view.track[row].hash) != nil { return false }
        return true
    }

    private mutating func note(
        _ match: MessageMatcher.Match,
        of view: VerdictTrack,
        _ index: Int,
        newFrom known: Int
    ) {
        let certainty = RowCertainty(match, of: view, newFrom: known, matcher)
        // By block, the newest message so far.
        var newest = [Int](repeating: -1, count: order.blockCount)
        for (row, number) in match.numbers.enumerated() {
            let message = number >= 0 ? Int(number) : Int(-1 - number)
            let source = view.track[row]
            let ticks = basis.scale.ticks(source.nanoseconds)
            if message >= known {
                if number >= 0 { firstTicks[message] = ticks }
            } else if number >= 0 {
                join(index, Int(firstTracks[message]), over: message)
            }
            var flag: UInt8 = source.isRepaired ? VerdictTarget.Flags.repaired : 0
            if number < 0 {
                if certainty.isDouble(row, message) { flag |= VerdictTarget.Flags.duplicated }
            } else {
                let block = order.block(of: message)
                if message < newest[block], !matcher.isRepeated(message) {
                    flag |= VerdictTarget.Flags.reordered
                }
                newest[block] = max(newest[block], message)
            }
            see(message, view, flag, ticks: ticks, isCertain: certainty.contains(row))
        }
    }

    private func see(
        _ message: Int,
        _ view: VerdictTrack,
        _ flag: UInt8,
        ticks: UInt32,
        isCertain: Bool
    ) {
        for target in view.arrivals {
            // The same flow captured twice is no second delivery; another flow with the same message is one.
            var flag = flag
            if targets[target].flags(of: message) & VerdictTarget.Flags.arrived != 0,
                isCertain, isOtherFlow(view, at: target)
            {
                flag |= VerdictTarget.Flags.duplicated
            }
            targets[target].see(
                message,
                VerdictTarget.Flags.arrived,
                ticks: ticks,
                clock: view.clock
            )
            targets[target].add(flag, to: message)
        }
        for target in view.departures {
            targets[target].see(message, VerdictTarget.Flags.sent, ticks: ticks, clock: view.clock)
            if targets[target].tap == nil {
                targets[target].add(flag, to: message)
            } else {
                targets[target].wasSent = true
            }
        }
        for target in view.origins where target >= 0 {
            let isOwn = targets[target].tap == nil || targets[target].tap == view.tap
            if isOwn, targets[target].parent == nil {
                targets[target].see(
                    message,
                    VerdictTarget.Flags.arrived,
                    ticks: ticks,
                    clock: view.clock
                )
                targets[target].seeEarlier(message, ticks: ticks, clock: view.clock)
            } else {
                targets[target].add(VerdictTarget.Flags.implied, to: message)
            }
        }
    }

    /// With a plan a node has one feed at a time; without one a tap sees what comes in and what goes out.
    private func isOtherFlow(_ view: VerdictTrack, at target: Int) -> Bool {
        guard basis.map != nil else { return false }
        return targets[target].feeds.contains { other in
            other !== view && other.track.flow != view.track.flow && other.isMatched
        }
    }

    /// Where a capture has a gap, what is missing at its target may have been there.
    private func noteGaps(_ match: MessageMatcher.Match, of view: VerdictTrack) {
        defer { view.isMatched = true }
        // What comes up to the root is there because of this track alone.
        let roots = view.direction == .up ? view.origins.filter { $0 >= 0 } : []
        let affected = view.arrivals + view.departures.filter { targets[$0].tap == nil } + roots
        guard !affected.isEmpty else { return }
        noteGapTimes(of: view, affected)
        for gap in view.track.gaps where gap > 0 && gap <= match.numbers.count {
            let before = match.numbers[gap - 1]
            let after = gap < match.numbers.count ? match.numbers[gap] : Int32(matcher.count)
            guard before >= 0, after > before + 1, Int(after) <= matcher.count else { continue }
            for message in Int(before) + 1..<Int(after) {
                for target in affected {
                    targets[target].add(VerdictTarget.Flags.gap, to: message)
                }
            }
        }
    }
}

// MARK: - Gaps

extension MessageMatching {
    /// A message that others number elsewhere is missing in a gap by its time.
    private func noteGapTimes(of view: VerdictTrack, _ affected: [Int]) {
        for gap in view.track.gaps where gap <= view.track.count {
            let begin = gap > 0 ? view.track[gap - 1].nanoseconds : Int64.min
            let end = gap < view.track.count ? view.track[gap].nanoseconds : Int64.max
            guard begin <= end else { continue }
            for target in affected { targets[target].gaps.append((begin...end, view.clock)) }
        }
    }
}

// MARK: - Kinship

extension MessageMatching {
    /// Two tracks have a message in common that no other is like: they belong to one stream.
    private mutating func join(_ left: Int, _ right: Int, over message: Int) {
        let (left, right) = (root(left), root(right))
        guard left != right, !matcher.isRepeated(message) else { return }
        kin[max(left, right)] = min(left, right)
    }

    private func root(_ track: Int) -> Int {
        var track = track
        while kin[track] != track { track = kin[track] }
        return track
    }

    /// Without a plan: which streams a tap has to do with.
    func kinOfTap(_ target: Int) -> Set<Int> {
        Set(tracks.indices.filter { tracks[$0].arrivals.contains(target) }.map { root($0) })
    }

    /// Without a plan a tap is compared with the nearest one before it that saw the same flow, else with the first.
    private mutating func chooseParents() {
        for index in targets.indices.dropFirst() {
            let flows = Set(
                tracks.filter { $0.arrivals == [index] && $0.messageCount > 0 }.map(\.track.flow)
            )
            let best = (0..<index).map { other in
                let shared = tracks.filter {
                    $0.arrivals == [other] && flows.contains($0.track.flow)
                }
                return (other, shared.map(\.messageCount).reduce(0, +))
            }
            let nearest = best.max { $0.1 != $1.1 ? $0.1 < $1.1 : $0.0 > $1.0 }
            targets[index].parent = nearest.map(\.0) ?? 0
        }
    }

    /// A node that served a message to a child had it, whatever its own capture says.
    private func implyFromBelow() {
        let order = targets.indices.sorted { targets[$0].level > targets[$1].level }
        for index in order {
            guard let parent = targets[index].parent, targets[index].otherServers.isEmpty else {
                continue
            }
            for message in 0..<matcher.count where targets[index].has(message) {
                if !targets[parent].has(message) {
                    targets[parent].add(VerdictTarget.Flags.implied, to: message)
                }
            }
        }
    }
}
