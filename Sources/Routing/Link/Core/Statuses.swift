import Wire

/// How the tree is, told upwards (tree-link.md, §4, STATUS).
enum Statuses {
    /// Of this relay and, as they said last, of those below it.
    static func status(_ link: LinkState) -> LinkStatus {
        var status = LinkStatus(slowest: link.setup.node, position: link.position)
        status.gapCount = link.counts.gapCount
        status.repeatCount = link.counts.repeatCount
        status.setBackCount = link.counts.setBackCount
        for child in link.children where !child.isCandidate {
            if let below = child.status { status.merge(below) }
        }
        return status
    }

    static func treeStatus(_ link: LinkState) -> TreeStatus {
        let status = status(link)
        // Of who is of an older epoch, what is behind its end does not count.
        let end = link.epochs.end(of: status.position.epoch) ?? status.position.number
        let through = min(status.position.number, end)
        let lag = link.served > through ? link.served - through : 0
        let since = lag == 0 ? link.now : link.ring.time(of: through + 1) ?? link.now
        return TreeStatus(
            status: status,
            lagMessageCount: lag,
            lagTime: max(link.now - since, .zero)
        )
    }

    static func sendIfDue(_ link: inout LinkState) {
        guard let parent = link.parent, let at = link.statusAt, at <= link.now else { return }
        link.statusAt = link.now + link.setup.options.statusInterval
        link.add(.sendUp(.status(status(link)), parent.id))
    }

    static func handle(_ status: LinkStatus, from id: ChildFeedID, _ link: inout LinkState) {
        guard let place = link.place(of: id) else { return }
        link.children[place].status = status
    }
}

/// What a relay has counted since it started.
struct LinkCounts: Sendable {
    var gapCount: UInt64 = 0
    var repeatCount: UInt64 = 0
    var setBackCount: UInt64 = 0
}
