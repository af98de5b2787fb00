import Wire

/// What a new root takes for the tree's history, and the beginning of its reign (tree-link.md, F3 to F5).
enum Adoption {
    static func adopt(_ collection: TailCollection, _ link: inout LinkState) {
        guard case .collecting(let epoch) = link.role else { return }
        link.collection = nil
        if !collection.awaited.isEmpty { link.add(.report(.gaveUp(collection.awaited))) }
        if !link.hasHistory { begin(collection, &link) }
        catchUp(collection, &link)
        while let found = next(behind: link.ring.last, collection, link) {
            take(found, collection, &link)
        }
        link.add(.forgetTails)
        reign(epoch, &link)
    }

    /// A root that has nothing begins where the tails of the newest epoch do.
    private static func begin(_ collection: TailCollection, _ link: inout LinkState) {
        let newest = collection.sections.map(\.epoch).max() ?? 0
        let sections = collection.sections.filter { $0.epoch == newest }
        let firsts = sections.compactMap { $0.stretches.first?.numbers.lowerBound }
        // Who holds nothing any more still knows how far it has come.
        let after = firsts.min().map { $0 - 1 } ?? sections.map(\.after).max() ?? 0
        link.ring.restart(after: after)
        link.served = after
        link.epochs.restart(in: newest)
        for section in sections {
            for stretch in section.stretches where stretch.origin.first > 1 {
                let before = OriginRange(
                    index: stretch.origin.index,
                    first: stretch.origin.first - 1,
                    count: 1
                )
                link.origins.noteNumbered(before)
            }
        }
    }

    /// Whoever is of a later epoch has the history: what we had beyond an end that we missed was set back.
    private static func catchUp(_ collection: TailCollection, _ link: inout LinkState) {
        for section in collection.sections {
            while link.epochs.current < section.epoch {
                let current = link.epochs.current
                guard let end = section.ends.last(where: { $0.epoch <= current }) else { break }
                let following = section.ends.first { $0.epoch > current }?.epoch ?? section.epoch
                if end.number < link.served { Intake.setBack(after: end.number, &link) }
                link.epochs.begin(following, after: max(min(end.number, link.served), end.number))
            }
        }
    }

    /// Numbers of one origin, and the sections that know them.
    private struct Found {
        var origin: OriginRange
        var numbers: LinkNumbers
        var sections: [TailSection]
    }

    private static func next(
        behind last: UInt64,
        _ collection: TailCollection,
        _ link: LinkState
    ) -> Found? {
        let number = last + 1
        var end = UInt64.max
        var origin: OriginRange?
        var sections: [TailSection] = []
        for section in collection.sections {
            var limit = UInt64.max
            if section.epoch != link.epochs.current {
                guard let end = link.epochs.end(of: section.epoch) else { continue }
                limit = end
            }
            guard number <= limit else { continue }
            guard let stretch = section.stretches.first(where: { $0.numbers.contains(number) })
            else {
                // Another's stretch must not run over the beginning of this one.
                for stretch in section.stretches where stretch.numbers.lowerBound > number {
                    end = min(end, stretch.numbers.lowerBound - 1)
                }
                continue
            }
            end = min(end, limit, stretch.numbers.upperBound)
            let skipped = number - stretch.numbers.lowerBound
            origin = OriginRange(
                index: stretch.origin.index,
                first: stretch.origin.first + skipped,
                count: 0
            )
            sections.append(section)
        }
        guard var origin else { return nil }
        origin.count = end - number + 1
        return Found(origin: origin, numbers: number...end, sections: sections)
    }

    /// The union of what anybody holds (F3); a number that nobody has the message of keeps its origin (F4).
    private static func take(
        _ found: Found,
        _ collection: TailCollection,
        _ link: inout LinkState
    ) {
        link.ring.append([found.origin], octetCount: 0, at: link.now)
        link.origins.noteNumbered(found.origin)
        var rest = NumberSet([found.numbers])
        for section in found.sections {
            for part in section.held.parts(of: found.numbers).flatMap({ rest.parts(of: $0) }) {
                link.ring.hold(part)
                rest.remove(part)
                link.add(.adopt(section.id, part))
            }
        }
        for section in found.sections {
            for part in section.void.parts(of: found.numbers).flatMap({ rest.parts(of: $0) }) {
                link.ring.makeVoid(part)
                rest.remove(part)
            }
        }
        let isOriginDead = collection.dead.contains(link.origins[found.origin.index].id.node)
        for part in rest.ranges {
            if isOriginDead || !link.rules.keeps(.numbersKeepTheirOrigin) {
                link.ring.makeVoid(part)
                link.add(.report(.void(part)))
            } else {
                link.missing.insert(part)
            }
        }
    }

    /// F5: the old epoch ends at the last number so adopted.
    static func reign(_ epoch: UInt64, _ link: inout LinkState) {
        link.epochs.begin(epoch, after: link.ring.last)
        link.epochs.learn(LinkRoot(node: link.setup.node, epoch: epoch))
        link.role = .root
        link.isRootsChild = false
        link.hasHistory = true
        link.collection = nil
        link.roster = []
        link.stable = nil
        link.requests = []
        link.office.acknowledged = max(link.office.acknowledged, link.ring.base)
        link.office.stableReport = PacedReport()
        link.coverage.everythingSince = link.ring.base + 1
        link.missingUntil =
            link.missing.isEmpty ? nil : link.now + link.setup.options.fillTimeMax
        // The standbys must know those, too, whom it had before.
        let ownWait = link.rules.keeps(.ownChildrenWait) && link.rules.keeps(.heirWaits)
        for place in link.children.indices {
            switch link.children[place].standing {
            case .held, .heldOrphan: break
            case .live where !ownWait || link.children[place].isClient: break
            // What those wait for came with the office, or was asked of the parent.
            case .awaitingHeard, .awaitingCoverage, .live: link.children[place].standing = .held
            }
        }
        if link.rules.keeps(.oldDemandLingers), !link.demand.isEmpty {
            // What the old root wanted, and its standbys were told.
            link.ghosts.append(
                Ghost(
                    topics: link.demand.topics,
                    until: link.now + link.setup.options.lingerTime
                )
            )
        }
        link.demandSettlesAt = nil
        for node in link.office.service where Standbys.live(node, link) == nil {
            link.office.absent.append((node, link.now, false))
        }
        link.add(.report(.becameRoot(epoch: epoch)))
        Interests.changed(Interests.wants(link).topics + link.demand.topics, &link)
        Feeding.advance(&link)
        Admission.retryHeld(&link)
        Origins.resend(&link)
    }

    static func makeVoid(_ numbers: LinkNumbers, _ link: inout LinkState) {
        link.missing.remove(numbers)
        link.ring.makeVoid(numbers)
        link.add(.report(.void(numbers)))
    }

    /// F4: origins that have not come back in time are waited for no longer.
    static func giveUpMissing(_ link: inout LinkState) {
        guard let deadline = link.missingUntil, deadline <= link.now else { return }
        link.missingUntil = nil
        for numbers in link.missing.ranges { makeVoid(numbers, &link) }
        Feeding.advance(&link)
    }
}
