/// Whom a relay reads from. Under `block` a full queue stops whoever fills it; what waits for what, in each tree:
///
///     publisher ─▶ uplink ─▶ parent's uplink ─▶ … ─▶ the root's children and subscribers
///     feed ─▶ this relay's children and subscribers ─▶ theirs ─▶ …
///
/// Up a tree and then down the same tree, until the plain subscribers, who wait for nobody: no circle. A link of one tree
/// must never wait for another tree: two relays that are each other's parent in two trees would wait for each other for ever.
/// Plain publishers, whose messages may be of any tree, wait for every one.
///
/// What waits for a parent or a child that is away waits in a queue like any other: it is read on until that is full.
///
/// Islands take part like children: a head waits for the queue of its source, though not for those who hear it.
struct ReadingGates {
    private struct Tree {
        let isBlocking: Bool
        let isRoot: Bool
        var areChildrenFull = false
        var areIslandsFull = false
        var isUplinkFull = false
        var isFeedOpen = true
        var isUplinkOpen = true
    }

    /// By tree.
    private var trees: [Tree]
    private var areSubscribersFull = false
    private var closedUplinkCount = 0

    init(_ seats: [TreeSeat]) {
        trees = seats.map { Tree(isBlocking: $0.isBlocking, isRoot: $0.isRoot) }
    }

    /// Whether messages that come down a tree are read.
    func isFeedOpen(_ tree: TreeID) -> Bool { trees[tree.rawValue].isFeedOpen }

    /// Whether messages that go up a tree are read from children.
    func isUplinkOpen(_ tree: TreeID) -> Bool { trees[tree.rawValue].isUplinkOpen }

    /// Whether plain publishers are read from.
    var arePublishersOpen: Bool { closedUplinkCount == 0 }

    func isOpen(for role: RelayPeer.Role) -> Bool {
        switch role {
        case .publisher: arePublishersOpen
        case .childUplink(let tree), .treePublisher(let tree): isUplinkOpen(tree)
        case .parentFeed(let tree): isFeedOpen(tree)
        // Interest is not held back by messages.
        case .subscriber, .treeSubscriber, .childFeed, .parentUplink: true
        }
    }

    /// The full queues that keep a peer from being read.
    func queuesHolding(_ role: RelayPeer.Role) -> [HoldingQueue] {
        switch role {
        case .publisher: queuesHoldingPublishers
        case .childUplink(let tree), .treePublisher(let tree): queuesHoldingUplink(of: tree)
        case .parentFeed(let tree): queuesHoldingFeed(of: tree)
        case .subscriber, .treeSubscriber, .childFeed, .parentUplink: []
        }
    }

    /// What has opened or closed.
    enum Change: Equatable {
        case feed(TreeID)
        case uplink(TreeID)
        case publishers
    }

    mutating func set(_ queue: HoldingQueue, isFull: Bool) -> [Change] {
        switch queue {
        case .down(.subscribers): areSubscribersFull = isFull
        case .down(.children(let tree)): trees[tree.rawValue].areChildrenFull = isFull
        case .islands(let tree): trees[tree.rawValue].areIslandsFull = isFull
        case .uplink(let tree): trees[tree.rawValue].isUplinkFull = isFull
        }
        return update()
    }

    private func queuesHoldingFeed(of tree: TreeID) -> [HoldingQueue] {
        let state = trees[tree.rawValue]
        guard !state.isFeedOpen else { return [] }
        var queues: [HoldingQueue] = []
        if areSubscribersFull { queues.append(.down(.subscribers)) }
        if state.areChildrenFull { queues.append(.down(.children(tree))) }
        if state.areIslandsFull { queues.append(.islands(tree)) }
        return queues
    }

    private func queuesHoldingUplink(of tree: TreeID) -> [HoldingQueue] {
        guard !isUplinkOpen(tree) else { return [] }
        return trees[tree.rawValue].isRoot ? queuesHoldingFeed(of: tree) : [.uplink(tree)]
    }

    private var queuesHoldingPublishers: [HoldingQueue] {
        var queues: [HoldingQueue] = []
        for number in trees.indices {
            for queue in queuesHoldingUplink(of: TreeID(number)) where !queues.contains(queue) {
                queues.append(queue)
            }
        }
        return queues
    }

    private mutating func update() -> [Change] {
        var changes: [Change] = []
        let wereOpen = arePublishersOpen
        for number in trees.indices where trees[number].isBlocking {
            let tree = trees[number]
            let isFull = areSubscribersFull || tree.areChildrenFull || tree.areIslandsFull
            let isUplinkOpen = tree.isRoot ? !isFull : !tree.isUplinkFull
            if tree.isFeedOpen == isFull {
                trees[number].isFeedOpen = !isFull
                changes.append(.feed(TreeID(number)))
            }
            if tree.isUplinkOpen != isUplinkOpen {
                trees[number].isUplinkOpen = isUplinkOpen
                closedUplinkCount += isUplinkOpen ? -1 : 1
                changes.append(.uplink(TreeID(number)))
            }
        }
        if arePublishersOpen != wereOpen { changes.append(.publishers) }
        return changes
    }
}

/// Queues of which a full one can keep others from being read.
public enum HoldingQueue: Hashable, Sendable {
    case down(DownQueue)
    /// Those of all islands of a tree.
    case islands(TreeID)
    case uplink(TreeID)
}
