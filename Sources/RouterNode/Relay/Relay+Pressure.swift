import Vocabulary
import DataPlane
import NIOCore
import Patterns
import Routing
import Transports

/// Whom the relay reads from. Under `block` a full queue stops whoever fills it; what waits for what, in each tree:
///
///     publisher ─▶ uplink ─▶ parent's uplink ─▶ … ─▶ the root's children and subscribers
///     feed ─▶ this relay's children and subscribers ─▶ theirs ─▶ …
///
/// Up a tree and then down the same tree, until the plain subscribers, who wait for nobody: no circle. A link of one tree
/// must never wait for another tree. Two relays that are each other's parent in two trees would wait for each
/// other for ever. Plain publishers, whose messages may be of any tree, wait for every one.
///
/// Islands take part like children: a head waits for the queue of its source, though not for those who hear it.
extension Relay {
    /// What may be read, by tree.
    struct Gates: Equatable {
        var feeds: [Bool]
        var uplinks: [Bool]

        /// Whether to read from that peer.
        func isOpen(for peer: RelayPeer) -> Bool {
            guard let tree = peer.tree?.rawValue else { return !uplinks.contains(false) }
            switch peer.role {
            case .parentFeed: return feeds[tree]
            case .childUplink: return uplinks[tree]
            case .publisher, .subscriber, .childFeed, .parentUplink: return true
            }
        }
    }

    /// The fan-out's group of plain subscribers, whom every tree may reach.
    static let plainGroup = 0

    /// The fan-out's group of a tree's children.
    static func group(of tree: TreeID) -> Int { tree.rawValue + 1 }

    /// Looks at all queues and stops or resumes reading.
    func updateReading() {
        var gates = Gates(feeds: policies.map { _ in true }, uplinks: policies.map { _ in true })
        for (number, policy) in policies.enumerated() where policy == .block {
            let tree = TreeID(number)
            let isFull =
                fanOut.isCongested(group: Self.plainGroup)
                || fanOut.isCongested(group: Self.group(of: tree))
                || served[number].contains { $0.source.wantsPause }
            gates.feeds[number] = !isFull
            gates.uplinks[number] =
                core.seat(tree).isRoot
                ? !isFull : !(uplinks[number]?.outbox.wantsPause ?? true)
        }
        guard gates != self.gates else { return }
        self.gates = gates
        for peer in sources.values { applyGate(to: peer) }
        for feed in groupFeeds { applyGate(to: feed) }
    }

    /// A group cannot be held back: while it is not read from, its packets wait in the receiver's window, and what finds
    /// no room there is asked for again later, as long as its source can repair it.
    func applyGate(to feed: GroupFeed) {
        let isReading =
            feed.isParent ? gates.feeds[feed.tree.rawValue] : gates.uplinks[feed.tree.rawValue]
        guard isReading != feed.isReading else { return }
        feed.isReading = isReading
        feed.receiver?.setReading(isReading)
    }

    func applyGate(to peer: RelayPeer) {
        let isReading = gates.isOpen(for: peer)
        guard isReading != peer.isReading else { return }
        peer.isReading = isReading
        peer.connection.setReading(isReading)
    }

    /// A stream took more of what waits for its peer.
    func handleDrain(_ connection: Connection, _ kind: RelayPort.Kind) {
        switch kind {
        case .subscribers:
            guard fanOut.isCongested, let id = peers[connection.id]?.subscriber else { return }
            fanOut.handleRelief(of: id)
        case .uplink: updateReading()
        case .publishers, .feed: break
        }
    }
}
