import Wire

/// Finding a parent, and losing it (tree-link.md, A1, A2, A3).
enum Attachment {
    // MARK: - Whom to turn to

    /// The relays that may be tried, best first.
    static func wishes(_ link: LinkState) -> [String] {
        let setup = link.setup
        let root = link.epochs.root
        var wishes: [String]
        if link.isMirror || link.isFormerRoot {
            wishes = [root.node]
        } else if link.isRootsChild {
            // An orphan of a root: the standbys hold it until the next is named, or send it there.
            // The plan's root may be the standby of an heir.
            wishes = setup.standbys + [setup.root.node, root.node]
            if let lost = link.seek.lost {
                if root.node != lost { wishes.insert(root.node, at: 0) }
                wishes.append(lost)
            }
        } else {
            let planned = [setup.parent].compactMap { $0 }
            // The plan's own parent first, but for who has just lost one.
            wishes = link.seek.lost == nil ? planned + setup.backups : setup.backups + planned
            // A1: who is started again may find all of them dead, and the arbiter has told it of the root.
            wishes += link.seek.offered + [root.node]
        }
        var unique: [String] = []
        for wish in wishes where wish != setup.node && !unique.contains(wish) {
            unique.append(wish)
        }
        return unique
    }

    /// Tries the next relay, now.
    static func seek(_ link: inout LinkState) {
        link.seek.nextAt = nil
        guard link.role == .seeking || link.role == .waiting, link.candidate == nil else { return }
        let wishes = wishes(link)
        guard !wishes.isEmpty else { return }
        let node = wishes[link.seek.attempt % wishes.count]
        link.seek.attempt += 1
        link.role = .joining
        dial(node, &link)
    }

    static func dial(_ node: String, _ link: inout LinkState) {
        let id = ParentLinkID(rawValue: link.nextParentID)
        link.nextParentID += 1
        link.candidate = Candidate(
            link: ParentLink(id: id, node: node),
            position: link.position,
            deadline: link.now + link.setup.options.holdTimeMax
        )
        link.add(.dial(id, node: node))
    }

    /// The attempt has failed: the next at once, until all have been tried; then after a wait, with jitter (A2).
    static func retry(_ link: inout LinkState) {
        link.candidate = nil
        if case .gaveOffice = link.role {
            link.seek.nextAt = link.now + link.setup.options.retryWait
            return
        }
        guard link.parent == nil else { return }
        // A standby goes on asking for its root, which may live, and may be named meanwhile.
        link.role = link.isMirror && link.isRootsChild ? .waiting : .seeking
        guard link.seek.attempt > 0, link.seek.attempt % max(1, wishes(link).count) == 0 else {
            return seek(&link)
        }
        let options = link.setup.options
        let doubled = options.retryWait.nanoseconds << min(link.seek.failureCount, 20)
        let wait = UInt64(min(doubled, options.retryWaitMax.nanoseconds))
        link.seek.failureCount += 1
        let jitter = (wait / 2).multipliedFullWidth(by: link.draw()).high
        link.seek.nextAt = link.now + .nanoseconds(Int64(wait - wait / 2 + jitter))
    }

    // MARK: - RESUME

    static func handleOpened(_ id: ParentLinkID, _ link: inout LinkState) {
        guard link.candidate?.link.id == id else { return }
        link.candidate?.link.isOpen = true
        let position = link.position
        link.candidate?.position = position
        link.candidate?.link.epoch = position.epoch
        link.candidate?.deadline = link.now + link.setup.options.holdTimeMax
        var resume = LinkCommand.Resume(start(link), kind(link))
        resume.isMirror = link.isMirror
        resume.topics = Interests.asked(link)
        if link.isMirror { link.toldWants = Interests.wants(link) }
        if link.parent == nil, !link.hasHistory, !link.isMirror {
            // It begins with what comes: everything that is wanted is asked for with RESUME (A9).
            resume.topics = Interests.wants(link).topics
        }
        link.candidate?.topics = resume.topics
        link.add(.sendUp(.resume(resume), id))
        for request in link.requests where request.isSent && link.parent != nil {
            Syncs.askCandidate(request, &link)
        }
        if link.role == .joining {
            Interests.awaitDemand(link.candidate?.demand ?? TopicSet(), &link)
            Origins.resend(&link)
        }
    }

    /// A9: who has nothing begins with what comes; who may become root, with all there is.
    private static func start(_ link: LinkState) -> ResumeStart {
        if link.hasHistory { return .after(link.position) }
        return link.isMirror ? .first : .now
    }

    private static func kind(_ link: LinkState) -> ResumeKind {
        if link.parent != nil { return .candidate }
        if case .gaveOffice = link.role { return .orphan(of: nil) }
        guard link.isRootsChild, let root = link.seek.lost else { return .child }
        return .orphan(of: root)
    }

    // MARK: - RESUMED

    /// The feed from a new parent is ours.
    static func attach(_ link: inout LinkState) {
        Moves.forgetOld(&link)
        guard let candidate = link.candidate else { return }
        let old = link.parent
        // Who joins has sent what is not acknowledged with RESUME.
        let hasSent = link.role == .joining
        link.parent = candidate.link
        link.candidate = nil
        link.tailDuties = []
        link.role = .attached
        link.isRootsChild = candidate.isRoot
        link.stable = nil
        link.lowestCursor = 0
        link.seek = Seeking()
        link.holdsReport = PacedReport()
        link.statusAt = link.now + link.setup.options.statusInterval
        for place in link.children.indices { link.children[place].notes = [] }
        Syncs.askAgain(&link)
        if let old {
            Interests.awaitDemand(candidate.demand, &link)
            link.add(.sendUp(.switchOver, candidate.link.id))
            link.add(.close(old.id))
        }
        if !hasSent { Origins.resend(&link) }
        link.add(.report(.attached(to: candidate.link.node)))
        link.add(.takeKept(candidate.link.id))
        if link.isMirror { Interests.changed(Interests.wants(link).topics, &link) }
        Feeding.reportHolds(&link)
        Admission.retryHeld(&link)
    }

    /// RESUMED says another place than ours: what lies between is gone, or there was nothing before.
    static func begin(at position: LinkPosition, _ topics: [LinkTopic], _ link: inout LinkState) {
        let gap = LinkNumbers(from: link.served + 1, through: position.number)
        if link.hasHistory, let gap {
            link.counts.gapCount.add(gap.upperBound - gap.lowerBound + 1)
            link.add(.report(.gap(gap)))
        }
        // What was is of no meaning for what comes, and children cannot be told how it ended: they begin anew, too.
        if link.hasHistory { Admission.dismissAll(&link) }
        Intake.noteGiven(after: 0, &link)
        link.add(.setBack(after: 0))
        link.ring.restart(after: position.number)
        link.served = position.number
        link.epochs.restart(in: position.epoch)
        link.coverage = TopicCoverage()
        link.coverage.extend(topics, since: position.number + 1, isEverything: link.isMirror)
        link.hasHistory = true
        Feeding.answer(&link)
    }

    // MARK: - Lost

    static func handleLost(_ id: ParentLinkID, _ link: inout LinkState) {
        if link.candidate?.link.id == id { return retry(&link) }
        guard let parent = link.parent, parent.id == id else { return }
        link.parent = nil
        link.seek.lost = parent.node
        link.seek.attempt = 0
        link.add(.report(.lostParent(parent.node)))
        if let candidate = link.candidate {
            // A7: the candidate becomes the parent, but for who was fed by the root.
            let mayGo = !link.isRootsChild || !link.rules.keeps(.dropCandidateWithRoot)
            if mayGo, !candidate.hasChanged, candidate.link.isOpen {
                link.role = .joining
                Interests.awaitDemand(candidate.demand, &link)
                let isSynced = candidate.isSynced
                if isSynced { attach(&link) }
                return Origins.resend(&link)
            }
            link.add(.close(candidate.link.id))
            link.candidate = nil
        }
        link.role = link.isMirror && link.isRootsChild ? .waiting : .seeking
        seek(&link)
    }
}
