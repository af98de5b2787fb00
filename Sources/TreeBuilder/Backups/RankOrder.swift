import Topology

/// The order in which nodes may attach to each other, and for each node a place that is kept for it when its parent dies.
///
/// ```
///   g            When p dies, its slot at g is free again: c1 goes there. c2 takes one that was free, or one below c1,
///   │            which has a place by then. Each place is counted once among the children of one parent, since they all
///   p ✝          come at once; children of different parents never do, as one node dies at a time.
///  / \
/// c1  c2
/// ```
///
/// *Rank.* A node attaches to a lower rank only, so nobody ever attaches to something below itself, whoever else moves at the same
/// time. Any order in which parents precede their children will do. This one goes by delay, then level, then file order, and lets
/// those wait for whom no node so far has a place: with every node that is ranked, there are more places. Who can have none at all,
/// or waits when all others wait, too, is ranked without one: `place` is −1.
///
/// *The root.* Its first standby has rank 1 and becomes the root when it dies; the root's other children have their places in the
/// tree below the standby, or below each other.
struct RankOrder {
    /// By node; 0 at the root, −1 where a node is in no tree.
    private(set) var rank: ContiguousArray<Int32>
    /// By node; −1 where there is none, as at the root and its first standby.
    private(set) var place: ContiguousArray<Int32>
    /// What a node's delay is when it has moved to its place.
    private var delayThere: ContiguousArray<Picoseconds>

    let problem: TreeProblem
    let tree: Arborescence
    let measure: TreeMeasure
    let subtrees: Subtrees
    /// In the order in which they become the root.
    let standbys: [Int]
    /// Child slots without a child.
    let free: ContiguousArray<Int32>
    private let ledger: LinkLedger?

    /// Where each node stands by delay.
    private var position: ContiguousArray<Int32>
    private var state: ContiguousArray<State>
    private var missing: ContiguousArray<UInt8>
    private var ready = DelayHeap()
    private var blocked = DelayHeap()
    private var blockedCount = 0
    private var rankedCount: Int32 = 0
    /// Free slots of all that are ranked.
    private var freeCount = 0
    /// By parent: how many of its children have a place.
    private var keptCount: ContiguousArray<Int32>
    /// Scratch: how many siblings have their place at a node.
    private var taken: ContiguousArray<Int32>
    /// The same without a delay matrix, by parent and place.
    private var takenPairs: [UInt64: Int32] = [:]
    private var roomyFirst: ContiguousArray<Int32> = []
    private var roomyLast: ContiguousArray<Int32> = []
    private var roomyNext: ContiguousArray<Int32> = []
    /// Children by an older tree, as a list for each node.
    private var olderFirst: ContiguousArray<Int32> = []
    private var olderNext: ContiguousArray<Int32> = []

    private enum State: UInt8 {
        case waiting, ready, blocked, ranked
    }

    /// A place and the delay there.
    private struct Choice {
        var node: Int
        var isOutside: Bool
        var delay: Picoseconds
    }

    /// `older` are the parents that nodes had before, −1 for none: they are ranked before them, too, as far as that is possible, so
    /// that one numbering holds while nodes move from one tree to the other.
    init(
        _ tree: Arborescence,
        measure: TreeMeasure,
        of problem: TreeProblem,
        subtrees: Subtrees,
        standbys: [Int],
        older: ContiguousArray<Int32>? = nil
    ) {
        let count = problem.nodeCount
        self.problem = problem
        self.tree = tree
        self.measure = measure
        self.subtrees = subtrees
        self.standbys = standbys
        free = ContiguousArray(
            (0..<count).map { max(0, problem.capacity[$0] - subtrees.childCount(of: $0)) }
        )
        ledger = problem.links?.copyMax == nil ? nil : LinkLedger(problem, tree)
        rank = ContiguousArray(repeating: -1, count: count)
        place = ContiguousArray(repeating: -1, count: count)
        position = ContiguousArray(repeating: 0, count: count)
        delayThere = measure.delay
        state = ContiguousArray(repeating: .waiting, count: count)
        missing = ContiguousArray(repeating: 1, count: count)
        keptCount = ContiguousArray(repeating: 0, count: count)
        taken = ContiguousArray(repeating: 0, count: count)
        if problem.mode == .mesh, problem.delays == nil {
            roomyFirst = ContiguousArray(repeating: -1, count: count)
            roomyLast = roomyFirst
            roomyNext = roomyFirst
        }
        sortByDelay()
        if let older { listOlder(older) }
        rankAll()
    }

    /// The place that is kept for each node of the tree but the root and its first standby; the others have none.
    func isKept(_ node: Int) -> Bool {
        place[node] >= 0 || node == problem.root || node == standbys.first
    }

    // MARK: The order

    private mutating func sortByDelay() {
        var order = (0..<problem.nodeCount).filter(subtrees.contains)
        let measure = measure
        order.sort {
            if measure.delay[$0] != measure.delay[$1] {
                return measure.delay[$0] < measure.delay[$1]
            }
            return (measure.level[$0], $0) < (measure.level[$1], $1)
        }
        for (index, node) in order.enumerated() { position[node] = Int32(index) }
    }

    private mutating func listOlder(_ older: ContiguousArray<Int32>) {
        olderFirst = ContiguousArray(repeating: -1, count: problem.nodeCount)
        olderNext = olderFirst
        for node in older.indices.reversed() {
            let above = Int(older[node])
            guard above >= 0, subtrees.contains(node), subtrees.contains(above),
                node != problem.root,
                above != tree.parent[node], above != problem.root, !standbys.contains(node)
            else { continue }
            olderNext[node] = olderFirst[above]
            olderFirst[above] = Int32(node)
            missing[node] += 1
        }
    }

    private mutating func rankAll() {
        give(problem.root)
        for node in standbys {
            if node != standbys.first { _ = keepPlace(for: node) }
            give(node)
        }
        let presentCount = Int32(position.indices.count { subtrees.contains($0) })
        while rankedCount < presentCount {
            if let entry = ready.removeLeast() {
                let node = Int(entry.node)
                guard state[node] == .ready else { continue }
                if isHopeless(node) || keepPlace(for: node) { give(node) } else { block(node) }
            } else if let entry = blocked.removeLeast() {
                guard state[Int(entry.node)] == .blocked else { continue }
                blockedCount -= 1
                give(Int(entry.node))
            } else {
                // Old and new parents close a circle.
                let waiting = position.indices.filter {
                    state[$0] == .waiting && subtrees.contains($0)
                        && state[Int(tree.parent[$0])] == .ranked
                }
                guard let next = waiting.min(by: { position[$0] < position[$1] }) else { return }
                missing[next] = 0
                makeReady(next)
            }
        }
    }

    private mutating func give(_ node: Int) {
        rank[node] = rankedCount
        rankedCount += 1
        state[node] = .ranked
        freeCount += Int(free[node])
        for child in subtrees.children(of: node) { release(Int(child)) }
        if !olderFirst.isEmpty {
            var child = olderFirst[node]
            while child >= 0 {
                release(Int(child))
                child = olderNext[Int(child)]
            }
        }
        if !roomyFirst.isEmpty, free[node] > 0, isKept(node), node != problem.root {
            addRoomy(node)
        }
        if blockedCount > 0 { wake(after: node) }
    }

    private mutating func release(_ node: Int) {
        guard missing[node] > 0 else { return }
        missing[node] -= 1
        if missing[node] == 0, state[node] == .waiting { makeReady(node) }
    }

    private mutating func makeReady(_ node: Int) {
        state[node] = .ready
        ready.insert(.init(key: Int64(position[node]), node: UInt32(node), via: 0))
    }

    private mutating func block(_ node: Int) {
        state[node] = .blocked
        blockedCount += 1
        blocked.insert(.init(key: Int64(position[node]), node: UInt32(node), via: 0))
    }

    /// Those for whom `node` may have a place try again.
    private mutating func wake(after node: Int) {
        func isBlocked(_ other: Int) -> Bool { state[other] == .blocked }
        if problem.mode == .mesh {
            // Without a matrix places are with siblings and neighbours.
            var others: [Int] = []
            if problem.delays != nil {
                others = state.indices.filter(isBlocked)
            } else {
                others = problem.graph.arcs(of: node).map { Int(problem.graph.target[$0]) }
                    .filter(isBlocked)
                if node != problem.root {
                    others += subtrees.children(of: Int(tree.parent[node])).map { Int($0) }
                        .filter(isBlocked)
                }
            }
            for other in others where isBlocked(other) {
                blockedCount -= 1
                makeReady(other)
            }
            return
        }
        for arc in problem.graph.arcs(of: node) where isBlocked(Int(problem.graph.target[arc])) {
            blockedCount -= 1
            makeReady(Int(problem.graph.target[arc]))
        }
    }

    /// Whether no order would give the node a place: nobody follows its root, or all its links lead to its parent and to below it.
    func isHopeless(_ node: Int) -> Bool {
        if tree.parent[node] == problem.root, standbys.isEmpty { return true }
        guard problem.mode == .link else { return false }
        return !problem.graph.arcs(of: node).contains { arc in
            let other = Int(problem.graph.target[arc])
            return other != tree.parent[node] && subtrees.contains(other)
                && !subtrees.isBelow(other, node)
        }
    }

    // MARK: Places

    /// Child slots that the death of `parent` leaves at `node`.
    func room(at node: Int, after parent: Int) -> Int32 {
        // The slot of a multicast segment is not the node's own.
        let isFreed =
            parent != problem.root && tree.parent[parent] == node && !problem.isBySegment(parent)
        return free[node] + (isFreed ? 1 : 0)
    }

    /// - Returns: whether there is one among the nodes that are ranked.
    private mutating func keepPlace(for node: Int) -> Bool {
        let parent = Int(tree.parent[node])
        let isDense = problem.mode == .mesh && problem.delays != nil
        if isDense {
            let gain = parent != problem.root && !problem.isBySegment(parent) ? 1 : 0
            guard freeCount - Int(free[parent]) + gain > Int(keptCount[parent]) else {
                return false
            }
        }
        if isDense { mark(1, parent) }
        let choice = bestPlace(for: node, parent, isDense: isDense)
        if isDense { mark(-1, parent) }
        guard let choice else { return false }
        place[node] = Int32(choice.node)
        delayThere[node] = choice.delay
        keptCount[parent] += 1
        if !isDense { takenPairs[pair(parent, choice.node), default: 0] += 1 }
        return true
    }

    private mutating func mark(_ sign: Int32, _ parent: Int) {
        for sibling in subtrees.children(of: parent) where place[Int(sibling)] >= 0 {
            taken[Int(place[Int(sibling)])] += sign
            guard let ledger else { continue }
            ledger.cross(from: Int(place[Int(sibling)]), to: Int(sibling), sign)
        }
    }

    private func pair(_ parent: Int, _ place: Int) -> UInt64 {
        UInt64(parent) << 32 | UInt64(place)
    }

    private mutating func bestPlace(for node: Int, _ parent: Int, isDense: Bool) -> Choice? {
        var best: Choice?
        func consider(_ other: Int, edge: Picoseconds) {
            guard other != parent, state[other] == .ranked else { return }
            let used = isDense ? taken[other] : takenPairs[pair(parent, other)] ?? 0
            guard room(at: other, after: parent) > used else { return }
            guard let (isOutside, delay) = delay(of: other, after: parent) else { return }
            let choice = Choice(node: other, isOutside: isOutside, delay: delay + edge)
            guard best.map({ isBetter(choice, $0) }) ?? true, bears(node, at: other) else { return }
            best = choice
        }
        if isDense, let delays = problem.delays {
            for other in 0..<problem.nodeCount where state[other] == .ranked {
                consider(other, edge: delays[other, node] + problem.hop)
            }
            return best
        }
        for arc in problem.graph.arcs(of: node) {
            consider(
                Int(problem.graph.target[arc]),
                edge: problem.graph.delay[arc] + problem.hop
            )
        }
        guard problem.mode == .mesh else { return best }
        // Without a matrix: the ways that are known, by way of the parent.
        if parent != problem.root {
            consider(Int(tree.parent[parent]), edge: tree.edge[parent] + tree.edge[node])
        }
        if let sibling = roomySibling(of: parent) {
            consider(sibling, edge: tree.edge[sibling] + tree.edge[node])
        }
        return best
    }

    private func isBetter(_ a: Choice, _ b: Choice) -> Bool {
        if a.isOutside != b.isOutside { return a.isOutside }
        return a.delay != b.delay ? a.delay < b.delay : rank[a.node] < rank[b.node]
    }

    /// Whether the links carry one more copy.
    private func bears(_ node: Int, at place: Int) -> Bool {
        guard let ledger else { return true }
        let before = ledger.overload
        ledger.cross(from: place, to: node, 1)
        defer { ledger.cross(from: place, to: node, -1) }
        return ledger.overload <= before
    }

    /// What a node's delay is when `parent` is dead and its children are at their places, and whether the node is fed all the while;
    /// `nil` when the node is cut off.
    func delay(of node: Int, after parent: Int) -> (isOutside: Bool, delay: Picoseconds)? {
        if parent == problem.root {
            guard let standby = standbys.first else { return nil }
            if subtrees.isBelow(node, standby) {
                return (true, measure.delay[node] - measure.delay[standby])
            }
        } else if !subtrees.isBelow(node, parent) {
            return (true, measure.delay[node])
        }
        var top = node
        while tree.parent[top] != parent {
            guard tree.parent[top] >= 0 else { return nil }
            top = Int(tree.parent[top])
        }
        guard isKept(top) else { return nil }
        return (false, delayThere[top] + measure.delay[node] - measure.delay[top])
    }

    // MARK: Without a delay matrix

    private mutating func addRoomy(_ node: Int) {
        let parent = Int(tree.parent[node])
        if roomyFirst[parent] < 0 {
            roomyFirst[parent] = Int32(node)
        } else {
            roomyNext[Int(roomyLast[parent])] = Int32(node)
        }
        roomyLast[parent] = Int32(node)
    }

    private mutating func roomySibling(of parent: Int) -> Int? {
        while roomyFirst[parent] >= 0 {
            let sibling = Int(roomyFirst[parent])
            if free[sibling] > takenPairs[pair(parent, sibling)] ?? 0 { return sibling }
            roomyFirst[parent] = roomyNext[sibling]
        }
        return nil
    }
}
