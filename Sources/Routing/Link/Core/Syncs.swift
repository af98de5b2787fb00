import Wire

/// What is asked for of the past, and from where on a topic counts (tree-link.md, D5, D6).
enum Syncs {
    // MARK: - Up

    /// Asks the parent for topics since a number, or from now on; equal requests are one.
    static func askAbove(
        _ purpose: SyncRequest.Purpose,
        _ topics: [LinkTopic],
        since first: UInt64,
        isEverything: Bool = false,
        _ link: inout LinkState
    ) {
        if let place = link.requests.firstIndex(where: {
            $0.topics == topics && $0.first == first && $0.isEverything == isEverything
        }) {
            if !link.requests[place].purposes.contains(purpose) {
                link.requests[place].purposes.append(purpose)
            }
            return
        }
        let request = SyncRequest(
            id: link.nextRequestID,
            topics: topics,
            first: first,
            isEverything: isEverything,
            purposes: [purpose]
        )
        link.nextRequestID += 1
        link.requests.append(request)
        sendWaiting(&link)
    }

    /// §9: a parent has so many open at a time, and others wait here.
    private static func sendWaiting(_ link: inout LinkState) {
        guard let parent = link.parent else { return }
        var openCount = link.requests.lazy.filter(\.isSent).count
        for place in link.requests.indices where !link.requests[place].isSent {
            guard openCount < link.setup.options.syncCountMax else { return }
            openCount += 1
            link.requests[place].isSent = true
            send(link.requests[place], to: parent, &link)
            askCandidate(link.requests[place], &link)
        }
    }

    private static func send(
        _ request: SyncRequest,
        to parent: ParentLink,
        _ link: inout LinkState
    ) {
        let sync = LinkCommand.sync(id: request.id, first: request.first, request.topics)
        link.add(.sendUp(sync, parent.id))
    }

    /// A5: a change of interest goes to both parents.
    static func askCandidate(_ request: SyncRequest, _ link: inout LinkState) {
        guard let candidate = link.candidate, candidate.link.isOpen, link.parent != nil,
            link.rules.keeps(.bothParentsAreAsked)
        else { return }
        send(request, to: candidate.link, &link)
        link.candidate?.due.append(request.id)
        link.candidate?.hasChanged = true
    }

    /// D6: open SYNCs are asked again of a new parent.
    static func askAgain(_ link: inout LinkState) {
        link.requests.removeAll(where: \.purposes.isEmpty)
        for place in link.requests.indices { link.requests[place].isSent = false }
        sendWaiting(&link)
    }

    /// G4: a root's child whose ring begins behind what the standbys hold asks for what is between.
    static func reachBack(_ link: inout LinkState) {
        guard link.isRootsChild, let stable = link.stable, stable.epoch == link.epochs.current,
            link.ring.base > stable.number,
            !link.requests.contains(where: { $0.purposes.contains(.reach) })
        else { return }
        askAbove(.reach, Interests.asked(link), since: stable.number + 1, &link)
    }

    /// SYNCED came: before it came what was asked for of the past.
    static func handleSynced(_ id: UInt64, first: UInt64, _ link: inout LinkState) {
        guard let place = link.requests.firstIndex(where: { $0.id == id }) else { return }
        let request = link.requests.remove(at: place)
        sendWaiting(&link)
        link.ring.joinPast()
        let next = link.served + 1
        let since = request.first > 0 ? min(max(first, request.first), next) : next
        link.coverage.extend(request.topics, since: since, isEverything: request.isEverything)
        for purpose in request.purposes {
            switch purpose {
            case .own: link.add(.inEffect(request.topics, from: next))
            case .reach: break
            case .coverage(let child): handleCovered(child, since: since, request, &link)
            case .childSync(let child, let id):
                handleSync(child, id, first: request.first, request.topics, &link)
            }
        }
        if request.purposes.isEmpty { Interests.drop(request.topics, &link) }
    }

    private static func handleCovered(
        _ id: ChildFeedID,
        since: UInt64,
        _ request: SyncRequest,
        _ link: inout LinkState
    ) {
        guard let place = link.place(of: id), link.children[place].standing == .awaitingCoverage
        else { return }
        guard since > request.first, link.role == .attached else {
            return Admission.tryAdmit(id, &link)
        }
        // The past was not there any more: the child goes on behind it.
        let cursor = link.children[place].position.number
        guard let gap = LinkNumbers(from: cursor + 1, through: since - 1) else {
            return Admission.tryAdmit(id, &link)
        }
        Admission.admit(place, &link)
        link.children[place].position.number = gap.upperBound
        link.tell(id, .gap(gap))
        link.add(.report(.childGap(link.children[place].node, gap)))
    }

    // MARK: - Down

    static func handleSync(
        _ id: ChildFeedID,
        _ request: UInt64,
        first: UInt64,
        _ topics: [LinkTopic],
        _ link: inout LinkState
    ) {
        guard let place = link.place(of: id) else { return }
        let child = link.children[place]
        if child.isMirror { return handleWants(place, request, topics, &link) }
        let isRoot = link.role == .root
        // D6: not before its cursor is where we have the topics ourselves.
        let isEarly =
            first == 0 && !isRoot && link.rules.keeps(.syncedInPlace)
            && link.covers(topics, since: link.served + 1)
            && !link.covers(topics, since: child.position.number + 1)
        let isOfOldEpoch = child.position.epoch < link.epochs.current
        let isAhead =
            child.position.number > link.served && link.rules.keeps(.answerWhenCaughtUp)
        guard child.standing == .live, !waits(link.role), !isEarly, !isOfOldEpoch, !isAhead else {
            link.laterSyncs.append(
                LaterSync(child: id, id: request, first: first, topics: topics)
            )
            return
        }
        let cursor = link.rules.keeps(.syncedInPlace) ? child.position.number : link.served
        let since = first > 0 ? first : cursor + 1
        guard isRoot || link.covers(topics, since: since) else {
            return askAbove(.childSync(id, id: request), topics, since: first, &link)
        }
        link.children[place].topics.insert(topics)
        let available = max(first, link.ring.base + 1)
        if first > 0 {
            sendPast(topics, from: available, place, &link)
        }
        link.add(.subscribe(id, topics))
        link.tell(id, .synced(id: request, first: first > 0 ? available : since))
        Interests.changed(topics, &link)
    }

    private static func waits(_ role: LinkRole) -> Bool {
        switch role {
        case .waiting, .collecting, .heir: true
        default: false
        }
    }

    /// A mirror has everything: its SYNCs say what is wanted at and below it (U5).
    private static func handleWants(
        _ place: Int,
        _ request: UInt64,
        _ topics: [LinkTopic],
        _ link: inout LinkState
    ) {
        link.children[place].topics.insert(topics)
        link.tell(
            link.children[place].id,
            .synced(id: request, first: link.children[place].position.number + 1)
        )
        Interests.changed(topics, &link)
    }

    private static func sendPast(
        _ topics: [LinkTopic],
        from first: UInt64,
        _ place: Int,
        _ link: inout LinkState
    ) {
        let child = link.children[place]
        var next = first
        let last = min(child.position.number, link.served)
        while next <= last {
            let numbers = next...min(last, next + (link.setup.options.batchNumberCountMax - 1))
            let header = BatchHeader(
                .past,
                epoch: link.epochs.current,
                numbers: numbers,
                origins: link.ring.origins(of: numbers)
            )
            Feeding.announceOrigins(header, place, &link)
            link.add(.sendPast(child.id, header, topics))
            next = numbers.upperBound + 1
        }
    }

    static func answerLater(_ link: inout LinkState) {
        guard !link.laterSyncs.isEmpty else { return }
        let waiting = link.laterSyncs
        link.laterSyncs = []
        for sync in waiting {
            handleSync(sync.child, sync.id, first: sync.first, sync.topics, &link)
        }
    }

    /// Nobody waits for what a lost child asked for.
    static func forget(_ child: ChildFeedID, _ link: inout LinkState) {
        link.laterSyncs.removeAll { $0.child == child }
        for place in link.requests.indices {
            link.requests[place].purposes.removeAll { purpose in
                switch purpose {
                case .own, .reach: false
                case .coverage(let other), .childSync(let other, _): other == child
                }
            }
        }
    }
}
