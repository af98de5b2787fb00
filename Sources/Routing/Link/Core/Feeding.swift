import Wire

/// The ring is the queue: each child has a cursor into it (tree-link.md, D1, D2, D4, D7).
enum Feeding {
    // MARK: - What has been served

    /// Numbers have been dealt with: plain subscribers and children are given them.
    static func serve(through number: UInt64, _ link: inout LinkState) {
        guard let numbers = LinkNumbers(from: link.served + 1, through: number) else { return }
        link.served = number
        deliver(numbers, &link)
        Origins.acknowledge(&link)
        reportHolds(&link)
        if link.ring.octetCount > link.setup.options.ringOctetCountMax { trim(&link) }
        if link.trimAt == nil { link.trimAt = nextTrim(link) }
    }

    /// A root serves what is complete, in order: a number without its message holds back what follows (F4).
    static func advance(_ link: inout LinkState) {
        let firstMissing =
            link.rules.keeps(.serveWhenFilled) ? link.missing.first ?? .max : .max
        serve(through: min(link.ring.last, firstMissing - 1), &link)
        answer(&link)
    }

    private static func deliver(_ numbers: LinkNumbers, _ link: inout LinkState) {
        var repeats: [LinkNumbers] = []
        if !link.foreign.isEmpty {
            var found: [(LinkNumbers, Int, LinkNumbers)] = []
            link.ring.forEachStretch(in: numbers) { stretch, range in
                guard let known = link.foreign[range.index] else { return }
                for part in known.parts(of: range.first...(range.first + (range.count - 1))) {
                    let first = stretch.lowerBound + (part.lowerBound - range.first)
                    let last = first + (part.upperBound - part.lowerBound)
                    for held in link.ring.held.parts(of: first...last) {
                        found.append((held, range.index, part))
                    }
                }
            }
            for (held, origin, part) in found {
                repeats.append(held)
                link.foreign[origin]?.remove(part)
                if link.foreign[origin]?.isEmpty ?? false { link.foreign[origin] = nil }
            }
        }
        for part in repeats { link.counts.repeatCount.add(part.upperBound - part.lowerBound + 1) }
        link.add(.deliver(numbers, repeats: repeats))
    }

    /// What waits for places in children's streams, now that there is more to be said.
    static func answer(_ link: inout LinkState) {
        sendNotes(&link)
        Syncs.answerLater(&link)
    }

    // MARK: - The round

    /// Makes the next batch or epoch of some child's stream into directives; `false` when nobody can be fed.
    static func feedNext(_ link: inout LinkState) -> Bool {
        for _ in link.children.indices {
            if link.feedPlace >= link.children.count { link.feedPlace = 0 }
            let place = link.feedPlace
            link.feedPlace += 1
            guard isPending(link.children[place], link) else { continue }
            feedOne(place, &link)
            answer(&link)
            return true
        }
        return false
    }

    private static func isPending(_ child: Child, _ link: LinkState) -> Bool {
        guard child.standing == .live, child.isWritable, link.role != .fenced else { return false }
        if child.position.number < link.served { return true }
        guard let end = link.epochs.end(of: child.position.epoch) else { return false }
        return child.position.number >= end
    }

    private static func feedOne(_ place: Int, _ link: inout LinkState) {
        let child = link.children[place]
        guard !tellEpochs(place, &link) else { return }
        let end = link.epochs.end(of: child.position.epoch) ?? .max
        let cursor = child.position.number
        // D2, §9: the ring's end has overtaken the cursor.
        if cursor < link.ring.base {
            let numbers = cursor + 1...min(link.ring.base, end)
            link.children[place].position.number = numbers.upperBound
            link.children[place].hasHadGap = true
            link.tell(child.id, .gap(numbers))
            link.add(.report(.childGap(child.node, numbers)))
            return
        }
        let limit = link.setup.options.batchNumberCountMax
        var numbers = cursor + 1...min(link.served, end, cursor + limit)
        // Void numbers are in batches of their own.
        let voids = link.ring.void.parts(of: numbers)
        let isVoid = voids.first?.lowerBound == numbers.lowerBound
        if isVoid {
            numbers = voids[0]
        } else if let void = voids.first {
            numbers = numbers.lowerBound...void.lowerBound - 1
        }
        link.children[place].position.number = numbers.upperBound
        let header = BatchHeader(
            .live,
            epoch: child.position.epoch,
            numbers: numbers,
            origins: link.ring.origins(of: numbers),
            isVoid: isVoid
        )
        announceOrigins(header, place, &link)
        link.add(.feed(child.id, header))
    }

    /// D7: EPOCH stands between the last number of an epoch and the first of the next; a child beyond the end is set back.
    private static func tellEpochs(_ place: Int, _ link: inout LinkState) -> Bool {
        var hasTold = false
        while let next = link.epochs.successor(of: link.children[place].position.epoch),
            link.children[place].position.number >= next.first - 1
        {
            let root =
                next.epoch == link.epochs.root.epoch
                ? link.epochs.root : LinkRoot(node: link.epochs.root.node, epoch: next.epoch)
            link.tell(link.children[place].id, .epoch(root, first: next.first))
            link.children[place].position = LinkPosition(epoch: next.epoch, number: next.first - 1)
            hasTold = true
        }
        return hasTold
    }

    static func announceOrigins(_ header: BatchHeader, _ place: Int, _ link: inout LinkState) {
        let needed = (header.origins.map(\.index).max() ?? -1) + 1
        announceOrigins(below: needed, place, &link)
    }

    static func announceOrigins(below needed: Int, _ place: Int, _ link: inout LinkState) {
        let child = link.children[place]
        guard child.announced < needed else { return }
        for index in child.announced..<needed {
            link.tell(child.id, .origin(index: index, link.origins[index].id))
        }
        link.children[place].announced = needed
    }

    // MARK: - What stands at a place of a standby's stream (A4, C3)

    static func sendNotes(_ link: inout LinkState) {
        for place in link.children.indices where link.children[place].standing == .live {
            var waiting: [Child.Note] = []
            for note in link.children[place].notes {
                if isDue(note, of: link.children[place], link) {
                    Standbys.send(note, place, &link)
                } else {
                    waiting.append(note)
                }
            }
            link.children[place].notes = waiting
        }
    }

    private static func isDue(_ note: Child.Note, of child: Child, _ link: LinkState) -> Bool {
        if child.position >= note.position { return true }
        if case .remove = note.content { return !link.rules.keeps(.removalInPlace) }
        return false
    }

    // MARK: - HOLDS

    /// A standby tells the root how far it has come, now and then.
    static func reportHolds(_ link: inout LinkState) {
        guard link.isMirror, let parent = link.parent, link.holdsReport.sent != link.position else {
            return
        }
        if let next = link.holdsReport.nextAt, next > link.now { return }
        link.holdsReport.sent = link.position
        link.holdsReport.nextAt = link.now + link.setup.options.reportInterval
        link.add(.sendUp(.holds(link.position), parent.id))
    }

    // MARK: - Bounds

    /// The ring's age is looked at now and then, not for each message.
    private static func nextTrim(_ link: LinkState) -> Instant {
        link.now + link.setup.options.ringTimeMax / 8
    }

    static func trimIfDue(_ link: inout LinkState) {
        guard let at = link.trimAt, at <= link.now else { return }
        Standbys.checkBehind(&link)
        trim(&link)
        link.trimAt = link.ring.numbers == nil ? nil : nextTrim(link)
    }

    private static func lowestCursor(_ link: LinkState) -> UInt64? {
        link.children.lazy.filter { $0.standing == .live }.map(\.position.number).min()
    }

    /// §9, `block`: the ring is full of what a child has not had; to read more would mean to lose that.
    static func isHeldBack(_ link: LinkState) -> Bool {
        guard link.setup.options.blocks, let lowest = lowestCursor(link) else { return false }
        return lowest < link.served
            && link.ring.octetCount(after: lowest) >= link.setup.options.ringOctetCountMax
    }

    /// The ring loses its oldest; what is told in G3 stays.
    private static func trim(_ link: inout LinkState) {
        var floor = link.served
        if link.isRootsChild { floor = min(floor, link.stable?.number ?? 0) }
        if link.isMirror, link.role != .root { floor = min(floor, link.lowestCursor) }
        if let first = link.missing.first { floor = min(floor, first - 1) }
        if link.role.isOffice { floor = min(floor, link.office.acknowledged) }
        // What somebody waits for has been fetched for it (D5).
        for child in link.children where child.standing == .awaitingCoverage {
            floor = min(floor, child.position.number)
        }
        let options = link.setup.options
        if options.blocks, let lowest = lowestCursor(link) { floor = min(floor, lowest) }
        guard
            link.ring.trim(
                octetCountMax: options.ringOctetCountMax,
                before: link.now + (.zero - options.ringTimeMax),
                keepingAfter: floor
            )
        else { return }
        link.add(.trim(through: link.ring.base))
    }
}
