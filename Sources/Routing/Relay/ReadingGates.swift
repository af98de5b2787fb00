/// Whom a relay reads from. Under `block` a full queue stops whoever fills it; what waits for what, in each tree:
///
///     publisher ─▶ uplink ─▶ parent's uplink ─▶ … ─▶ the root's children and subscribers
///     feed ─▶ this relay's children and subscribers ─▶ theirs ─▶ …
///
/// Up a tree and then down the same tree, until the plain subscribers, who wait for nobody: no circle. A link of one tree
/// must never wait for another tree: two relays that are each other's parent in two trees would wait for each other for ever.
/// Plain publishers, whose messages may be of any tree, wait for every one.
///
/// Islands take part like children: a head waits for the queue of its source, though not for those who hear it.
struct ReadingGates {
    /// A queue whose fill decides.
    enum Queue: Equatable {
        case down(DownQueue)
        /// The queues of all islands of a tree.
        case islands(TreeID)
        case uplink(TreeID)
    }

    private struct Tree {
        let isBlocking: Bool
        let isRoot: Bool
        var areChildrenFull = false
        var areIslandsFull = false
        var isUplinkFull = false
        /// A relay without its parent must not take what it would have to drop.
        var hasUplink = false
        var isFeedOpen = true
        var isUplinkOpen = true
    }

    /// By tree.
    private var trees: [Tree]
    private var areSubscribersFull = false
    private var closedUplinkCount = 0

    init(_ seats: [TreeSeat]) {
        trees = seats.map { Tree(isBlocking: $0.isBlocking, isRoot: $0.isRoot) }
        _ = update()
    }

    /// Whether messages that come down a tree are read.
    func isFeedOpen(_ tree: TreeID) -> Bool { trees[tree.rawValue].isFeedOpen }

    /// Whether messages that go up a tree are read from children.
    func isUplinkOpen(_ tree: TreeID) -> Bool { trees[tree.rawValue].isUplinkOpen }

    /// Whether plain publishers are read from.
    var arePublishersOpen: Bool { closedUplinkCount == 0 }

    /// What has opened or closed.
    enum Change: Equatable {
        case feed(TreeID)
        case uplink(TreeID)
        case publishers
    }

    mutating func set(_ queue: Queue, isFull: Bool) -> [Change] {
        switch queue {
        case .down(.subscribers): areSubscribersFull = isFull
        case .down(.children(let tree)): trees[tree.rawValue].areChildrenFull = isFull
        case .islands(let tree): trees[tree.rawValue].areIslandsFull = isFull
        case .uplink(let tree): trees[tree.rawValue].isUplinkFull = isFull
        }
        return update()
    }

    mutating func setUplink(of tree: TreeID, isConnected: Bool) -> [Change] {
        trees[tree.rawValue].hasUplink = isConnected
        trees[tree.rawValue].isUplinkFull = false
        return update()
    }

    private mutating func update() -> [Change] {
        var changes: [Change] = []
        let wereOpen = arePublishersOpen
        for number in trees.indices where trees[number].isBlocking {
            let tree = trees[number]
            let isFull = areSubscribersFull || tree.areChildrenFull || tree.areIslandsFull
            let isUplinkOpen = tree.isRoot ? !isFull : tree.hasUplink && !tree.isUplinkFull
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
