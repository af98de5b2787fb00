/// Whether the neighbours of all nodes have child slots enough: what can be proven of link mode beyond cut nodes.
///
/// In a tree of links every node but the root takes a slot of one of its neighbours. Cycles left aside, that is a matching of nodes with
/// slots, and augmenting paths (Kuhn, 1955) find a largest one:
///
/// ```
///   v without a slot      p full            q has room
///        v ┄┄┄┄┄┄┄┄┄┄┄┄┄▶ p ──▶ c ┄┄┄┄┄┄┄▶ q         c moves from p to q, v takes the slot
/// ```
///
/// Where the search from a node ends without room, it has found nodes whose neighbours have fewer slots together than they are
/// (Hall's condition): no tree exists, whatever its shape. The reverse does not hold.
struct SlotMatching {
    /// Nodes that have no neighbours but these parents, whose slots are fewer.
    struct Crowd: Equatable {
        /// Ascending; so are the parents.
        var nodes: [Int]
        var parents: [Int]
        var slotCount: Int
    }

    private let problem: TreeProblem
    private var children: ChildLists
    private var room: ContiguousArray<Int32>
    /// By full node, in which search its slots were wanted last.
    private var wantedIn: ContiguousArray<UInt32>
    /// By full node, who wants one.
    private var wantedBy: ContiguousArray<Int32>
    private var search: UInt32 = 0
    private var queue: ContiguousArray<Int32> = []

    /// - Returns: what makes a tree of links impossible under these capacities; `nil` when all nodes find slots.
    static func crowd(of problem: TreeProblem, capacity: ContiguousArray<Int32>) -> Crowd? {
        var matching = SlotMatching(problem, capacity)
        return matching.run()
    }

    private init(_ problem: TreeProblem, _ capacity: ContiguousArray<Int32>) {
        self.problem = problem
        let count = problem.nodeCount
        children = ChildLists(nodeCount: count)
        room = capacity
        for above in problem.fixedParent where above >= 0 { room[Int(above)] -= 1 }
        wantedIn = ContiguousArray(repeating: 0, count: count)
        wantedBy = ContiguousArray(repeating: -1, count: count)
    }

    private mutating func run() -> Crowd? {
        for node in 0..<problem.nodeCount
        where node != problem.root && problem.fixedParent[node] < 0 && !augment(node) {
            return crowd(around: node)
        }
        return nil
    }

    /// What the search that just failed has reached.
    private func crowd(around start: Int) -> Crowd {
        var nodes = [start]
        var slotCount = 0
        for parent in queue.lazy.map({ Int($0) }) {
            var child = Int(children.first[parent])
            while child >= 0 {
                nodes.append(child)
                slotCount += 1
                child = Int(children.next[child])
            }
        }
        return Crowd(
            nodes: nodes.sorted(),
            parents: queue.map { Int($0) }.sorted(),
            slotCount: slotCount
        )
    }

    /// Finds a slot for a node, along the shortest chain of moves.
    private mutating func augment(_ start: Int) -> Bool {
        search += 1
        queue.removeAll(keepingCapacity: true)
        if reach(from: start) { return true }
        var next = 0
        while next < queue.count {
            var child = Int(children.first[Int(queue[next])])
            next += 1
            while child >= 0 {
                if reach(from: child) { return true }
                child = Int(children.next[child])
            }
        }
        return false
    }

    /// Puts the full neighbours of a node into the queue; when one has room, makes the moves that lead to it.
    private mutating func reach(from node: Int) -> Bool {
        for arc in problem.graph.arcs(of: node) {
            let other = Int(problem.graph.target[arc])
            guard wantedIn[other] != search, other != children.parent[node] else { continue }
            if room[other] > 0 {
                give(node, slotOf: other)
                return true
            }
            wantedIn[other] = search
            wantedBy[other] = Int32(node)
            queue.append(Int32(other))
        }
        return false
    }

    /// Hands slots on along the chain: each node leaves its parent to the one that wanted its slot.
    private mutating func give(_ last: Int, slotOf free: Int) {
        var (node, parent) = (last, free)
        room[free] -= 1
        while true {
            let left = Int(children.parent[node])
            children.move(node, to: parent)
            guard left >= 0 else { return }
            parent = left
            node = Int(wantedBy[left])
        }
    }
}

/// Who is whose child, where children come and go.
struct ChildLists {
    /// −1 where there is none; so it is in the others.
    private(set) var parent: ContiguousArray<Int32>
    private(set) var first: ContiguousArray<Int32>
    private(set) var next: ContiguousArray<Int32>
    private var previous: ContiguousArray<Int32>

    init(nodeCount: Int) {
        parent = ContiguousArray(repeating: -1, count: nodeCount)
        first = parent
        next = parent
        previous = parent
    }

    /// Hangs a node at another parent, first among its children.
    mutating func move(_ node: Int, to newParent: Int) {
        if parent[node] >= 0 {
            if previous[node] >= 0 {
                next[Int(previous[node])] = next[node]
            } else {
                first[Int(parent[node])] = next[node]
            }
            if next[node] >= 0 { previous[Int(next[node])] = previous[node] }
        }
        parent[node] = Int32(newParent)
        previous[node] = -1
        next[node] = first[newParent]
        if next[node] >= 0 { previous[Int(next[node])] = Int32(node) }
        first[newParent] = Int32(node)
    }
}
