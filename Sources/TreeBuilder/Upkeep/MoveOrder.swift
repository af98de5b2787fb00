/// An order in which nodes can go from an old tree to a new one, each while everything else runs.
///
/// ```
/// a turn     the new parent hangs at the root, by a way that does not lead through the node, and has a slot free
///            only then the old slot is given up: make before break
/// ```
///
/// First come moves that free a slot somebody waits for. When that gets stuck, every order is tried, up to `exactCountMax` moves;
/// when there is none, or there are more moves, a node goes to a full parent, which needs a spare slot for a while.
struct MoveOrder {
    struct Step: Equatable {
        var node: Int
        var to: Int
        var needsSpareSlot = false
    }

    private static let exactCountMax = 12

    private let capacity: ContiguousArray<Int32>
    private let root: Int
    private let wanted: ContiguousArray<Int32>
    private var parent: ContiguousArray<Int32>
    private var count: ContiguousArray<Int32>

    /// `old` has −1 for the root and for nodes without a place; the same of `new`, whose root is `root`.
    static func steps(
        from old: ContiguousArray<Int32>,
        to new: ContiguousArray<Int32>,
        root: Int,
        capacity: ContiguousArray<Int32>
    ) -> [Step] {
        var order = MoveOrder(old, new, root: root, capacity: capacity)
        let pending = new.indices.filter { new[$0] >= 0 && new[$0] != order.parent[$0] }
        if let steps = order.greedy(pending, mayExceed: false) { return steps }
        if pending.count <= exactCountMax {
            var start = MoveOrder(old, new, root: root, capacity: capacity)
            var failed: Set<Int> = []
            if let steps = start.exact(pending, done: 0, &failed) { return steps }
        }
        order = MoveOrder(old, new, root: root, capacity: capacity)
        return order.greedy(pending, mayExceed: true) ?? []
    }

    private init(
        _ old: ContiguousArray<Int32>,
        _ new: ContiguousArray<Int32>,
        root: Int,
        capacity: ContiguousArray<Int32>
    ) {
        parent = old
        wanted = new
        self.root = root
        self.capacity = capacity
        count = ContiguousArray(repeating: 0, count: old.count)
        // The new root leaves its parent before all else.
        parent[root] = -1
        for above in parent where above >= 0 { count[Int(above)] += 1 }
    }

    private func isReached(_ node: Int, without other: Int) -> Bool {
        var current = node
        while current >= 0, current != other {
            if current == root { return true }
            current = Int(parent[current])
        }
        return false
    }

    private func hasRoom(_ node: Int) -> Bool { count[node] < capacity[node] }

    private func canMove(_ node: Int) -> Bool {
        hasRoom(Int(wanted[node])) && isReached(Int(wanted[node]), without: node)
    }

    private mutating func move(_ node: Int) {
        if parent[node] >= 0 { count[Int(parent[node])] -= 1 }
        parent[node] = wanted[node]
        count[Int(parent[node])] += 1
    }

    private mutating func greedy(_ moves: [Int], mayExceed: Bool) -> [Step]? {
        var pending = moves
        var steps: [Step] = []
        while !pending.isEmpty {
            let crowded = Set(pending.map { wanted[$0] }.filter { !hasRoom(Int($0)) })
            let free = pending.indices.filter { canMove(pending[$0]) }
            let best = free.first { crowded.contains(parent[pending[$0]]) } ?? free.first
            if let best {
                let node = pending.remove(at: best)
                move(node)
                steps.append(Step(node: node, to: Int(wanted[node])))
                continue
            }
            guard mayExceed else { return nil }
            let next = pending.firstIndex { isReached(Int(wanted[$0]), without: $0) }
            guard let next else { return nil }
            let node = pending.remove(at: next)
            move(node)
            steps.append(Step(node: node, to: Int(wanted[node]), needsSpareSlot: true))
        }
        return steps
    }

    /// Depth first over the sets of moves that are made; `failed` are those that lead nowhere.
    private mutating func exact(_ moves: [Int], done: Int, _ failed: inout Set<Int>) -> [Step]? {
        if done == (1 << moves.count) - 1 { return [] }
        guard !failed.contains(done) else { return nil }
        for (bit, node) in moves.enumerated() where done & (1 << bit) == 0 && canMove(node) {
            let before = parent[node]
            move(node)
            if let rest = exact(moves, done: done | 1 << bit, &failed) {
                return [Step(node: node, to: Int(wanted[node]))] + rest
            }
            count[Int(parent[node])] -= 1
            parent[node] = before
            if before >= 0 { count[Int(before)] += 1 }
        }
        failed.insert(done)
        return nil
    }
}
