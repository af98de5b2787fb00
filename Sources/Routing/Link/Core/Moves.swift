import Wire

/// Make before break: a second feed beside the first (tree-link.md, A5, A6).
enum Moves {
    /// A new plan: another parent. `false` when it cannot be now.
    static func move(to node: String, _ link: inout LinkState) -> Bool {
        guard link.role == .attached, link.candidate == nil, let parent = link.parent,
            parent.node != node, node != link.setup.node, !(link.isMirror && link.isRootsChild)
        else { return false }
        Attachment.dial(node, &link)
        return true
    }

    /// A standby that was fed by another relay goes to the root (A1).
    static func rejoinRoot(_ link: inout LinkState) {
        guard link.isMirror, !link.isRootsChild, link.role == .attached, link.candidate == nil,
            let parent = link.parent, parent.node != link.epochs.root.node,
            link.epochs.root.node != link.setup.node
        else { return }
        Attachment.dial(link.epochs.root.node, &link)
    }

    static func giveUp(_ link: inout LinkState) {
        guard let candidate = link.candidate else { return }
        link.candidate = nil
        link.add(.close(candidate.link.id))
        link.add(.forgetKept(candidate.link.id, through: LinkPosition(epoch: .max, number: .max)))
    }

    // MARK: - What the candidate says

    static func handle(_ command: LinkCommand, _ link: inout LinkState) -> CommandFate {
        guard let candidate = link.candidate else { return .done }
        switch command {
        case .resumed(let resumed): handle(resumed, candidate, &link)
        case .hold(let reason):
            // Who is no orphan of a root tries its next parent after a while (A2).
            if link.isRootsChild || reason == .roster {
                link.candidate?.deadline = Instant(nanoseconds: .max)
            } else if reason == .noRoot, link.parent == nil {
                let deadline = link.now + link.setup.options.orphanHoldTimeMax
                link.candidate?.deadline = min(candidate.deadline, deadline)
            }
        case .epoch(let root, let first):
            link.candidate?.isSynced = true
            link.candidate?.isRoot = root.node == candidate.link.node
            link.candidate?.position = LinkPosition(epoch: root.epoch, number: first - 1)
            link.add(
                .forgetKept(
                    candidate.link.id,
                    through: LinkPosition(epoch: link.epochs.current, number: link.served)
                )
            )
            link.add(.forgetKeptBatches(candidate.link.id, from: first))
            switchIfReady(&link)
            return .keep
        case .synced(let id, _):
            link.candidate?.due.removeAll { $0 == id }
            link.candidate?.since = max(candidate.since, candidate.position.number + 1)
            switchIfReady(&link)
        case .gap, .handOver:
            // What it cannot give our parent may have: another time.
            if link.parent != nil { giveUp(&link) }
        case .stable: return .keep
        default: break
        }
        return .done
    }

    private static func handle(
        _ resumed: LinkCommand.Resumed,
        _ candidate: Candidate,
        _ link: inout LinkState
    ) {
        let isAnew = !link.hasHistory || resumed.position != candidate.position
        if isAnew, link.parent != nil { return giveUp(&link) }
        link.epochs.learn(resumed.root)
        link.candidate?.isSynced = true
        link.candidate?.isRoot = resumed.isRoot
        link.candidate?.deadline = Instant(nanoseconds: .max)
        if link.parent != nil { return switchIfReady(&link) }
        link.candidate?.position = resumed.position
        if isAnew { Attachment.begin(at: resumed.position, candidate.topics, &link) }
        Attachment.attach(&link)
    }

    static func handle(
        _ refusal: LinkRefusal,
        from id: ParentLinkID,
        _ link: inout LinkState
    ) {
        var isNews = false
        if case .rootIs(let root) = refusal.reason {
            isNews = root.epoch > link.epochs.root.epoch
            link.epochs.learn(root)
        }
        for other in refusal.others where !link.seek.offered.contains(other) {
            link.seek.offered.append(other)
        }
        let node = link.candidate?.link.id == id ? link.candidate?.link.node : link.parent?.node
        link.add(.report(.refused(by: node ?? "", refusal)))
        link.add(.close(id))
        if isNews { link.seek.attempt = 0 }
        Attachment.handleLost(id, &link)
    }

    // MARK: - The switch

    /// What was kept and has come on the old feed meanwhile.
    static func forgetOld(_ link: inout LinkState) {
        guard let candidate = link.candidate else { return }
        link.candidate?.link.epoch = min(candidate.position.epoch, link.epochs.current)
        var hasOld = false
        while let kept = link.candidate?.kept.first, kept.through <= link.position {
            link.candidate?.kept.removeFirst()
            link.candidate?.keptOctetCount -= kept.octetCount
            hasOld = true
        }
        if hasOld { link.add(.forgetKept(candidate.link.id, through: link.position)) }
    }

    /// The candidate's stream is at least as far as ours, has all we want from there on, and the root can spare us.
    static func switchIfReady(_ link: inout LinkState) {
        guard let candidate = link.candidate, link.parent != nil else { return }
        let isFar =
            candidate.position.epoch > link.epochs.current
            || candidate.position.epoch == link.epochs.current
                && candidate.position.number >= link.served
        guard candidate.isSynced, candidate.due.isEmpty, candidate.since <= link.served + 1, isFar,
            isStable(link)
        else { return }
        Attachment.attach(&link)
    }

    /// A6: before that a root's child might be the only one who has a number, where no roster leads to it.
    private static func isStable(_ link: LinkState) -> Bool {
        guard link.isRootsChild, link.rules.keeps(.leaveWhenStable) else { return true }
        guard let stable = link.stable else { return false }
        return stable.epoch == link.epochs.current && stable.number >= link.served
    }
}
