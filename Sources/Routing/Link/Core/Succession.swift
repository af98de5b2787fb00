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

    /// `standbys: 0`: a root that is started again takes what its children hold, in a new epoch.
    static func beginAgain(_ link: inout LinkState) {
        guard case .collecting = link.role, link.collection == nil else { return }
        link.collection = TailCollection(
            awaited: link.setup.predecessorsChildren,
            deadline: link.now + link.setup.options.collectionTimeMax,
            dead: []
        )
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
