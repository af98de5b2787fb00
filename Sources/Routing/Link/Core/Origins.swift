import Wire

/// Messages on their way up, and when their origins may forget them (tree-link.md, U1 to U4, U6).
enum Origins {
    // MARK: - Own messages

    /// Own publishers sent messages: their sequence, and what becomes of them.
    static func publish(_ count: UInt64, octetCount: Int, _ link: inout LinkState) -> LinkNumbers? {
        guard let index = ownIndex(&link),
            let sequences = LinkNumbers(from: link.own.last + 1, through: link.own.last + count)
        else { return nil }
        link.own.add(through: sequences.upperBound, octetCount: octetCount)
        sendOwn(sequences, index, octetCount: octetCount, &link)
        return sequences
    }

    private static func ownIndex(_ link: inout LinkState) -> Int? {
        let id = OriginID(node: link.setup.node, incarnation: link.setup.incarnation)
        guard let index = link.origins.index(of: id) else { return nil }
        link.own.origin = index
        return index
    }

    /// U2: whenever the way up changes, what is not acknowledged goes up again, here and below.
    static func resend(_ link: inout LinkState) {
        if let sequences = link.own.unacknowledged, let index = ownIndex(&link) {
            sendOwn(sequences, index, octetCount: 0, &link)
        }
        guard link.rules.keeps(.resend) else { return }
        for uplink in link.uplinks {
            let hasFeed = link.children.contains { $0.node == uplink.node && $0.hasResumed }
            guard hasFeed || link.rules.keeps(.resendOnEveryUplink) else { continue }
            link.add(.sendUplinkDown(.resend, uplink.id))
        }
    }

    private static func sendOwn(
        _ sequences: LinkNumbers,
        _ index: Int,
        octetCount: Int,
        _ link: inout LinkState
    ) {
        if link.role == .root {
            let header = ParcelHeader(
                origin: index,
                first: sequences.lowerBound,
                count: sequences.upperBound - sequences.lowerBound + 1,
                acknowledged: link.own.acknowledged
            )
            for place in number(header, octetCount: octetCount, &link) {
                link.add(.enter(sequence: place.sequence, place.numbers))
            }
            Feeding.advance(&link)
        } else if let way = link.way {
            for command in announcements(index + 1, &link) {
                link.add(.sendUplink(command, way.id))
            }
            link.add(
                .sendParcels(
                    sequences,
                    acknowledged: link.own.acknowledged,
                    origin: index,
                    way.id
                )
            )
        }
        // Else they wait here.
    }

    /// ORIGIN goes before the first parcel that needs it.
    private static func announcements(_ needed: Int, _ link: inout LinkState) -> [LinkCommand] {
        guard let way = link.way, way.announcedOnUplink < needed else { return [] }
        if link.parent != nil {
            link.parent?.announcedOnUplink = needed
        } else {
            link.candidate?.link.announcedOnUplink = needed
        }
        return (way.announcedOnUplink..<needed).map {
            .origin(index: $0, link.origins[$0].id)
        }
    }

    // MARK: - From below

    static func handle(
        _ header: ParcelHeader,
        octetCount: Int,
        from id: ChildUplinkID,
        _ link: inout LinkState
    ) throws(LinkFault) -> ParcelFate {
        guard let uplink = link.uplinks.first(where: { $0.id == id }) else { return .ignore }
        guard header.origin < uplink.origins.count else {
            throw LinkFault("a parcel names origin \(header.origin), of which nothing was said")
        }
        var header = header
        header.origin = uplink.origins[header.origin]
        guard link.role == .root else {
            guard let way = link.way else { return .ignore }
            return .pass(
                header,
                way.id,
                behind: announcements(header.origin + 1, &link)
            )
        }
        let places = number(header, octetCount: octetCount, &link)
        Feeding.advance(&link)
        if places.isEmpty { tellAcknowledged(header.origin, to: [uplink], &link) }
        return .number(places)
    }

    /// U3: the root takes each origin's messages in sequence: the next, one that fills its number, and no other.
    private static func number(
        _ header: ParcelHeader,
        octetCount: Int,
        _ link: inout LinkState
    ) -> [ParcelFate.Place] {
        let origin = header.origin
        noteSafe(origin, through: header.acknowledged, &link)
        guard let sequences = header.sequences else { return [] }
        let lastSafe = max(link.origins[origin].lastNumbered, header.acknowledged)
        var places = fill(sequences, of: origin, &link)
        if let again = sequences.intersection(0...lastSafe) {
            let filled = places.reduce(0) { $0 + UInt64($1.numbers.count) }
            link.counts.repeatCount.add(again.upperBound - again.lowerBound + 1 - filled)
        }
        var next = lastSafe + 1
        if !link.rules.keeps(.inSequence) { next = max(next, sequences.lowerBound) }
        if !link.rules.keeps(.noRepeats), places.isEmpty { next = min(next, sequences.lowerBound) }
        guard sequences.lowerBound <= next, next <= sequences.upperBound else { return places }
        let range = OriginRange(index: origin, first: next, count: sequences.upperBound - next + 1)
        let first = link.ring.last + 1
        link.ring.append([range], octetCount: octetCount, at: link.now)
        link.ring.hold(first...link.ring.last)
        link.origins.noteNumbered(range)
        places.append(ParcelFate.Place(sequence: next, numbers: first...link.ring.last))
        return places
    }

    /// F4: a number that has no message yet is filled by its origin.
    private static func fill(
        _ sequences: LinkNumbers,
        of origin: Int,
        _ link: inout LinkState
    ) -> [ParcelFate.Place] {
        var places: [ParcelFate.Place] = []
        for numbers in link.missing.ranges {
            link.ring.forEachStretch(in: numbers) { stretch, range in
                guard range.index == origin,
                    let part = (range.first...(range.first + (range.count - 1)))
                        .intersection(sequences)
                else { return }
                let first = stretch.lowerBound + (part.lowerBound - range.first)
                let last = first + (part.upperBound - part.lowerBound)
                places.append(ParcelFate.Place(sequence: part.lowerBound, numbers: first...last))
            }
        }
        for place in places {
            link.missing.remove(place.numbers)
            link.ring.hold(place.numbers)
        }
        return places
    }

    /// F4: what an origin says is safe, and nobody has, is void.
    private static func noteSafe(_ origin: Int, through sequence: UInt64, _ link: inout LinkState) {
        var void: [LinkNumbers] = []
        for numbers in link.missing.ranges {
            link.ring.forEachStretch(in: numbers) { stretch, range in
                guard range.index == origin, range.first <= sequence else { return }
                let count = min(range.count, sequence - range.first + 1)
                void.append(stretch.lowerBound...(stretch.lowerBound + (count - 1)))
            }
        }
        for numbers in void { Adoption.makeVoid(numbers, &link) }
    }

    // MARK: - What is safe

    /// U4: through which number everything is safe; the root has served it, and every counted standby holds it.
    static func stableNumber(_ link: LinkState) -> UInt64 {
        guard link.rules.keeps(.acknowledgeWhatIsHeld) else { return link.served }
        let held = Standbys.counted(link).map { Standbys.held(by: $0, link) }
        if !link.rules.keeps(.acknowledgeWhatAllHold), let most = held.max() {
            return min(link.served, most)
        }
        return min(link.served, held.min() ?? link.served)
    }

    static func acknowledge(_ link: inout LinkState) {
        guard link.role == .root else { return }
        let stable = stableNumber(link)
        Standbys.reportStable(stable, &link)
        let first = max(link.office.acknowledged, link.ring.base) + 1
        guard let numbers = LinkNumbers(from: first, through: stable) else { return }
        link.office.acknowledged = stable
        var news: [Int] = []
        for range in link.ring.origins(of: numbers) {
            link.origins[range.index].acknowledged = max(
                link.origins[range.index].acknowledged,
                range.first + (range.count - 1)
            )
            if !news.contains(range.index) { news.append(range.index) }
        }
        for origin in news { tellAcknowledged(origin, to: link.uplinks, &link) }
    }

    private static func tellAcknowledged(
        _ origin: Int,
        to uplinks: [Uplink],
        _ link: inout LinkState
    ) {
        let sequence = link.origins[origin].acknowledged
        guard sequence > 0 else { return }
        releaseOwn(origin, sequence, &link)
        for uplink in uplinks {
            guard let name = uplink.names[origin] else { continue }
            let news = LinkCommand.Acknowledgement(origin: name, sequence: sequence)
            link.add(.sendUplinkDown(.acknowledged([news]), uplink.id))
        }
    }

    private static func releaseOwn(_ origin: Int, _ sequence: UInt64, _ link: inout LinkState) {
        guard origin == link.own.origin, link.own.last > 0, sequence > link.own.acknowledged,
            link.origins[origin].id.node == link.setup.node,
            link.origins[origin].id.incarnation == link.setup.incarnation
        else { return }
        link.own.release(through: min(sequence, link.own.last))
        link.add(.release(through: link.own.acknowledged))
    }

    /// From above: our own may be forgotten, and others' are told on.
    static func handle(
        _ list: [LinkCommand.Acknowledgement],
        _ link: inout LinkState
    ) throws(LinkFault) {
        for news in list {
            guard news.origin < link.origins.count else {
                throw LinkFault("ACK names origin \(news.origin), of which nothing was said")
            }
            let known = link.origins[news.origin].acknowledged
            link.origins[news.origin].acknowledged = max(known, news.sequence)
            tellAcknowledged(news.origin, to: link.uplinks, &link)
        }
    }

    /// U6: with the whole roster comes how far each origin has come.
    static func handleTable(
        _ list: [LinkCommand.Acknowledgement],
        from id: ParentLinkID,
        _ link: inout LinkState
    ) {
        let names = link.parent?.id == id ? link.parent?.origins : link.candidate?.link.origins
        for entry in list {
            guard let names, entry.origin < names.count else { continue }
            link.origins[names[entry.origin]].lastNumbered = min(entry.sequence, .max - 1)
        }
    }
}

/// What a shell does with a parcel.
public enum ParcelFate: Sendable, Equatable {
    /// Its origin still has it.
    case ignore
    /// The peer broke the rules, which is reported: end the connection.
    case refuse
    /// Send these commands up, and behind them the parcel, under this header.
    case pass(ParcelHeader, ParentLinkID, behind: [LinkCommand])
    /// Put its messages into the ring; those without a place are dropped.
    case number([Place])

    /// Messages of a parcel that have numbers.
    public struct Place: Hashable, Sendable {
        /// The origin's sequence number of the first.
        public var sequence: UInt64
        public var numbers: LinkNumbers
    }
}
