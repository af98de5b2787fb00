import Wire

/// What a relay and those below it hold, told to a new root (tree-link.md, F1 to F3).
///
///     TAIL-FROM ──▶ TAIL, batches                         what this relay holds
///                   TAIL, batches of a child that is ahead  F2
///                   TAIL that names a child                 once that one has answered: nobody need wait for it
///                   the empty batch                         when all that are ahead have told
enum Tails {
    // MARK: - Asked

    static func handleTailFrom(
        _ from: LinkPosition,
        from id: ParentLinkID,
        _ link: inout LinkState
    ) {
        if link.parent?.id == id, link.rules.keeps(.answerEndsMove) { Moves.giveUp(&link) }
        guard from.number < probe else {
            link.add(.sendUp(tail(after: link.served, link), id))
            return end(id, &link)
        }
        var first = max(from.number, 1)
        if link.rules.keeps(.tailFromEndOfEpoch) {
            // F3: from behind the end of the asking relay's epoch: it will be set back.
            first = min(
                first,
                link.epochs.firstAsked(by: LinkPosition(epoch: from.epoch, number: first - 1))
            )
        }
        link.add(.sendUp(tail(after: max(first - 1, link.ring.base), link), id))
        send(from: max(first, link.ring.base + 1), to: id, &link)
        link.tailDuties.removeAll { $0.parent == id }
        link.tailDuties.append(TailDuty(parent: id, from: from))
        for child in link.children { ask(child.id, &link) }
        finishDuties(&link)
    }

    private static func tail(
        after number: UInt64,
        naming children: [String] = [],
        _ link: LinkState
    ) -> LinkCommand {
        .tail(
            LinkCommand.Tail(
                epoch: link.epochs.current,
                ends: link.epochs.ends,
                after: number,
                children: children
            )
        )
    }

    private static func send(
        from first: UInt64,
        to id: ParentLinkID,
        _ link: inout LinkState
    ) {
        var next = first
        while next <= link.served {
            let limit = link.setup.options.batchNumberCountMax
            var numbers = next...min(link.served, next + (limit - 1))
            let voids = link.ring.void.parts(of: numbers)
            let isVoid = voids.first?.lowerBound == numbers.lowerBound
            if isVoid {
                numbers = voids[0]
            } else if let void = voids.first {
                numbers = numbers.lowerBound...void.lowerBound - 1
            }
            let header = BatchHeader(
                .tail,
                epoch: link.epochs.current,
                numbers: numbers,
                origins: link.ring.origins(of: numbers),
                contained: isVoid ? [] : link.ring.held.parts(of: numbers),
                isVoid: isVoid
            )
            for command in announcements(header, on: id, &link) {
                link.add(.sendUp(command, id))
            }
            link.add(.sendTail(id, header))
            next = numbers.upperBound + 1
        }
    }

    private static func end(_ id: ParentLinkID, _ link: inout LinkState) {
        let end = BatchHeader(.tail, epoch: link.epochs.current, numbers: nil, origins: [])
        link.add(.sendTail(id, end))
    }

    /// ORIGIN on the feed, up.
    private static func announcements(
        _ header: BatchHeader,
        on id: ParentLinkID,
        _ link: inout LinkState
    ) -> [LinkCommand] {
        let needed = (header.origins.map(\.index).max() ?? -1) + 1
        let isParent = link.parent?.id == id
        let known =
            (isParent ? link.parent?.announcedOnFeed : link.candidate?.link.announcedOnFeed) ?? 0
        guard known < needed else { return [] }
        if isParent {
            link.parent?.announcedOnFeed = needed
        } else {
            link.candidate?.link.announcedOnFeed = needed
        }
        return (known..<needed).map { .origin(index: $0, link.origins[$0].id) }
    }

    // MARK: - Children

    /// A child is asked for what it holds when it is ahead (F2), also one that comes meanwhile; else whether it is still here (F1).
    static func ask(_ id: ChildFeedID, _ link: inout LinkState) {
        guard let place = link.place(of: id) else { return }
        let child = link.children[place]
        let isAhead = child.position > link.position && link.rules.keeps(.tailsOfThoseAhead)
        guard child.hasResumed, !child.isClient, isAhead || !child.isCandidate else { return }
        for duty in link.tailDuties.indices where !link.tailDuties[duty].asked.contains(id) {
            link.tailDuties[duty].asked.append(id)
            if isAhead { link.tailDuties[duty].awaited.append(id) }
            let nothing = LinkPosition(epoch: link.epochs.current, number: probe)
            link.tell(id, .tailFrom(isAhead ? link.tailDuties[duty].from : nothing))
        }
    }

    /// A candidate's child is ours now.
    static func askAnew(_ id: ChildFeedID, _ link: inout LinkState) {
        for duty in link.tailDuties.indices {
            link.tailDuties[duty].asked.removeAll { $0 == id }
            link.tailDuties[duty].awaited.removeAll { $0 == id }
        }
        ask(id, &link)
    }

    private static func finishDuties(_ link: inout LinkState) {
        for duty in link.tailDuties.indices
        where link.tailDuties[duty].awaited.isEmpty && !link.tailDuties[duty].isEnded {
            link.tailDuties[duty].isEnded = true
            end(link.tailDuties[duty].parent, &link)
        }
    }

    /// A link that the node has left is no answer.
    static func handleLost(_ child: Child, _ link: inout LinkState) {
        for duty in link.tailDuties.indices {
            link.tailDuties[duty].asked.removeAll { $0 == child.id }
            link.tailDuties[duty].awaited.removeAll { $0 == child.id }
        }
        finishDuties(&link)
    }

    /// Who asked has what it needs, or is gone.
    static func handleDone(_ id: ParentLinkID, _ link: inout LinkState) {
        link.tailDuties.removeAll { $0.parent == id }
    }

    // MARK: - Answers

    /// TAIL: batches of one holder follow.
    static func handle(_ tail: LinkCommand.Tail, from id: ChildFeedID, _ link: inout LinkState) {
        for duty in link.tailDuties where duty.awaited.contains(id) {
            link.add(.sendUp(.tail(tail), duty.parent))
        }
        guard link.collection != nil else { return }
        guard tail.children.isEmpty else {
            // F1: whom a tail names need not come here.
            link.collection?.awaited.removeAll { tail.children.contains($0) }
            return Succession.adoptIfComplete(&link)
        }
        let section = TailID(rawValue: link.nextTailID)
        link.nextTailID += 1
        link.collection?.sections.append(
            TailSection(
                id: section,
                child: id,
                epoch: tail.epoch,
                ends: tail.ends,
                after: tail.after
            )
        )
    }

    static func handle(
        _ header: BatchHeader,
        from id: ChildFeedID,
        _ link: inout LinkState
    ) throws(LinkFault) -> BatchFate {
        guard let place = link.place(of: id) else { return .ignore }
        let header = try Intake.translate(header, link.children[place].origins)
        guard let numbers = header.numbers else {
            handleEnd(link.children[place], &link)
            return .ignore
        }
        if let duty = link.tailDuties.first(where: { $0.awaited.contains(id) }) {
            let commands = announcements(header, on: duty.parent, &link)
            return .pass(header, duty.parent, behind: commands)
        }
        // Tails of several holders of one epoch tell of one history.
        guard
            let section = link.collection?.sections.lastIndex(where: {
                $0.child == id && $0.epoch == header.epoch
            })
        else { return .ignore }
        var first = numbers.lowerBound
        for range in header.origins {
            let last = first + (range.count - 1)
            link.collection?.sections[section].stretches.append((first...last, range))
            first = last + 1
        }
        for part in header.contained { link.collection?.sections[section].held.insert(part) }
        if header.isVoid { link.collection?.sections[section].void.insert(numbers) }
        return link.collection.map { .keepTail($0.sections[section].id) } ?? .ignore
    }

    private static func handleEnd(_ child: Child, _ link: inout LinkState) {
        for duty in link.tailDuties.indices
        where link.tailDuties[duty].asked.contains(child.id) {
            link.tailDuties[duty].awaited.removeAll { $0 == child.id }
            guard !child.isCandidate else { continue }
            let name = tail(after: link.served, naming: [child.node], link)
            link.add(.sendUp(name, link.tailDuties[duty].parent))
        }
        finishDuties(&link)
        guard link.collection != nil else { return }
        link.collection?.ended.append(child.id)
        link.collection?.awaited.removeAll { $0 == child.node }
        Succession.adoptIfComplete(&link)
    }

    /// TAIL-FROM of this number asks for nothing, but whether the child is still here.
    private static let probe = UInt64.max
}
