import Rendering
import TreeBuilder

/// For each target: what it should have, what it has, and where the rest was lost.
extension VerdictBuilder {
    mutating func estimateClocks() {
        let reference = targets.first { $0.clock != nil }?.clock ?? 0
        estimates = clocks.estimates(reference: reference)
        for target in targets {
            guard let clock = target.clock, estimates[clock] == nil,
                let parent = target.parent.map({ targets[$0] }), let other = parent.clock
            else { continue }
            var smallest = Int64.max
            var count = 0
            for message in 0..<matcher.count {
                guard let here = target.ticks(of: message), let there = parent.ticks(of: message)
                else { continue }
                smallest = min(smallest, (Int64(here) - Int64(there)) * tickNanoseconds)
                count += 1
            }
            guard count > 0 else { continue }
            clocks.addOneWay(from: other, to: clock, smallest: smallest, sampleCount: count)
            estimates = clocks.estimates(reference: reference)
        }
    }

    mutating func judge(_ index: Int) {
        let target = targets[index]
        var receiver = Verdict.Receiver()
        receiver.name = target.name
        receiver.tree = target.tree.flatMap { map?.plan.trees[$0].name }
        receiver.parent = target.parent.map { targets[$0].name }
        receiver.level = target.level
        receiver.hasTap = target.tap != nil
        receiver.clock = target.clock.flatMap { $0 < estimates.count ? estimates[$0] : nil }
        let isRoot = target.parent == nil
        receiver.isObserved = isRoot ? target.clock != nil : !target.feeds.isEmpty || map == nil
        let hop = isRoot ? nil : hopIndex(from: target.parent, to: index)
        if let hop, target.transport != nil { verdict.hops[hop].transport = target.transport }
        if receiver.isObserved,
            !(target.feeds.contains(where: \.isEncrypted) && target.clock == nil)
        {
            tally(index, into: &receiver, hop: hop)
        }
        verdict.receivers.append(receiver)
    }

    private mutating func tally(_ index: Int, into receiver: inout Verdict.Receiver, hop: Int?) {
        let target = targets[index]
        let root = rootTarget(of: index)
        let kin = map == nil ? kinOfTap(index) : []
        let expectation = expectation(of: index)
        let extent = extent(of: target)
        var wantedTopics = TopicCache()
        for message in 0..<matcher.count where belongs(message, to: target, kin, &wantedTopics) {
            if target.has(message) {
                deliver(message, target, root: root, into: &receiver)
                carry(message, target, hop: hop)
                continue
            }
            guard let seen = lastSighting(of: message, above: index) else { continue }
            let topic = log.topics.topics[Int(matcher.topics[message])]
            let isInside = extent.contains(message, in: block(of: message))
            switch expectation.answer(topic, at: seen.nanoseconds, isInside: isInside) {
            case .no: receiver.unwantedCount += 1
            case .notYet: receiver.beforeJoinCount += 1
            case .inFlight: receiver.inFlightCount += 1
            case .unknown: receiver.undecidedCount += 1
            case .yes:
                let isDoubtful =
                    target.flags(of: message) & VerdictTarget.Flags.gap != 0
                    || dropCount(of: target) > 0
                if isDoubtful {
                    receiver.undecidedCount += 1
                } else {
                    lose(message, index, seen, into: &receiver)
                }
                if let hop, target.parent.map({ targets[$0].has(message) }) == true {
                    verdict.hops[hop].offeredCount += 1
                }
            }
        }
        receiver.expectedCount =
            receiver.deliveredCount + receiver.lostCount + receiver.undecidedCount
    }

    /// Between which messages a target was surely listening: by the order of the messages, so that clocks do not matter.
    private struct Extent {
        var firsts: [Int]
        var lasts: [Int]

        func contains(_ message: Int, in block: Int) -> Bool {
            firsts[block] < message && message < lasts[block]
        }
    }

    private func extent(of target: VerdictTarget) -> Extent {
        let count = max(1, blockStarts.count)
        var extent = Extent(
            firsts: Array(repeating: .max, count: count),
            lasts: Array(repeating: -1, count: count)
        )
        var block = 0
        for message in 0..<matcher.count {
            while block + 1 < blockStarts.count, blockStarts[block + 1] <= message { block += 1 }
            guard target.has(message) else { continue }
            extent.firsts[block] = min(extent.firsts[block], message)
            extent.lasts[block] = message
        }
        return extent
    }

    private func deliver(
        _ message: Int,
        _ target: VerdictTarget,
        root: VerdictTarget?,
        into receiver: inout Verdict.Receiver
    ) {
        let flags = target.flags(of: message)
        receiver.deliveredCount += 1
        if flags & VerdictTarget.Flags.duplicated != 0 { receiver.duplicatedCount += 1 }
        if flags & VerdictTarget.Flags.repaired != 0 { receiver.repairedCount += 1 }
        if flags & VerdictTarget.Flags.reordered != 0 { receiver.reorderedCount += 1 }
        guard let root, root !== target, let latency = latency(of: message, from: root, to: target)
        else { return }
        receiver.latency.record(latency)
        if let limit = options.lateNanoseconds, latency > limit { receiver.lateCount += 1 }
    }

    private mutating func carry(_ message: Int, _ target: VerdictTarget, hop: Int?) {
        guard let hop, let parent = target.parent.map({ targets[$0] }), parent.has(message) else {
            return
        }
        verdict.hops[hop].offeredCount += 1
        verdict.hops[hop].carriedCount += 1
        if let latency = latency(of: message, from: parent, to: target) {
            verdict.hops[hop].latency.record(latency)
        }
    }

    /// On corrected clocks; `nil` when a time, or what joins the clocks, is not known.
    private func latency(
        of message: Int,
        from origin: VerdictTarget,
        to target: VerdictTarget
    ) -> Int64? {
        guard let sent = origin.ticks(of: message), let came = target.ticks(of: message),
            let from = origin.clock.flatMap({ estimates[$0] }),
            let to = target.clock.flatMap({ estimates[$0] })
        else { return nil }
        return (Int64(came) - Int64(sent)) * tickNanoseconds
            &- (to.offsetNanoseconds &- from.offsetNanoseconds)
    }

    private func rootTarget(of index: Int) -> VerdictTarget? {
        guard map != nil else { return targets.first }
        var at = index
        while let parent = targets[at].parent { at = parent }
        return targets[at]
    }

    private func dropCount(of target: VerdictTarget) -> Int {
        guard let clock = target.feeds.first?.clock ?? target.clock else { return 0 }
        return captures.indices.filter { self.clock(of: Place(capture: $0)) == clock }
            .map { captures[$0].dropCount ?? 0 }.reduce(0) { $0 &+ $1 }
    }
}

// MARK: - What belongs where

extension VerdictBuilder {
    /// By topic: the tree. Looked up once for each topic.
    struct TopicCache {
        var trees: [UInt32: Int] = [:]
        var last: (topic: UInt32, tree: Int)?
    }

    private func belongs(
        _ message: Int,
        to target: VerdictTarget,
        _ kin: Set<Int>,
        _ cache: inout TopicCache
    ) -> Bool {
        guard let map else { return kin.contains(root(Int(firstTracks[message]))) }
        let topic = matcher.topics[message]
        if let last = cache.last, last.topic == topic { return last.tree == target.tree }
        let tree =
            cache.trees[topic] ?? map.tree(of: log.topics.topics[Int(topic)]) ?? -1
        cache.trees[topic] = tree
        cache.last = (topic, tree)
        return tree == target.tree
    }

    struct Sighting {
        /// The target that had it, nearest above; `nil` when only somebody else had it.
        var target: Int?
        /// On the first clock.
        var nanoseconds: Int64
    }

    /// Who had it last on the way to a target, and when.
    private func lastSighting(of message: Int, above index: Int) -> Sighting? {
        let first = Sighting(
            target: nil,
            nanoseconds: corrected(
                nanoseconds(firstTicks[message]),
                clock: tracks[Int(firstTracks[message])].clock
            )
        )
        if map == nil {
            let other = targets.indices.first { $0 != index && targets[$0].has(message) }
            return other.map { sighting(of: message, at: $0) ?? first }
        }
        var at = targets[index].parent
        while let here = at {
            if targets[here].has(message) {
                return sighting(of: message, at: here)
                    ?? Sighting(target: here, nanoseconds: first.nanoseconds)
            }
            at = targets[here].parent
        }
        return first
    }

    private func sighting(of message: Int, at target: Int) -> Sighting? {
        targets[target].ticks(of: message).map {
            Sighting(
                target: target,
                nanoseconds: corrected(nanoseconds($0), clock: targets[target].clock)
            )
        }
    }

    private func expectation(of index: Int) -> Expectation {
        let target = targets[index]
        var expectation = Expectation()
        let feeds = map == nil ? tracks.filter { $0.arrivals == [index] } : target.feeds
        guard target.parent != nil || map == nil else {
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
                        since: corrected(interest.since, clock: feed.clock),
                        until: interest.until.map { corrected($0, clock: feed.clock) }
                    )
                )
            }
        }
        expectation.startNanoseconds = start(feeds, expectation)
        expectation.endNanoseconds = end(feeds, target)
        if !expectation.isKnown, !expectation.wantsEverything {
            for message in 0..<matcher.count where target.has(message) {
                let topic = log.topics.topics[Int(matcher.topics[message])]
                expectation.words.insert(topic.word)
            }
        }
        return expectation
    }

    private func start(_ feeds: [VerdictTrack], _ expectation: Expectation) -> Int64? {
        if expectation.isKnown, !expectation.wantsEverything { return nil }
        let starts = feeds.compactMap { feed -> Int64? in
            let known = feed.isPGM ? feed.track.startNanoseconds : nil
            return (known ?? feed.firstNanoseconds).map { corrected($0, clock: feed.clock) }
        }
        return starts.min() ?? .max
    }

    /// What passes later than this may still have been on its way.
    private func end(_ feeds: [VerdictTrack], _ target: VerdictTarget) -> Int64? {
        let clock = feeds.first?.clock ?? target.clock
        guard let clock else { return nil }
        let ends = captures.indices
            .filter { self.clock(of: Place(capture: $0)) == clock }
            .compactMap { captures[$0].lastNanoseconds }
        let isPGM = feeds.contains(where: \.isPGM)
        let captureEnd = ends.max().map {
            corrected($0, clock: clock) &- (isPGM ? Self.repairNanoseconds : Self.flightNanoseconds)
        }
        guard !isPGM, !feeds.isEmpty, feeds.allSatisfy({ $0.track.endNanoseconds != nil }),
            let closed = feeds.compactMap(\.track.endNanoseconds).max()
        else { return captureEnd }
        // A subscriber that left wanted no more. A node of the plan is not supposed to leave.
        guard !target.isPlanned else { return captureEnd }
        let left = corrected(closed, clock: clock) &- Self.flightNanoseconds
        return min(captureEnd ?? .max, left)
    }

    private static let flightNanoseconds: Int64 = 250_000_000
    private static let repairNanoseconds: Int64 = 1_000_000_000
}

// MARK: - Losses

extension VerdictBuilder {
    private mutating func lose(
        _ message: Int,
        _ index: Int,
        _ seen: Sighting,
        into receiver: inout Verdict.Receiver
    ) {
        receiver.lostCount += 1
        let hop = losingHop(of: message, index, seen)
        let isFirst = hop.to == index
        let hopIndex = hopIndex(from: hop.from, to: hop.to)
        if isFirst {
            verdict.hops[hopIndex].lostCount += 1
            if targets[index].flags(of: message) & VerdictTarget.Flags.sent != 0 {
                verdict.hops[hopIndex].lostOnTheWayCount += 1
            } else if isSendingSeen(from: hop.from, to: index) {
                verdict.hops[hopIndex].neverSentCount += 1
            }
        }
        if matcher.isRepeated(message) { ambiguousLossCount += 1 }
        let text = "\(verdict.hops[hopIndex].from) → \(verdict.hops[hopIndex].to)"
        if let last = receiver.losses.last, last.last == message, last.hop == text {
            receiver.losses[receiver.losses.count - 1].last = message + 1
            return
        }
        guard receiver.losses.count < Self.lossCountMax else {
            receiver.leftOutLossCount += 1
            return
        }
        let topic = log.topics.topics[Int(matcher.topics[message])]
        receiver.losses.append(
            Verdict.MessageRange(
                first: message + 1,
                last: message + 1,
                nanoseconds: seen.nanoseconds,
                topic: PrintableText.text(topic.bytes),
                hop: text
            )
        )
    }

    /// The first step on the way at which the message is missing; nodes of which nothing is known are stepped over.
    private func losingHop(
        of message: Int,
        _ index: Int,
        _ seen: Sighting
    ) -> (from: Int?, to: Int) {
        guard map != nil else { return (seen.target ?? targets[index].parent, index) }
        var below = index
        var at = targets[index].parent
        while let here = at {
            if targets[here].has(message) { return (here, below) }
            let isObserved = targets[here].parent == nil || !targets[here].feeds.isEmpty
            if isObserved { below = here }
            at = targets[here].parent
        }
        return (nil, below)
    }

    private func isSendingSeen(from: Int?, to index: Int) -> Bool {
        guard let from, let tap = targets[from].tap else { return false }
        return tracks.contains { $0.tap == tap && $0.departures.contains(index) }
    }

    private mutating func hopIndex(from: Int?, to: Int) -> Int {
        let origin = from.map { targets[$0].name } ?? "publishers"
        let tree = targets[to].tree.flatMap { map?.plan.trees[$0].name }
        if let known = verdict.hops.firstIndex(where: {
            $0.from == origin && $0.to == targets[to].name && $0.tree == tree
        }) {
            return known
        }
        verdict.hops.append(Verdict.Hop(from: origin, to: targets[to].name, tree: tree))
        return verdict.hops.count - 1
    }

    private static let lossCountMax = 100
}
