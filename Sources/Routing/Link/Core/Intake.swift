import Wire

/// What comes down from the parent, or from the one that is about to be it (tree-link.md, D7, A4, A5, B3).
enum Intake {
    // MARK: - Batches

    /// Of a batch, from behind what is here already.
    static func handle(
        _ header: BatchHeader,
        octetCount: Int,
        from id: ParentLinkID,
        _ link: inout LinkState
    ) throws(LinkFault) -> BatchFate {
        if link.candidate?.link.id == id {
            return try handleFromCandidate(header, octetCount: octetCount, &link)
        }
        guard let parent = link.parent, parent.id == id else { return .ignore }
        let header = try translate(header, parent.origins)
        guard let numbers = header.numbers else { throw LinkFault("a batch has no numbers") }
        switch header.kind {
        case .past: return handlePast(header, numbers, &link)
        case .tail: throw LinkFault("a tail came down")
        case .live: break
        }
        guard header.epoch == parent.epoch else {
            throw LinkFault("a batch of epoch \(header.epoch) came in \(parent.epoch)")
        }
        // A7: a parent that was a candidate may not be as far as we are.
        guard parent.epoch == link.epochs.current else { return .ignore }
        guard numbers.lowerBound <= link.served + 1 else {
            throw LinkFault("number \(numbers.lowerBound) came after \(link.served)")
        }
        if numbers.lowerBound <= link.served, !link.rules.keeps(.nothingTwice) {
            link.add(.deliver(numbers, repeats: []))
        }
        if let again = numbers.intersection(0...link.served) {
            let messages = header.contained.compactMap { $0.intersection(again) }
            for part in messages {
                link.counts.repeatCount.add(part.upperBound - part.lowerBound + 1)
            }
        }
        guard let rest = header.suffix(after: link.served), let fresh = rest.numbers else {
            return .ignore
        }
        append(rest, octetCount: octetCount, &link)
        Feeding.serve(through: fresh.upperBound, &link)
        Feeding.answer(&link)
        Moves.switchIfReady(&link)
        return .take(rest)
    }

    private static func append(
        _ header: BatchHeader,
        octetCount: Int,
        _ link: inout LinkState
    ) {
        link.ring.append(header.origins, octetCount: octetCount, at: link.now)
        for part in header.contained { link.ring.hold(part) }
        if header.isVoid, let numbers = header.numbers { link.ring.makeVoid(numbers) }
        for range in header.origins { link.origins.noteNumbered(range) }
    }

    private static func handlePast(
        _ header: BatchHeader,
        _ numbers: LinkNumbers,
        _ link: inout LinkState
    ) -> BatchFate {
        // What has been set back meanwhile is not of this history any more.
        guard header.epoch == link.epochs.current, numbers.upperBound <= link.served else {
            return .ignore
        }
        link.ring.notePast(numbers, header.origins, at: link.now)
        var rest = header
        rest.contained = header.contained.flatMap { link.ring.held.gaps(in: $0) }
        for part in rest.contained { link.ring.hold(part) }
        return .take(rest)
    }

    private static func handleFromCandidate(
        _ header: BatchHeader,
        octetCount: Int,
        _ link: inout LinkState
    ) throws(LinkFault) -> BatchFate {
        guard let candidate = link.candidate, header.kind == .live, let numbers = header.numbers
        else { return .ignore }
        guard header.epoch == candidate.position.epoch,
            numbers.lowerBound == candidate.position.number + 1
        else { throw LinkFault("a hole in a new parent's stream: \(numbers)") }
        let through = LinkPosition(epoch: header.epoch, number: numbers.upperBound)
        link.candidate?.position = through
        Moves.forgetOld(&link)
        let isKept = through > link.position && link.rules.keeps(.keepAhead)
        if isKept {
            link.candidate?.kept.append((through, octetCount))
            link.candidate?.keptOctetCount += octetCount
        }
        // A5, §9
        let keptOctetCount = link.candidate?.keptOctetCount ?? 0
        guard keptOctetCount <= link.setup.options.keptOctetCountMax else {
            Moves.giveUp(&link)
            return .ignore
        }
        // The shell keeps the batch before it executes what follows from a switch.
        Moves.switchIfReady(&link)
        return isKept ? .keep : .ignore
    }

    static func translate(
        _ header: BatchHeader,
        _ origins: [Int]
    ) throws(LinkFault) -> BatchHeader {
        var header = header
        for place in header.origins.indices {
            let index = header.origins[place].index
            guard index < origins.count else {
                throw LinkFault("a batch names origin \(index), of which nothing was said")
            }
            header.origins[place].index = origins[index]
        }
        return header
    }

    /// ORIGIN: the sender's next number of an origin.
    static func note(
        _ id: OriginID,
        as index: Int,
        in names: inout [Int],
        _ link: inout LinkState
    ) throws(LinkFault) -> Int {
        guard index == names.count else {
            throw LinkFault("origin \(index) came after \(names.count) others")
        }
        guard let place = link.origins.index(of: id) else {
            link.add(.report(.originRefused(id)))
            throw LinkFault("the table of origins is full")
        }
        names.append(place)
        return place
    }

    // MARK: - Commands

    /// Whether the command is to be kept, and handed in again when the candidate is the parent.
    static func handle(
        _ command: LinkCommand,
        from id: ParentLinkID,
        _ link: inout LinkState
    ) throws(LinkFault) -> CommandFate {
        let isCandidate = link.candidate?.link.id == id
        guard isCandidate || link.parent?.id == id else { return .done }
        switch command {
        case .origin(let index, let origin):
            var names = (isCandidate ? link.candidate?.link.origins : link.parent?.origins) ?? []
            _ = try note(origin, as: index, in: &names, &link)
            if isCandidate {
                link.candidate?.link.origins = names
            } else {
                link.parent?.origins = names
            }
        case .roster, .rosterAdd, .rosterRemove: handleRoster(command, from: id, &link)
        case .refuse(let refusal): Moves.handle(refusal, from: id, &link)
        case .tailFrom(let position): Tails.handleTailFrom(position, from: id, &link)
        default:
            return isCandidate
                ? Moves.handle(command, &link) : try handleFromParent(command, &link)
        }
        return .done
    }

    private static func handleFromParent(
        _ command: LinkCommand,
        _ link: inout LinkState
    ) throws(LinkFault) -> CommandFate {
        switch command {
        case .epoch(let root, let first):
            link.parent?.epoch = root.epoch
            handleEpoch(root, first: first, &link)
        case .gap(let numbers): try handleGap(numbers, &link)
        case .synced(let id, let first): Syncs.handleSynced(id, first: first, &link)
        case .stable(let position, let lowest):
            link.stable = max(link.stable ?? position, position)
            link.lowestCursor = lowest
            Syncs.reachBack(&link)
        case .handOver(let epoch): HandOver.handleHandOver(epoch: epoch, &link)
        case .resumed:
            if let id = link.parent?.id { Tails.handleDone(id, &link) }
        case .hold: break
        default: throw LinkFault("\(command.name) came down")
        }
        Moves.switchIfReady(&link)
        return .done
    }

    private static func handleRoster(
        _ command: LinkCommand,
        from id: ParentLinkID,
        _ link: inout LinkState
    ) {
        switch command {
        case .roster(let nodes, let origins):
            link.roster = nodes.filter { $0 != link.setup.node }.sorted()
            Origins.handleTable(origins, from: id, &link)
        case .rosterAdd(let node) where !link.roster.contains(node):
            link.roster = (link.roster + [node]).sorted()
        case .rosterRemove(let node): link.roster.removeAll { $0 == node }
        default: break
        }
        var count: UInt64 = 0
        if link.parent?.id == id {
            link.parent?.rosterCount += 1
            count = link.parent?.rosterCount ?? 0
        } else {
            link.candidate?.link.rosterCount += 1
            count = link.candidate?.link.rosterCount ?? 0
        }
        link.add(.sendUp(.heard(count: count), id))
    }

    // MARK: - EPOCH and GAP

    /// D7, D8
    static func handleEpoch(_ root: LinkRoot, first: UInt64, _ link: inout LinkState) {
        guard root.epoch > link.epochs.current else { return }
        if first - 1 < link.served { setBack(after: first - 1, &link) }
        link.epochs.begin(root.epoch, after: first - 1)
        link.epochs.learn(root)
        if link.rules.keeps(.parentsOfficeIsKnown) {
            link.isRootsChild = link.parent?.node == root.node
        }
        link.stable = nil
        for place in link.children.indices
        where link.children[place].standing == .awaitingCoverage
            && link.children[place].position.number >= first
        {
            // It will be set back, too: look again.
            link.children[place].standing = .held
        }
        Feeding.reportHolds(&link)
        Feeding.answer(&link)
        Admission.retryHeld(&link)
    }

    /// What we had beyond the end of an epoch is not in the tree's history; it comes again under other numbers.
    static func setBack(after end: UInt64, _ link: inout LinkState) {
        noteGiven(after: end, &link)
        link.truncate(after: end)
        if link.ring.last > end { link.ring.restart(after: end) }
        link.served = end
        link.coverage.shrink(to: end + 1)
        link.add(.setBack(after: end))
        link.counts.setBackCount.add(1)
        link.add(.report(.setBack(after: end)))
    }

    /// D7: what subscribers have had, and may come again under other numbers.
    static func noteGiven(after end: UInt64, _ link: inout LinkState) {
        guard link.rules.keeps(.noRepeatAfterSetBack),
            let numbers = LinkNumbers(from: max(end, link.ring.base) + 1, through: link.served)
        else { return }
        for part in link.ring.held.parts(of: numbers) {
            for range in link.ring.origins(of: part) {
                link.foreign[range.index, default: NumberSet()]
                    .insert(range.first...(range.first + (range.count - 1)))
            }
        }
    }

    /// G1: nothing before its end is here, and children are told so when their turn comes.
    private static func handleGap(
        _ numbers: LinkNumbers,
        _ link: inout LinkState
    ) throws(LinkFault) {
        guard link.parent?.epoch == link.epochs.current else { return }
        guard numbers.lowerBound <= link.served + 1 else {
            throw LinkFault("a gap from \(numbers.lowerBound) came after \(link.served)")
        }
        guard numbers.upperBound > link.served else { return }
        let gap = link.served + 1...numbers.upperBound
        link.ring.restart(after: gap.upperBound)
        link.served = gap.upperBound
        link.coverage.raise(to: gap.upperBound + 1)
        link.add(.setBack(after: 0))
        link.counts.gapCount.add(gap.upperBound - gap.lowerBound + 1)
        link.add(.report(.gap(gap)))
        Feeding.reportHolds(&link)
        Feeding.answer(&link)
    }
}

/// What a shell does with a batch.
public enum BatchFate: Sendable, Equatable {
    case ignore
    /// Put the contained messages of this header into the ring, under their numbers; it may be about less than what came.
    case take(BatchHeader)
    /// Keep the command with its messages until `takeKept`.
    case keep
    /// Put the contained messages aside, under their numbers, for `adopt`.
    case keepTail(TailID)
    /// Send these commands up, and behind them the batch, under this header.
    case pass(BatchHeader, ParentLinkID, behind: [LinkCommand])
}

/// What a shell does with a command.
public enum CommandFate: Sendable, Equatable {
    case done
    /// Keep the command until `takeKept`.
    case keep
}
