import Wire

/// What a root has to do with those who may follow it (tree-link.md, A4, C3, U4).
enum Standbys {
    // MARK: - Who counts

    /// The standbys that a root reckons with, reachable or not: whom the arbiter may name, and whom it is taking in.
    static func counted(_ link: LinkState) -> [String] {
        var nodes = link.office.service
        for joining in link.office.joining where !nodes.contains(joining.node) {
            nodes.append(joining.node)
        }
        nodes.removeAll { $0 == link.setup.node }
        if !link.rules.keeps(.lostStandbyCounts) { nodes = nodes.filter { live($0, link) != nil } }
        return nodes
    }

    /// The newest feed of a standby that is served, and is not a candidate's.
    static func live(_ node: String, _ link: LinkState) -> ChildFeedID? {
        link.children.last { $0.node == node && $0.standing == .live && !$0.isCandidate }?.id
    }

    static func held(by node: String, _ link: LinkState) -> UInt64 {
        guard let held = link.office.holds.first(where: { $0.node == node })?.position else {
            return 0
        }
        // HOLDS of an older epoch counts to that epoch's end.
        return min(held.number, link.epochs.end(of: held.epoch) ?? held.number)
    }

    static func hasBeenHeardOf(_ child: Child, _ link: LinkState) -> Bool {
        if link.office.service.contains(child.node) { return true }
        return counted(link).allSatisfy { node in
            guard node != child.node else { return true }
            guard let standby = live(node, link), let place = link.place(of: standby) else {
                return false
            }
            return link.children[place].heardOf.contains(child.id)
        }
    }

    // MARK: - Rosters

    /// A standby comes to a root, which counts it from now on. It needs to hear at once of those that wait; the whole roster
    /// stands in its stream behind every number that anybody may have by now, so HEARD of that means it holds them.
    static func count(_ node: String, _ link: inout LinkState) {
        guard let id = live(node, link), let place = link.place(of: id) else { return }
        let position =
            link.rules.keeps(.rosterInPlace)
            ? LinkPosition(epoch: link.epochs.current, number: link.ring.last)
            : LinkPosition(epoch: 0, number: 0)
        link.office.absent.removeAll { $0.node == node }
        if !link.office.service.contains(node) {
            link.office.joining.removeAll { $0.node == node }
            link.office.joining.append(Office.Joining(node: node, position: position))
        }
        for child in link.children where child.standing == .awaitingHeard && child.node != node {
            sendAdd(of: child, to: id, &link)
        }
        link.children[place].notes.append(Child.Note(position: position, content: .roster))
        Feeding.sendNotes(&link)
    }

    static func sendAdd(of child: Child, to standby: ChildFeedID, _ link: inout LinkState) {
        guard let place = link.place(of: standby) else { return }
        note([child.id], whole: nil, place, &link)
        link.tell(standby, .rosterAdd(child.node))
    }

    private static func note(
        _ feeds: [ChildFeedID],
        whole: LinkPosition?,
        _ place: Int,
        _ link: inout LinkState
    ) {
        link.children[place].rosterCount += 1
        let ordinal = link.children[place].rosterCount
        link.children[place].rosters.append(
            Child.Roster(ordinal: ordinal, feeds: feeds, whole: whole)
        )
    }

    /// What stands at this place of a standby's stream.
    static func send(_ note: Child.Note, _ place: Int, _ link: inout LinkState) {
        switch note.content {
        case .roster: sendWhole(place, at: note.position, &link)
        case .remove(let node):
            let isKnown = link.office.service.contains(node) || link.hasChild(node)
            let mayForget =
                !link.rules.keeps(.rosterForgetsLastLink) || !link.rules.keeps(.removalIsFresh)
            guard !isKnown || mayForget else { return }
            Standbys.note([], whole: nil, place, &link)
            link.tell(link.children[place].id, .rosterRemove(node))
        }
    }

    static func sendWhole(_ place: Int, at position: LinkPosition, _ link: inout LinkState) {
        var feeds: [ChildFeedID] = []
        var nodes: [String] = []
        for child in link.children where child.hasResumed && !child.isClient {
            let isServed = child.standing == .live || child.standing == .awaitingHeard
            guard isServed || link.rules.keeps(.rosterHasHeld) else { continue }
            feeds.append(child.id)
            nodes.append(child.node)
        }
        for note in link.children[place].notes {
            if case .remove(let node) = note.content { nodes.append(node) }
        }
        nodes += counted(link)
        Feeding.announceOrigins(below: link.origins.count, place, &link)
        // U6: as of this place of the stream, behind which more may have been numbered.
        let ahead = link.origins(after: link.children[place].position.number)
        let origins = link.origins.lastNumbered(without: ahead).enumerated().map {
            LinkCommand.Acknowledgement(origin: $0.offset, sequence: $0.element)
        }
        note(feeds, whole: position, place, &link)
        var unique: [String] = []
        for node in nodes where !unique.contains(node) { unique.append(node) }
        link.tell(link.children[place].id, .roster(unique, origins))
    }

    /// Rosters lose a child behind all that it was sent.
    private static func remove(_ node: String, at position: LinkPosition, _ link: inout LinkState) {
        if !link.rules.keeps(.removalIsFresh), link.hasChild(node) { return }
        for standby in counted(link) {
            guard let id = live(standby, link), let place = link.place(of: id) else { continue }
            link.children[place].notes.append(
                Child.Note(position: position, content: .remove(node))
            )
        }
        Feeding.sendNotes(&link)
    }

    static func handleHeard(_ count: UInt64, from id: ChildFeedID, _ link: inout LinkState) {
        guard let place = link.place(of: id) else { return }
        let node = link.children[place].node
        let heard = link.children[place].rosters.filter { $0.ordinal <= count }
        link.children[place].rosters.removeAll { $0.ordinal <= count }
        for roster in heard {
            for feed in roster.feeds {
                guard let child = link.children.first(where: { $0.id == feed }) else { continue }
                let isHeir: Bool
                if case .heir = link.role { isHeir = true } else { isHeir = false }
                if child.standing == .awaitingHeard || isHeir,
                    !link.children[place].heardOf.contains(feed)
                {
                    link.children[place].heardOf.append(feed)
                }
            }
            if let whole = roster.whole { handleWhole(whole, of: node, place, &link) }
        }
        admitHeardOf(&link)
    }

    private static func handleWhole(
        _ position: LinkPosition,
        of node: String,
        _ place: Int,
        _ link: inout LinkState
    ) {
        if case .heir = link.role {
            link.children[place].hasHeardWhole = true
            return HandOver.askForOffice(&link)
        }
        guard
            let joining = link.office.joining.firstIndex(where: {
                $0.node == node && $0.position == position
            })
        else { return }
        guard link.role == .root, !link.children[place].hasHadGap,
            !link.office.joining[joining].isAsked
        else { return }
        link.office.joining[joining].isAsked = true
        link.add(.ask(.takeIn(node, epoch: link.epochs.current)))
    }

    /// A standby knows of a child now, or counts no more.
    static func admitHeardOf(_ link: inout LinkState) {
        guard link.role == .root else { return }
        for child in link.children
        where child.standing == .awaitingHeard && hasBeenHeardOf(child, link) {
            if let place = link.place(of: child.id) { Admission.admit(place, &link) }
        }
    }

    // MARK: - In and out of service

    static func handleTakenIn(_ node: String, _ link: inout LinkState) {
        guard !link.office.service.contains(node) else { return }
        link.office.service.append(node)
        link.office.joining.removeAll { $0.node == node }
        if live(node, link) == nil { noteAbsent(node, &link) }
        admitHeardOf(&link)
    }

    static func handleTakenOut(_ node: String, _ link: inout LinkState) {
        link.office.service.removeAll { $0 == node }
        link.office.absent.removeAll { $0.node == node }
        link.office.behind.removeAll { $0 == node }
        if !link.hasChild(node) {
            let position = LinkPosition(epoch: link.epochs.current, number: link.ring.last)
            remove(node, at: position, &link)
        }
        admitHeardOf(&link)
        if link.role == .root { count(node, &link) }
        HandOver.giveIfReady(&link)
        Origins.acknowledge(&link)
    }

    static func handleLost(_ child: Child, _ link: inout LinkState) {
        guard link.role.isOffice else { return }
        if live(child.node, link) == nil {
            link.office.joining.removeAll { $0.node == child.node }
        }
        if link.office.service.contains(child.node) {
            if live(child.node, link) == nil { noteAbsent(child.node, &link) }
        } else {
            remove(child.node, at: child.position, &link)
        }
        if case .gaveOffice(child.node) = link.role { link.office.heirAbsentSince = link.now }
        admitHeardOf(&link)
        Origins.acknowledge(&link)
    }

    private static func noteAbsent(_ node: String, _ link: inout LinkState) {
        guard !link.office.absent.contains(where: { $0.node == node }) else { return }
        link.office.absent.append((node, link.now, false))
    }

    /// A standby that is lost for long is to be taken out of service; until the arbiter says so, it counts.
    static func checkAbsent(_ link: inout LinkState) {
        guard link.role.isOffice else { return }
        link.office.absent = link.office.absent.filter { live($0.node, link) == nil }
        for place in link.office.absent.indices where !link.office.absent[place].isAsked {
            let absent = link.office.absent[place]
            guard absent.since + link.setup.options.standbyAbsenceMax <= link.now else { continue }
            link.office.absent[place].isAsked = true
            link.add(.ask(.takeOut(absent.node, epoch: link.epochs.current)))
        }
    }

    /// C3: a root keeps all that a counted standby does not hold (G3); one that is behind by half a ring counts no longer.
    static func checkBehind(_ link: inout LinkState) {
        guard link.role == .root else { return }
        let options = link.setup.options
        for node in link.office.service where !link.office.behind.contains(node) {
            let held = held(by: node, link)
            let isOld = link.ring.time(of: held + 1).map {
                link.now - $0 > options.ringTimeMax / 2
            }
            guard
                link.ring.octetCount(after: held) > options.ringOctetCountMax / 2
                    || isOld ?? false
            else { continue }
            link.office.behind.append(node)
            link.add(.ask(.takeOut(node, epoch: link.epochs.current)))
        }
    }

    // MARK: - HOLDS and STABLE

    static func handleHolds(
        _ position: LinkPosition,
        from id: ChildFeedID,
        _ link: inout LinkState
    ) {
        guard let place = link.place(of: id) else { return }
        let node = link.children[place].node
        if let known = link.office.holds.firstIndex(where: { $0.node == node }) {
            link.office.holds[known].position = position
        } else {
            link.office.holds.append((node, position))
        }
        Origins.acknowledge(&link)
        HandOver.giveIfReady(&link)
    }

    static func tellStable(to child: ChildFeedID, _ link: inout LinkState) {
        guard let position = link.office.stableReport.sent else { return }
        link.tell(child, .stable(position, lowest: link.office.stableReport.sentLowest))
    }

    /// When STABLE is to be sent, if it says anything new.
    static func nextReport(_ link: LinkState) -> Instant? {
        let report = link.office.stableReport
        guard let sent = report.sent, let next = report.nextAt, next > link.now else { return nil }
        let children = link.children.filter { $0.standing == .live && !$0.isClient }
        let lowest = children.map(\.position.number).min()
        let isNews =
            sent != LinkPosition(epoch: link.epochs.current, number: Origins.stableNumber(link))
            || lowest.map { $0 != report.sentLowest } ?? false
        return isNews ? next : nil
    }

    static func reportStable(_ number: UInt64, _ link: inout LinkState) {
        let report = link.office.stableReport
        if let next = report.nextAt, next > link.now { return }
        let position = LinkPosition(epoch: link.epochs.current, number: number)
        let children = link.children.filter { $0.standing == .live && !$0.isClient }
        let lowest = children.map(\.position.number).min() ?? number
        guard report.sent != position || report.sentLowest != lowest else { return }
        link.office.stableReport = PacedReport(
            sent: position,
            sentLowest: lowest,
            nextAt: link.now + link.setup.options.reportInterval
        )
        for child in children { link.tell(child.id, .stable(position, lowest: lowest)) }
    }
}
