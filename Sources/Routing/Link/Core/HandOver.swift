import Wire

/// A root passes its office on in order (tree-link.md, H1 to H4).
enum HandOver {
    // MARK: - The old root

    /// H1: gives no numbers any more, and has all standbys but the heir taken out of service. `false` when that cannot be now.
    static func begin(to heir: String, _ link: inout LinkState) -> Bool {
        guard link.role == .root, link.office.service.contains(heir),
            Standbys.live(heir, link) != nil, link.missing.isEmpty
        else { return false }
        link.role = .handingOver(heir: heir)
        link.office.joining = []
        for node in link.office.service where node != heir {
            link.add(.ask(.takeOut(node, epoch: link.epochs.current)))
        }
        giveIfReady(&link)
        return true
    }

    /// HANDOVER follows the last number, which the heir holds.
    static func giveIfReady(_ link: inout LinkState) {
        guard case .handingOver(let heir) = link.role, link.office.service == [heir],
            let id = Standbys.live(heir, link), let place = link.place(of: id)
        else { return }
        let end = LinkPosition(epoch: link.epochs.current, number: link.ring.last)
        let held = link.office.holds.first { $0.node == heir }?.position
        guard
            (link.children[place].position == end && held == end)
                || !link.rules.keeps(.handOverInPlace)
        else { return }
        link.tell(id, .handOver(epoch: link.epochs.current + 1))
        link.role = .gaveOffice(heir: heir)
        link.isFormerRoot = true
        link.office.heirAbsentSince = nil
    }

    /// H2: attaches to the heir as an orphan of no root, once the heir has left; H4: or asks the arbiter whether it may go on.
    static func checkHeir(_ link: inout LinkState) {
        guard case .gaveOffice(let heir) = link.role, let since = link.office.heirAbsentSince else {
            return
        }
        if link.candidate == nil, link.seek.nextAt == nil { Attachment.dial(heir, &link) }
        guard since + link.setup.options.heirAbsenceMax <= link.now, !link.office.isOfficeAsked
        else { return }
        link.office.isOfficeAsked = true
        ask(service: link.office.service, &link)
    }

    private static func ask(service: [String], _ link: inout LinkState) {
        guard link.rules.keeps(.oneOffice) else {
            let root = LinkRoot(node: link.setup.node, epoch: link.epochs.current + 1)
            return handleOffice(Naming(root: root, service: service), &link)
        }
        link.add(.ask(.office(after: link.epochs.current, service: service)))
    }

    // MARK: - The heir

    static func handleHandOver(epoch: UInt64, _ link: inout LinkState) {
        guard link.role == .attached, let parent = link.parent, epoch == link.epochs.current + 1
        else { return }
        Moves.giveUp(&link)
        link.add(.close(parent.id))
        link.parent = nil
        link.seek.lost = parent.node
        link.office = Office()
        link.role = .heir(of: parent.node, epoch: epoch)
        if !link.rules.keeps(.heirWaits) { askForOffice(&link) }
    }

    /// The predecessor comes as a standby: it must know the heir's children before they get anything of it as root.
    static func handleOldRoot(_ id: ChildFeedID, _ link: inout LinkState) {
        guard let place = link.place(of: id) else { return }
        link.children[place].standing = .held
        Standbys.sendWhole(place, at: link.position, &link)
    }

    /// H3: the heir asks the arbiter, and only then serves as root.
    static func askForOffice(_ link: inout LinkState) {
        guard case .heir(let old, _) = link.role, !link.office.isOfficeAsked else { return }
        link.office.isOfficeAsked = true
        ask(service: [old], &link)
    }

    // MARK: - The arbiter's answer

    /// The office is ours.
    static func handleOffice(_ naming: Naming, _ link: inout LinkState) {
        switch link.role {
        case .heir, .gaveOffice: break
        default: return
        }
        if link.candidate != nil { Moves.giveUp(&link) }
        link.isFormerRoot = false
        let holds = link.office.holds
        link.office = Office()
        link.office.holds = holds
        link.office.service = naming.service.filter { $0 != link.setup.node }
        Adoption.reign(naming.root.epoch, &link)
    }

    /// The office is another's, or was.
    static func handleOfficeRefused(_ link: inout LinkState) {
        switch link.role {
        case .heir: link.role = .waiting
        case .gaveOffice:
            fence(&link)
            link.role = .seeking
            link.isRootsChild = false
            if link.candidate == nil { Attachment.seek(&link) }
        default: break
        }
    }

    /// A root that may reign no more stops serving at once (C2).
    static func fence(_ link: inout LinkState) {
        for child in link.children { link.add(.closeFeed(child.id)) }
        link.children = []
        link.laterSyncs = []
        link.office = Office()
        link.missing = NumberSet()
        link.missingUntil = nil
        // Numbers that it has given and not served are not of any history.
        if link.ring.last > link.served { link.truncate(after: link.served) }
        link.role = .fenced
        link.isFormerRoot = true
    }
}
