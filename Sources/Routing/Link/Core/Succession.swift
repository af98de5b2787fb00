import Wire

/// A standby becomes root (tree-link.md, F1 to F7).
enum Succession {
    // MARK: - Named

    /// The arbiter has named a root; `dead`: nodes that it knows to be dead; `formerRoots`: those since our epoch that live.
    static func handleNamed(_ naming: Naming, _ link: inout LinkState) {
        guard naming.root.epoch > link.epochs.current else { return }
        link.epochs.learn(naming.root)
        guard naming.root.node == link.setup.node else { return follow(naming.root, &link) }
        takeOver(naming, &link)
    }

    private static func follow(_ root: LinkRoot, _ link: inout LinkState) {
        switch link.role {
        case .waiting, .heir:
            // Who waits here must go there.
            link.role = .seeking
            for child in link.children {
                guard case .heldOrphan = child.standing else { continue }
                Admission.refuse(child.id, LinkRefusal(.rootIs(root)), &link)
            }
            Attachment.seek(&link)
        case .root, .fenced, .handingOver, .gaveOffice:
            HandOver.fence(&link)
            link.isRootsChild = false
            // It may be on its way to its heir.
            link.role = link.candidate == nil ? .seeking : .joining
            if link.candidate == nil { Attachment.seek(&link) } else { Origins.resend(&link) }
        case .seeking: Attachment.seek(&link)
        case .attached: Moves.rejoinRoot(&link)
        case .joining, .collecting: break
        }
    }

    /// Takes nothing from the old root any more, and asks its children what they hold (F1).
    private static func takeOver(_ naming: Naming, _ link: inout LinkState) {
        guard link.role != .root else { return }
        if let parent = link.parent { link.add(.close(parent.id)) }
        if link.parent != nil || link.candidate != nil { Moves.giveUp(&link) }
        link.parent = nil
        link.tailDuties = []
        link.role = .collecting(epoch: naming.root.epoch)
        link.office = Office()
        link.office.service = naming.service.filter { $0 != link.setup.node }
        var awaited = link.rules.keeps(.collect) ? link.roster : []
        if link.rules.keeps(.collect), link.rules.keeps(.awaitOldRoots) {
            awaited += naming.formerRoots.filter { !awaited.contains($0) }
        }
        awaited.removeAll { $0 == link.setup.node || naming.dead.contains($0) }
        link.collection = TailCollection(
            awaited: awaited,
            deadline: link.now + link.setup.options.collectionTimeMax,
            dead: naming.dead
        )
        for child in link.children { collect(child.id, &link) }
        adoptIfComplete(&link)
    }

    // MARK: - Asking

    static func collect(_ id: ChildFeedID, _ link: inout LinkState) {
        guard let place = link.place(of: id), link.collection != nil else { return }
        let child = link.children[place]
        // Who still listens to somebody else has not answered; clients are not asked.
        guard child.hasResumed, !child.isCandidate, !child.isClient,
            link.rules.keeps(.collect),
            link.collection?.asked.contains(id) == false
        else { return }
        link.collection?.asked.append(id)
        let from = LinkPosition(epoch: link.epochs.current, number: link.served + 1)
        link.tell(id, .tailFrom(from))
    }

    /// A relay that is asked gathers what those of its children hold that are ahead of it (F2).
    static func handleTailFrom(
        _ from: LinkPosition,
        from id: ParentLinkID,
        _ link: inout LinkState
    ) {
        if link.parent?.id == id, link.rules.keeps(.answerEndsMove) { Moves.giveUp(&link) }
        var first = from.number
        if link.rules.keeps(.tailFromEndOfEpoch) {
            // F3: from behind the end of the asking relay's epoch: it will be set back.
            first = min(
                first,
                link.epochs.firstAsked(by: LinkPosition(epoch: from.epoch, number: first - 1))
            )
        }
        let served = link.children.filter { $0.standing == .live && !$0.isClient }
        let tail = LinkCommand.Tail(
            epoch: link.epochs.current,
            ends: link.epochs.ends,
            after: first - 1,
            children: served.map(\.node)
        )
        link.add(.sendUp(.tail(tail), id))
        sendTail(from: max(first, link.ring.base + 1), to: id, &link)
        link.tailDuties.removeAll { $0.parent == id }
        link.tailDuties.append(TailDuty(parent: id, from: from, awaited: []))
        for child in link.children { handleResumed(child.id, &link) }
        finishDuties(&link)
    }

    private static func sendTail(
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

    /// A child that comes while its parent gathers, and is ahead, is asked too.
    static func handleResumed(_ id: ChildFeedID, _ link: inout LinkState) {
        guard let place = link.place(of: id), link.rules.keeps(.tailsOfThoseAhead) else { return }
        let child = link.children[place]
        guard child.hasResumed, !child.isClient, child.position > link.position else { return }
        for duty in link.tailDuties.indices
        where !link.tailDuties[duty].awaited.contains(id) {
            link.tailDuties[duty].awaited.append(id)
            link.tell(id, .tailFrom(link.tailDuties[duty].from))
        }
    }

    private static func finishDuties(_ link: inout LinkState) {
        for duty in link.tailDuties where duty.awaited.isEmpty {
            let end = BatchHeader(.tail, epoch: link.epochs.current, numbers: nil, origins: [])
            link.add(.sendTail(duty.parent, end))
        }
        link.tailDuties.removeAll { $0.awaited.isEmpty }
    }

    // MARK: - Answers

    /// TAIL: batches of one holder follow.
    static func handle(_ tail: LinkCommand.Tail, from id: ChildFeedID, _ link: inout LinkState) {
        for duty in link.tailDuties where duty.awaited.contains(id) {
            link.add(.sendUp(.tail(tail), duty.parent))
        }
        guard link.collection != nil else { return }
        let section = TailID(rawValue: link.nextTailID)
        link.nextTailID += 1
        link.collection?.sections.append(
            TailSection(id: section, epoch: tail.epoch, ends: tail.ends)
        )
        link.collection?.running.removeAll { $0.child == id }
        link.collection?.running.append((id, section))
        // Whom a tail names as a child need not come here.
        link.collection?.named.append((id, tail.children))
    }

    static func handleTail(
        _ header: BatchHeader,
        from id: ChildFeedID,
        _ link: inout LinkState
    ) throws(LinkFault) -> BatchFate {
        guard let place = link.place(of: id) else { return .ignore }
        let header = try Intake.translate(header, link.children[place].origins)
        guard let numbers = header.numbers else {
            handleTailEnd(from: id, &link)
            return .ignore
        }
        if let duty = link.tailDuties.first(where: { $0.awaited.contains(id) }) {
            let commands = announcements(header, on: duty.parent, &link)
            return .pass(header, duty.parent, behind: commands)
        }
        guard let running = link.collection?.running.first(where: { $0.child == id }),
            let section = link.collection?.sections.firstIndex(where: { $0.id == running.tail })
        else { return .ignore }
        var first = numbers.lowerBound
        for range in header.origins {
            let last = first + (range.count - 1)
            link.collection?.sections[section].stretches.append((first...last, range))
            first = last + 1
        }
        for part in header.contained { link.collection?.sections[section].held.insert(part) }
        if header.isVoid { link.collection?.sections[section].void.insert(numbers) }
        return .keepTail(running.tail)
    }

    private static func handleTailEnd(from id: ChildFeedID, _ link: inout LinkState) {
        for duty in link.tailDuties.indices {
            link.tailDuties[duty].awaited.removeAll { $0 == id }
        }
        finishDuties(&link)
        guard let place = link.place(of: id), link.collection != nil else { return }
        let node = link.children[place].node
        link.collection?.ended.append(id)
        let named = link.collection?.named.filter { $0.child == id }.flatMap(\.nodes) ?? []
        link.collection?.awaited.removeAll { $0 == node || named.contains($0) }
        adoptIfComplete(&link)
    }

    /// A link that the node has left is no answer.
    static func handleLost(_ child: Child, _ link: inout LinkState) {
        for duty in link.tailDuties.indices {
            link.tailDuties[duty].awaited.removeAll { $0 == child.id }
        }
        finishDuties(&link)
    }

    static func handleParentLost(_ id: ParentLinkID, _ link: inout LinkState) {
        link.tailDuties.removeAll { $0.parent == id }
    }

    static func adoptIfComplete(_ link: inout LinkState) {
        guard let collection = link.collection,
            collection.awaited.isEmpty || collection.deadline <= link.now
        else { return }
        // A tail that has begun is heard to its end, but for one that takes too long.
        let isRunning = collection.asked.contains { id in
            link.place(of: id) != nil && !collection.ended.contains(id)
        }
        guard !isRunning || collection.deadline <= link.now else { return }
        Adoption.adopt(collection, &link)
    }
}

/// What the arbiter says when it names a root.
public struct Naming: Hashable, Sendable {
    public var root: LinkRoot
    /// Whom it may name next.
    public var service: [String]
    /// Nodes that it knows to be dead.
    public var dead: [String]
    /// Roots of earlier epochs that live.
    public var formerRoots: [String]

    public init(
        root: LinkRoot,
        service: [String],
        dead: [String] = [],
        formerRoots: [String] = []
    ) {
        self.root = root
        self.service = service
        self.dead = dead
        self.formerRoots = formerRoots
    }
}
