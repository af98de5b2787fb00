/// Where a message that an XSUB sends upstream (RFC 29) finds somebody to read it: an XPUB among this relay's publishers, or
/// beyond one of its links.
///
///               parent
///     tells: there ▲ │ tells: there are readers
///     are readers  │ ▼ here, above, or below another child
///     here, below  relay ── XPUB, XPUB        a PUB reads nothing
///                  ▲ │
///                child …
///
/// Each link says in both directions whether there is a reader beyond it, so that a message goes where one is and nowhere else:
/// from whoever sent it to every XPUB of the tree, once. A tree has one way between any two of its relays, so nothing comes twice.
public struct UpstreamReaders: Sendable {
    private struct Link: Sendable {
        let id: RelayPeer.ID
        /// The relay at the other end; `nil` for the parent.
        let node: String?
        /// What the other end has said, or has been told.
        var hasReaders = false
    }

    private struct Tree: Sendable {
        /// They tell: there are readers above, and below that child.
        var feed: Link?
        var childUplinks: [Link] = []
        /// They are told.
        var uplink: Link?
        var childFeeds: [Link] = []
        /// The XPUBs that deal in this tree alone.
        var own: [RelayPeer.ID] = []
    }

    /// What a link is to be told: whether there are readers on this side of it.
    public struct News: Equatable, Sendable {
        public let recipient: RelayPeer.ID
        public let hasReaders: Bool
    }

    private var trees: [Tree]
    /// The XPUBs that are connected here and deal in every tree, in the order in which they came.
    private var own: [RelayPeer.ID] = []

    /// Whether anything has changed that links must be told: subscribers, who are many, change nothing.
    private var isChanged = false

    public init(treeCount: Int) {
        trees = Array(repeating: Tree(), count: treeCount)
    }

    // MARK: - What happens

    /// A peer has been admitted; `isXPUB` counts for plain publishers.
    public mutating func handleConnected(_ id: RelayPeer.ID, _ peer: RelayPeer, isXPUB: Bool) {
        let link = Link(id: id, node: peer.node)
        isChanged = isChanged || peer.role.isUpstream
        switch peer.role {
        case .publisher: if isXPUB { own.append(id) }
        case .childUplink(let tree): trees[tree.rawValue].childUplinks.append(link)
        case .childFeed(let tree): trees[tree.rawValue].childFeeds.append(link)
        case .parentFeed(let tree): trees[tree.rawValue].feed = link
        case .parentUplink(let tree): trees[tree.rawValue].uplink = link
        case .treePublisher(let tree): if isXPUB { trees[tree.rawValue].own.append(id) }
        case .subscriber, .treeSubscriber: break
        }
    }

    /// A parent's connection that has been replaced by a newer one leaves that alone.
    public mutating func handleDisconnected(_ id: RelayPeer.ID, _ peer: RelayPeer) {
        isChanged = isChanged || peer.role.isUpstream
        switch peer.role {
        case .publisher: own.removeAll { $0 == id }
        case .childUplink(let tree): trees[tree.rawValue].childUplinks.removeAll { $0.id == id }
        case .childFeed(let tree): trees[tree.rawValue].childFeeds.removeAll { $0.id == id }
        case .parentFeed(let tree):
            if trees[tree.rawValue].feed?.id == id { trees[tree.rawValue].feed = nil }
        case .parentUplink(let tree):
            if trees[tree.rawValue].uplink?.id == id { trees[tree.rawValue].uplink = nil }
        case .treePublisher(let tree): trees[tree.rawValue].own.removeAll { $0 == id }
        case .subscriber, .treeSubscriber: break
        }
    }

    /// The other end of a link says whether there are readers beyond it. What others say means nothing.
    public mutating func handleNews(hasReaders: Bool, from id: RelayPeer.ID, _ peer: RelayPeer) {
        isChanged = true
        switch peer.role {
        case .parentFeed(let tree):
            guard trees[tree.rawValue].feed?.id == id else { return }
            trees[tree.rawValue].feed?.hasReaders = hasReaders
        case .childUplink(let tree):
            let links = trees[tree.rawValue].childUplinks
            guard let place = links.firstIndex(where: { $0.id == id }) else { return }
            trees[tree.rawValue].childUplinks[place].hasReaders = hasReaders
        case .publisher, .subscriber, .treePublisher, .treeSubscriber, .childFeed, .parentUplink:
            break
        }
    }

    // MARK: - What is to be done

    /// Whom the message goes on to that has come from that peer.
    public func recipients(from peer: RelayPeer, in tree: TreeID) -> [RelayPeer.ID] {
        let links = trees[tree.rawValue]
        var recipients = own + links.own
        if case .parentUplink = peer.role {
        } else if let feed = links.feed, feed.hasReaders {
            recipients.append(feed.id)
        }
        for child in links.childUplinks where child.hasReaders {
            if let node = peer.node, child.node == node { continue }
            recipients.append(child.id)
        }
        return recipients
    }

    /// What links must be told since the last call.
    public mutating func takeNews() -> [News] {
        guard isChanged else { return [] }
        isChanged = false
        var news: [News] = []
        for number in trees.indices {
            let tree = trees[number]
            let isHere = !own.isEmpty || !tree.own.isEmpty
            func isBelow(butFor node: String?) -> Bool {
                tree.childUplinks.contains { $0.hasReaders && (node == nil || $0.node != node) }
            }
            func tell(_ link: inout Link, _ hasReaders: Bool) {
                guard link.hasReaders != hasReaders else { return }
                link.hasReaders = hasReaders
                news.append(News(recipient: link.id, hasReaders: hasReaders))
            }
            if var uplink = tree.uplink {
                tell(&uplink, isHere || isBelow(butFor: nil))
                trees[number].uplink = uplink
            }
            let isAbove = tree.feed?.hasReaders ?? false
            for place in tree.childFeeds.indices {
                var link = tree.childFeeds[place]
                tell(&link, isHere || isAbove || isBelow(butFor: link.node))
                trees[number].childFeeds[place] = link
            }
        }
        return news
    }
}

extension RelayPeer.Role {
    /// Whether such a peer may be a reader, or tell of one, or is told.
    fileprivate var isUpstream: Bool {
        switch self {
        case .subscriber, .treeSubscriber: false
        case .publisher, .treePublisher, .childFeed, .childUplink, .parentFeed, .parentUplink: true
        }
    }
}
