import Patterns

/// The connections of a relay, and for each thing that may have to be said the list of those who must hear it.
///
/// A change of interest is told to its recipients without a look at anybody else: ten thousand subscribers that join one after
/// the other cost ten thousand announcements, not ten thousand times ten thousand looks.
struct PeerTable {
    /// The connections of one tree.
    struct Tree {
        var feed: RelayPeer.ID?
        var uplink: RelayPeer.ID?
        /// Children's uplinks and publishers of this tree alone, in no particular but a reproducible order.
        fileprivate(set) var publishers: [RelayPeer.ID] = []
    }

    /// Looked up, never iterated.
    private var peers: [RelayPeer.ID: RelayPeer] = [:]
    /// In no particular but a reproducible order.
    private(set) var publishers: [RelayPeer.ID] = []
    /// By tree.
    private(set) var trees: [Tree]

    private struct Child: Hashable {
        var tree: TreeID
        var node: String
    }

    /// The newest feed of each child. Looked up, never iterated.
    private var childFeeds: [Child: RelayPeer.ID] = [:]

    init(treeCount: Int) {
        trees = Array(repeating: Tree(), count: treeCount)
    }

    subscript(id: RelayPeer.ID) -> RelayPeer? { peers[id] }

    subscript(tree: TreeID) -> Tree { trees[tree.rawValue] }

    mutating func add(_ peer: RelayPeer, as id: RelayPeer.ID) {
        var peer = peer
        switch peer.role {
        case .publisher:
            peer.place = publishers.count
            publishers.append(id)
        case .childUplink(let tree), .treePublisher(let tree):
            peer.place = trees[tree.rawValue].publishers.count
            trees[tree.rawValue].publishers.append(id)
        case .parentFeed(let tree): trees[tree.rawValue].feed = id
        case .parentUplink(let tree): trees[tree.rawValue].uplink = id
        case .childFeed(let tree):
            if let node = peer.node { childFeeds[Child(tree: tree, node: node)] = id }
        case .subscriber, .treeSubscriber: break
        }
        peers[id] = peer
    }

    func childFeed(of node: String, in tree: TreeID) -> RelayPeer.ID? {
        childFeeds[Child(tree: tree, node: node)]
    }

    /// A parent's connection that has been replaced by a newer one leaves that alone.
    mutating func remove(_ id: RelayPeer.ID) -> RelayPeer? {
        guard let peer = peers.removeValue(forKey: id) else { return nil }
        switch peer.role {
        case .publisher: note(Self.remove(at: peer.place, from: &publishers), at: peer.place)
        case .childUplink(let tree), .treePublisher(let tree):
            let moved = Self.remove(at: peer.place, from: &trees[tree.rawValue].publishers)
            note(moved, at: peer.place)
        case .parentFeed(let tree):
            if trees[tree.rawValue].feed == id { trees[tree.rawValue].feed = nil }
        case .parentUplink(let tree):
            if trees[tree.rawValue].uplink == id { trees[tree.rawValue].uplink = nil }
        case .childFeed(let tree):
            guard let node = peer.node else { break }
            let child = Child(tree: tree, node: node)
            if childFeeds[child] == id { childFeeds[child] = nil }
        case .subscriber, .treeSubscriber: break
        }
        return peer
    }

    mutating func setSubscriber(_ subscriber: SubscriberID, of id: RelayPeer.ID) {
        peers[id]?.subscriber = subscriber
    }

    mutating func refuse(_ id: RelayPeer.ID) {
        peers[id]?.isRefused = true
    }

    /// Whether that is a change.
    mutating func setReading(_ isReading: Bool, of id: RelayPeer.ID) -> Bool {
        guard let peer = peers[id], peer.isReading != isReading else { return false }
        peers[id]?.isReading = isReading
        return true
    }

    /// Gives the place that becomes free to the last one of the list, and says who that is.
    private static func remove(at place: Int, from list: inout [RelayPeer.ID]) -> RelayPeer.ID? {
        let last = list.removeLast()
        guard place < list.count else { return nil }
        list[place] = last
        return last
    }

    private mutating func note(_ moved: RelayPeer.ID?, at place: Int) {
        if let moved { peers[moved]?.place = place }
    }
}

// MARK: - Who must hear of changes

extension PeerTable {
    /// Whether changes of interest are of interest to anybody.
    var hasListeners: Bool {
        !publishers.isEmpty || trees.contains { $0.feed != nil || !$0.publishers.isEmpty }
    }

    /// Calls `body` with what each group of recipients is to be told.
    func forEachAnnouncement(of changes: Announcements, _ body: (Announcement) -> Void) {
        func announce(
            to audience: Announcements.Audience,
            in tree: TreeID?,
            _ recipients: [RelayPeer.ID]
        ) {
            guard !recipients.isEmpty, changes.hasChanges(in: tree, to: audience) else { return }
            body(Announcement(changes, to: audience, in: tree, recipients: recipients))
        }
        for number in trees.indices {
            let tree = TreeID(number)
            if let feed = trees[number].feed { announce(to: .parent, in: tree, [feed]) }
            announce(to: .publishers, in: tree, trees[number].publishers)
        }
        announce(to: .publishers, in: nil, publishers)
    }
}
