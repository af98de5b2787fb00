import Rendering
import TreeBuilder

/// The fourth stage of a verdict: what each target should have, what it has, and where the rest was lost.
struct VerdictJudge {
    private let basis: VerdictBasis
    private let matching: MessageMatching
    private let clocks: CorrectedClocks
    private let sightings: Sightings
    private let expectations: Expectations
    private let wholeUpLinks: Set<TrackPlacement.UpLink>
    private(set) var receivers: [Verdict.Receiver] = []
    private(set) var hops = HopTable()
    /// Lost messages with contents that occur more than once.
    private(set) var ambiguousLossCount = 0

    private var map: PlanMap? { basis.map }
    private var targets: [VerdictTarget] { matching.targets }

    init(
        _ basis: VerdictBasis,
        _ placement: TrackPlacement,
        _ matching: MessageMatching,
        _ clocks: CorrectedClocks
    ) {
        self.basis = basis
        self.matching = matching
        self.clocks = clocks
        wholeUpLinks = placement.wholeUpLinks
        let expectations = Expectations(basis, matching, clocks)
        self.expectations = expectations
        sightings = Sightings(
            basis,
            matching,
            clocks,
            matching.targets.indices.map { expectations.coverage(of: $0) }
        )
        for index in targets.indices { judge(index) }
    }

    private mutating func judge(_ index: Int) {
        let target = targets[index]
        var receiver = Verdict.Receiver()
        receiver.name = target.name
        receiver.tree = basis.treeName(target.tree)
        receiver.parent = target.parent.map { targets[$0].name }
        receiver.level = target.level
        receiver.hasTap = target.tap != nil
        receiver.clock = clocks.estimate(target.clock)
        let isRoot = target.parent == nil
        receiver.isObserved =
            isRoot ? target.clock != nil : !target.feeds.isEmpty || target.wasSent || map == nil
        let hop = isRoot ? nil : hopIndex(from: target.parent, to: index)
        if let hop, target.transport != nil { hops[hop].transport = target.transport }
        if receiver.isObserved,
            !(target.feeds.contains(where: \.isEncrypted) && target.clock == nil)
        {
            tally(index, into: &receiver, hop: hop)
        }
        receivers.append(receiver)
    }

    private mutating func tally(_ index: Int, into receiver: inout Verdict.Receiver, hop: Int?) {
        let target = targets[index]
        let root = sightings.root(of: index)
        let clock = target.feeds.first?.clock ?? target.tap ?? target.clock
        var membership = Membership(basis, matching, index)
        let absence = Absence(
            expectations.expectation(of: index),
            index,
            matching,
            dropCount: dropCount(of: target)
        )
        for message in 0..<matching.count where membership.contains(message, matching) {
            if target.has(message) {
                deliver(message, target, root: root, absence.extent, into: &receiver)
                carry(message, target, absence.extent, hop: hop)
                continue
            }
            guard let seen = sightings.last(of: message, above: index) else { continue }
            let reason = absence.reason(
                of: message,
                seen.nanoseconds,
                isTimeKnown: clocks.areJoined(seen.clock, clock),
                isWayKnown: isWayKnown(of: message, to: index)
            )
            switch reason {
            case .unwanted: receiver.unwantedCount += 1
            case .beforeJoin: receiver.beforeJoinCount += 1
            case .inFlight: receiver.inFlightCount += 1
            case .doubtful(let doubt):
                count(doubt, in: &receiver)
                if doubt == .capture { offer(message, target, hop: hop) }
            case .lost:
                lose(message, index, seen, into: &receiver)
                offer(message, target, hop: hop)
            }
        }
        receiver.expectedCount =
            receiver.deliveredCount + receiver.lostCount + receiver.undecidedCount
    }

    private mutating func offer(_ message: Int, _ target: VerdictTarget, hop: Int?) {
        guard let hop, target.parent.map({ targets[$0].has(message) }) == true else { return }
        hops[hop].offeredCount += 1
    }

    private func count(_ doubt: Absence.Doubt, in receiver: inout Verdict.Receiver) {
        receiver.undecidedCount += 1
        switch doubt {
        case .capture: break
        case .interest: receiver.interestUnknownCount += 1
        case .pending: receiver.pendingCount += 1
        case .way: receiver.unseenWayCount += 1
        }
    }

    /// What was published to a node comes to the root hop by hop: whether all these hops are captured from their start.
    private func isWayKnown(of message: Int, to index: Int) -> Bool {
        let target = targets[index]
        guard map != nil, target.parent == nil, let tree = target.tree,
            var node = matching.firstTrack(of: message).upServer
        else { return true }
        let nodes = map?.plan.trees[tree].nodes ?? []
        while node != target.name {
            guard let parent = nodes.first(where: { $0.id == node })?.parent,
                wholeUpLinks.contains(TrackPlacement.UpLink(client: node, server: parent))
            else { return false }
            node = parent
        }
        return true
    }

    private func deliver(
        _ message: Int,
        _ target: VerdictTarget,
        root: VerdictTarget?,
        _ extent: Extent,
        into receiver: inout Verdict.Receiver
    ) {
        let flags = target.flags(of: message)
        receiver.deliveredCount += 1
        if flags & VerdictTarget.Flags.duplicated != 0 { receiver.duplicatedCount += 1 }
        if flags & VerdictTarget.Flags.repaired != 0 { receiver.repairedCount += 1 }
        if flags & VerdictTarget.Flags.reordered != 0 { receiver.reorderedCount += 1 }
        guard let root, root !== target, isCertain(message, extent),
            let latency = clocks.latency(of: message, from: root, to: target)
        else { return }
        receiver.latency.record(latency)
        if let limit = basis.options.lateNanoseconds, latency > limit { receiver.lateCount += 1 }
    }

    /// Whether it is this message that came, and not another with the same content.
    private func isCertain(_ message: Int, _ extent: Extent) -> Bool {
        !matching.matcher.isRepeated(message)
            || extent.place(of: message) == .between
    }

    private mutating func carry(
        _ message: Int,
        _ target: VerdictTarget,
        _ extent: Extent,
        hop: Int?
    ) {
        guard let hop, let parent = target.parent.map({ targets[$0] }), parent.has(message) else {
            return
        }
        hops[hop].offeredCount += 1
        hops[hop].carriedCount += 1
        if isCertain(message, extent),
            let latency = clocks.latency(of: message, from: parent, to: target)
        {
            hops[hop].latency.record(latency)
        }
    }

    private func dropCount(of target: VerdictTarget) -> Int {
        guard let clock = target.feeds.first?.clock ?? target.clock else { return 0 }
        return basis.captures(on: clock).map { $0.dropCount ?? 0 }.reduce(0) { $0 &+ $1 }
    }

    private mutating func lose(
        _ message: Int,
        _ index: Int,
        _ seen: Sightings.Sighting,
        into receiver: inout Verdict.Receiver
    ) {
        receiver.lostCount += 1
        let hop = sightings.losingHop(of: message, to: index, seen)
        let hopIndex = hopIndex(from: hop.from, to: hop.to)
        if hop.to == index {
            hops[hopIndex].lostCount += 1
            if targets[index].flags(of: message) & VerdictTarget.Flags.sent != 0 {
                hops[hopIndex].lostOnTheWayCount += 1
            } else if sightings.isSendingSeen(from: hop.from, to: index) {
                hops[hopIndex].neverSentCount += 1
            }
        }
        if matching.matcher.isRepeated(message) { ambiguousLossCount += 1 }
        let text = "\(hops[hopIndex].from) → \(hops[hopIndex].to)"
        if let last = receiver.losses.last, last.last == message, last.hop == text {
            receiver.losses[receiver.losses.count - 1].last = message + 1
            return
        }
        guard receiver.losses.count < Self.lossCountMax else {
            receiver.leftOutLossCount += 1
            return
        }
        receiver.losses.append(
            Verdict.MessageRange(
                first: message + 1,
                last: message + 1,
                nanoseconds: seen.nanoseconds,
                topic: PrintableText.text(matching.topic(of: message).bytes),
                hop: text
            )
        )
    }

    private mutating func hopIndex(from: Int?, to: Int) -> Int {
        hops.index(
            from: from.map { targets[$0].name } ?? "publishers",
            to: targets[to].name,
            tree: basis.treeName(targets[to].tree)
        )
    }

    private static let lossCountMax = 100
}

/// Which messages concern a target at all: those of its tree, or without a plan those of the streams it has to do with.
private struct Membership {
    private let basis: VerdictBasis
    private let tree: Int?
    private let kin: Set<Int>
    /// By topic, so that each is looked up once; -1 for none.
    private var trees: [UInt32: Int] = [:]
    private var last: (topic: UInt32, tree: Int)?

    init(_ basis: VerdictBasis, _ matching: MessageMatching, _ index: Int) {
        self.basis = basis
        tree = matching.targets[index].tree
        kin = basis.map == nil ? matching.kinOfTap(index) : []
    }

    mutating func contains(_ message: Int, _ matching: MessageMatching) -> Bool {
        guard let map = basis.map else { return matching.isKin(message, of: kin) }
        let topic = matching.matcher.topics[message]
        if let last, last.topic == topic { return last.tree == tree }
        let found = trees[topic] ?? map.tree(of: matching.topic(of: message)) ?? -1
        trees[topic] = found
        last = (topic, found)
        return found == tree
    }
}
