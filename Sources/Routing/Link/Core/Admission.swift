import Wire

/// Children come, are held, served, refused and lost (tree-link.md, D3, D5, A3, A4, A8).
enum Admission {
    // MARK: - RESUME

    static func handle(_ resume: LinkCommand.Resume, _ id: ChildFeedID, _ link: inout LinkState) {
        guard let place = link.place(of: id) else { return }
        let node = link.children[place].node
        if isFull(for: resume, link) {
            // A8: others are the children's own parents' backups: whoever serves may be asked.
            let others = link.children.filter { $0.standing == .live && !$0.isClient }.prefix(4)
            return refuse(id, LinkRefusal(.full, others: others.map(\.node)), &link)
        }
        link.children[place].hasResumed = true
        link.children[place].isClient = resume.kind == .client
        link.children[place].isMirror = resume.isMirror
        link.children[place].topics = TopicSet(resume.topics)
        link.children[place].position = start(of: resume, link)
        link.children[place].start = link.hasHistory ? nil : resume
        link.children[place].standing = .held
        switch resume.kind {
        case .orphan(let root): link.children[place].standing = .heldOrphan(of: root)
        case .candidate:
            link.children[place].isCandidate = link.rules.keeps(.candidateIsNoAnswer)
        case .child, .client: break
        }
        Interests.changed(resume.topics, &link)
        Tails.ask(id, &link)
        switch link.role {
        case .heir(let old, _) where node == old: HandOver.handleOldRoot(id, &link)
        case .collecting: Succession.collect(id, &link)
        default: tryAdmit(id, &link)
        }
    }

    private static func isFull(for resume: LinkCommand.Resume, _ link: LinkState) -> Bool {
        if case .orphan = resume.kind { return false }
        return link.children.lazy.filter(\.hasResumed).count >= link.setup.options.childCountMax
    }

    private static func start(
        of resume: LinkCommand.Resume,
        _ link: LinkState
    ) -> LinkPosition {
        switch resume.start {
        case .after(let position):
            // D7: a child from further back than we remember starts anew, with all that is here.
            if link.epochs.remembers(position.epoch) { return position }
            guard link.role != .root else { return anew(resume, link) }
            return LinkPosition(epoch: link.epochs.current, number: link.ring.base)
        case .now: return anew(resume, link)
        case .first: return LinkPosition(epoch: link.epochs.current, number: link.ring.base)
        case .since(let milliseconds):
            let wait = Duration.milliseconds(Int64(clamping: min(milliseconds, 1 << 40)))
            let number = link.ring.number(at: link.now + (.zero - wait))
            return LinkPosition(
                epoch: link.epochs.current,
                number: min(number, link.served)
            )
        }
    }

    /// A9: a root's child may be the only one who has what it gets; so that this hangs together with what the standbys hold, it
    /// begins behind that.
    private static func anew(_ resume: LinkCommand.Resume, _ link: LinkState) -> LinkPosition {
        guard link.role == .root, resume.kind != .client else { return link.position }
        let stable = min(Origins.stableNumber(link), link.served)
        return LinkPosition(epoch: link.epochs.current, number: max(stable, link.ring.base))
    }

    // MARK: - Served or held

    /// Serves a child that has said RESUME, holds it, or asks above for what is not here.
    static func tryAdmit(_ id: ChildFeedID, _ link: inout LinkState) {
        guard let place = link.place(of: id), link.children[place].hasResumed else { return }
        if !link.children[place].standing.isHeld { link.children[place].standing = .held }
        // D3
        guard !link.role.holdsChildren, link.hasHistory else { return hold(place, .noRoot, &link) }
        if let resume = link.children[place].start {
            link.children[place].position = start(of: resume, link)
            link.children[place].start = nil
        }
        let child = link.children[place]
        guard child.position.epoch <= link.epochs.current else {
            return hold(place, .behind, &link)
        }
        if case .heldOrphan(let root) = child.standing, link.role != .root,
            link.rules.keeps(.orphanOfRoot)
        {
            // A3: ours only while we are fed by the very same root; else it must go to the next one.
            let way = link.parent ?? link.candidate?.link
            if let way, way.node != root {
                return refuse(id, LinkRefusal(.rootIs(link.epochs.root)), &link)
            }
            guard link.role == .attached, link.isRootsChild else {
                return hold(place, .noRoot, &link)
            }
        }
        guard link.role != .root else { return tryAdmitAtRoot(place, &link) }
        let first = link.epochs.firstAsked(by: child.position)
        let covered = link.covers(child.topics.topics, mirror: child.isMirror, since: first)
        guard covered || !link.rules.keeps(.coverage) else {
            link.children[place].standing = .awaitingCoverage
            hold(place, .coverage, &link)
            return Syncs.askAbove(
                .coverage(id),
                child.isMirror ? [[]] : child.topics.topics,
                since: first,
                isEverything: child.isMirror,
                &link
            )
        }
        admit(place, &link)
    }

    /// A4: a root serves a child when all counted standbys have heard of it.
    private static func tryAdmitAtRoot(_ place: Int, _ link: inout LinkState) {
        let child = link.children[place]
        guard link.rules.keeps(.roster), !child.isClient, !Standbys.hasBeenHeardOf(child, link)
        else { return admit(place, &link) }
        link.children[place].standing = .awaitingHeard
        hold(place, .roster, &link)
        for standby in Standbys.counted(link) where standby != child.node {
            if let other = Standbys.live(standby, link) {
                Standbys.sendAdd(of: child, to: other, &link)
            }
        }
        if !link.rules.keeps(.rosterBeforeServing) { admit(place, &link) }
    }

    private static func hold(_ place: Int, _ reason: HoldReason, _ link: inout LinkState) {
        guard link.children[place].holdReason != reason else { return }
        link.children[place].holdReason = reason
        link.tell(link.children[place].id, .hold(reason))
    }

    static func admit(_ place: Int, _ link: inout LinkState) {
        let child = link.children[place]
        if !link.rules.keeps(.nothingTwice) {
            link.children[place].position.number = min(child.position.number, link.served)
        }
        link.children[place].standing = .live
        link.children[place].holdReason = nil
        let isRoot = link.role == .root
        link.tell(
            child.id,
            .resumed(
                LinkCommand.Resumed(
                    isRoot: isRoot,
                    root: link.epochs.root,
                    position: link.children[place].position
                )
            )
        )
        link.add(.subscribe(child.id, child.isMirror ? [[]] : child.topics.topics))
        for other in link.children.indices {
            link.children[other].heardOf.removeAll { $0 == child.id }
        }
        if isRoot {
            Standbys.tellStable(to: child.id, &link)
            if child.isMirror { Standbys.count(child.node, &link) }
        }
        Feeding.answer(&link)
    }

    /// What has changed may let children in that are held.
    static func retryHeld(_ link: inout LinkState) {
        for child in link.children {
            let isWaiting = child.standing == .awaitingHeard && link.role != .root
            if child.standing.isHeld || isWaiting { tryAdmit(child.id, &link) }
        }
    }

    static func refuse(_ id: ChildFeedID, _ refusal: LinkRefusal, _ link: inout LinkState) {
        link.tell(id, .refuse(refusal))
        link.add(.closeFeed(id))
        remove(id, &link)
    }

    /// Children that are served must attach again.
    static func dismissAll(_ link: inout LinkState) {
        for child in link.children where child.hasResumed && child.standing == .live {
            link.add(.closeFeed(child.id))
            remove(child.id, &link)
        }
    }

    // MARK: - Lost

    static func remove(_ id: ChildFeedID, _ link: inout LinkState) {
        guard let place = link.place(of: id) else { return }
        let child = link.children.remove(at: place)
        Syncs.forget(id, &link)
        for other in link.children.indices {
            link.children[other].heardOf.removeAll { $0 == id }
        }
        Tails.handleLost(child, &link)
        guard child.hasResumed else { return }
        Interests.handleLost(child, &link)
        if case .handingOver(child.node) = link.role {
            // The heir is lost before HANDOVER: nothing has happened.
            link.role = .root
            Admission.retryHeld(&link)
            Origins.resend(&link)
        }
        Standbys.handleLost(child, &link)
    }
}
