import Wire

/// Who wants what: what is asked for above, and what publishers are told (tree-link.md, D6, U5).
enum Interests {
    // MARK: - Own subscribers

    static func want(_ topic: LinkTopic, _ link: inout LinkState) {
        let isCovered =
            link.role == .root || link.covers([topic], since: link.served + 1)
        guard !link.wanted.contains(topic) else {
            // Another subscriber: what is open tells of it when it is answered.
            if isCovered { link.add(.inEffect([topic], from: link.served + 1)) }
            return
        }
        link.wanted.insert(topic)
        if isCovered || !link.rules.keeps(.effectiveWhenSynced) {
            link.add(.inEffect([topic], from: link.served + 1))
        }
        if !link.isMirror, !isCovered {
            Syncs.askAbove(.own, [topic], since: 0, &link)
        }
        changed([topic], &link)
    }

    static func unwant(_ topic: LinkTopic, _ link: inout LinkState) {
        guard link.wanted.contains(topic) else { return }
        link.wanted.remove(topic)
        drop([topic], &link)
    }

    // MARK: - Children

    static func handleCancel(_ topic: LinkTopic, _ id: ChildFeedID, _ link: inout LinkState) {
        guard let place = link.place(of: id), link.children[place].topics.contains(topic) else {
            return
        }
        link.children[place].topics.remove(topic)
        if !link.children[place].isMirror { link.add(.unsubscribe(id, topic)) }
        drop([topic], &link)
    }

    /// U5: a lost child's interest lingers.
    static func handleLost(_ child: Child, _ link: inout LinkState) {
        guard !child.topics.isEmpty else { return }
        guard link.rules.keeps(.lostInterestLingers) else {
            return drop(child.topics.topics, &link)
        }
        link.ghosts.append(
            Ghost(
                topics: child.topics.topics,
                until: link.now + link.setup.options.lingerTime
            )
        )
    }

    static func expireGhosts(_ link: inout LinkState) {
        let expired = link.ghosts.filter { $0.until <= link.now }
        guard !expired.isEmpty else { return }
        link.ghosts.removeAll { $0.until <= link.now }
        for ghost in expired { drop(ghost.topics, &link) }
    }

    // MARK: - Up

    /// Topics that nobody here wants any more are cancelled above.
    static func drop(_ topics: [LinkTopic], _ link: inout LinkState) {
        for topic in topics where !isWanted(topic, link) {
            let isAsked = link.isMirror ? true : link.coverage.contains(topic)
            guard isAsked, link.role != .root else { continue }
            link.coverage.remove(topic)
            if let parent = link.parent { link.add(.sendUp(.cancel(topic), parent.id)) }
            if let candidate = link.candidate, candidate.link.isOpen, link.parent != nil,
                link.rules.keeps(.bothParentsAreAsked)
            {
                link.add(.sendUp(.cancel(topic), candidate.link.id))
                link.candidate?.hasChanged = true
            }
        }
        changed(topics, &link)
    }

    private static func isWanted(_ topic: LinkTopic, _ link: LinkState) -> Bool {
        if link.wanted.contains(topic)
            || link.children.contains(where: { $0.topics.contains(topic) })
        {
            return true
        }
        if link.ghosts.contains(where: { $0.topics.contains(topic) }) { return true }
        guard link.rules.keeps(.openSyncStays) else { return false }
        return link.requests.contains { $0.topics.contains(topic) }
            || link.laterSyncs.contains { $0.topics.contains(topic) }
    }

    /// What a relay asks for in RESUME: everything that it covers, or has asked for and not got.
    static func asked(_ link: LinkState) -> [LinkTopic] {
        link.isMirror ? wants(link).topics : link.coverage.topics
    }

    /// What own subscribers and children want; of a mirror among them what is wanted at and below it, not its mirror.
    static func wants(_ link: LinkState) -> TopicSet {
        var all = link.wanted
        for ghost in link.ghosts { all.insert(ghost.topics) }
        for child in link.children
        where !child.isMirror || link.rules.keeps(.standbysWantsCount) {
            all.insert(child.topics.topics)
        }
        return all
    }

    /// A mirror says what is newly wanted at and below it.
    private static func tellWants(_ topics: [LinkTopic], _ link: inout LinkState) {
        guard link.role != .root, let parent = link.parent, !topics.isEmpty else { return }
        let sync = LinkCommand.sync(id: link.nextRequestID, first: 0, topics)
        link.nextRequestID += 1
        link.add(.sendUp(sync, parent.id))
        if let candidate = link.candidate, candidate.link.isOpen {
            link.add(.sendUp(sync, candidate.link.id))
        }
    }

    // MARK: - Demand

    /// Whether these topics are wanted may have changed: a root's demand follows, a mirror tells its root.
    static func changed(_ topics: [LinkTopic], _ link: inout LinkState) {
        if link.role == .root {
            for topic in topics { setDemand(topic, isDemanded(topic, link), &link) }
        } else if link.isMirror, link.parent != nil {
            var news: [LinkTopic] = []
            for topic in topics {
                let isWanted = isDemanded(topic, link)
                if isWanted, !link.toldWants.contains(topic) { news.append(topic) }
                if isWanted { link.toldWants.insert(topic) } else { link.toldWants.remove(topic) }
            }
            tellWants(news, &link)
        }
    }

    private static func isDemanded(_ topic: LinkTopic, _ link: LinkState) -> Bool {
        link.wanted.contains(topic) || link.ghosts.contains { $0.topics.contains(topic) }
            || link.children.contains {
                $0.topics.contains(topic)
                    && (!$0.isMirror || link.rules.keeps(.standbysWantsCount))
            }
    }

    /// The parent wants a topic sent up, or no more.
    static func setDemand(_ topic: LinkTopic, _ isWanted: Bool, _ link: inout LinkState) {
        let isNews = link.demand.contains(topic) != isWanted
        link.demand[topic] = isWanted ? .wanted : nil
        guard isNews else { return }
        link.add(.setDemand(topic, isWanted))
        for uplink in link.uplinks {
            link.add(.sendUplinkDown(isWanted ? .subscribe(topic) : .cancel(topic), uplink.id))
        }
    }

    /// A new way up: what only the old one wanted goes, unless the new one says it, too, or has said it.
    static func awaitDemand(_ said: TopicSet, _ link: inout LinkState) {
        link.demand.forEachValue { $0 = .stale }
        for topic in said.topics { setDemand(topic, true, &link) }
        link.demandSettlesAt = link.now + link.setup.options.demandSettlingTime
    }

    static func settleDemand(_ link: inout LinkState) {
        guard let deadline = link.demandSettlesAt, deadline <= link.now else { return }
        link.demandSettlesAt = nil
        for (topic, state) in link.demand.entries {
            if case .stale = state { setDemand(topic, false, &link) }
        }
    }
}
