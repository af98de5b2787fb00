/// The first tree of mesh mode for large networks: the shortest-path tree, in which a crowded node's children relay to each other.
///
/// A shortest-path tree of a large network has hubs with thousands of children. Around each of them the children make a star, and the star
/// becomes a tree of its own, where near children, which have slots to spare, stand between the hub and the others:
///
/// ```
///       p                 p                    a, b: helpers, near p and with slots to spare
///  / / /│\ \ \          / │ \                  u:    urgent, as what hangs below it is far
///  a b c d e u   ──▶   u  a  b                 c is reached by way of p's place: w(a) + w(c), which is never too little
///                        ╱ ╲  ╲
///                       c   d  e
/// ```
///
/// From the leaves up: what hangs below a child is settled before its parent's star, so its height is known, and of several ways to lay
/// out the star the one of least height is kept. The children are urgent in the order of their heights (Jackson's rule).
struct StarTree {
    private struct Child {
        var node: Int32
        /// From the centre, without forwarding.
        var delay: Picoseconds
        /// Of what hangs below the child.
        var height: Picoseconds
        /// Slots that its own star leaves.
        var spare: Int32
    }

    /// Where children can be hung: how late a message is that comes from there, at the place of the centre.
    private struct Slot {
        var key: Picoseconds
        /// Position among the children; −1 = the centre.
        var owner: Int32
        var count: Int32

        func isBefore(_ other: Slot) -> Bool {
            key != other.key ? key < other.key : owner < other.owner
        }
    }

    private let problem: TreeProblem
    private var height: ContiguousArray<Picoseconds>
    private var used: ContiguousArray<Int32>
    private var tree: Arborescence
    private var children: ContiguousArray<Child> = []
    private var slots: ContiguousArray<Slot> = []
    /// By position among the children.
    private var owner: ContiguousArray<Int32> = []
    private var bestOwner: ContiguousArray<Int32> = []

    /// - Returns: `nil` with fixed parents, or when the children of a crowded node have too few slots to spare.
    static func tree(for problem: TreeProblem) -> Arborescence? {
        guard !problem.fixedParent.contains(where: { $0 >= 0 }) else { return nil }
        var construction = StarTree(problem)
        return construction.run() ? construction.tree : nil
    }

    private init(_ problem: TreeProblem) {
        self.problem = problem
        height = ContiguousArray(repeating: 0, count: problem.nodeCount)
        used = ContiguousArray(repeating: 0, count: problem.nodeCount)
        tree = Arborescence(nodeCount: problem.nodeCount)
    }

    private mutating func run() -> Bool {
        let paths = problem.fromRoot
        let stars = Stars(paths)
        // Settled last is settled first here: children before their parents.
        for node in paths.order.reversed().map({ Int($0) }) {
            let range = stars.range(of: node)
            guard !range.isEmpty else { continue }
            children.removeAll(keepingCapacity: true)
            for position in range {
                let child = Int(stars.members[position])
                children.append(
                    Child(
                        node: Int32(child),
                        delay: paths.delay[child] - paths.delay[node],
                        height: height[child],
                        spare: problem.capacity[child] - used[child]
                    )
                )
            }
            guard layOut(node) else { return false }
        }
        return true
    }

    // MARK: One star

    private mutating func layOut(_ centre: Int) -> Bool {
        let capacity = Int(problem.capacity[centre])
        guard children.count > capacity else {
            for child in children {
                tree.attach(Int(child.node), to: centre, edge: child.delay + problem.hop)
                height[centre] = max(height[centre], child.delay + problem.hop + child.height)
            }
            used[centre] = Int32(children.count)
            return true
        }
        // Near ones first; who has nothing to spare is no helper.
        children.sort {
            if ($0.spare > 0) != ($1.spare > 0) { return $0.spare > 0 }
            return $0.delay != $1.delay ? $0.delay < $1.delay : $0.node < $1.node
        }
        guard let fewest = fewestHelpers(capacity) else { return false }
        var best = Picoseconds.max
        let most = children.firstIndex { $0.spare <= 0 } ?? children.count
        for share in [0, 2, 4, 8] {
            for factor in [10, 13, 18, 30] {
                let height = lay(
                    capacity: capacity,
                    helperCount: min(most, (fewest * factor + 9) / 10),
                    urgentCount: capacity * share / 10,
                    below: best
                )
                guard let height, height < best else { continue }
                best = height
                swap(&owner, &bestOwner)
            }
        }
        guard best < .max else { return false }
        height[centre] = best
        keep(centre)
        return true
    }

    /// How many of the near children must help so that all find a slot; `nil` = all are not enough.
    private func fewestHelpers(_ capacity: Int) -> Int? {
        var slots = capacity
        var count = 0
        for child in children where child.spare > 0 {
            guard slots < children.count else { break }
            slots += Int(child.spare)
            count += 1
        }
        return slots >= children.count ? count : nil
    }

    /// Hangs the most urgent children, then the helpers, then the others, each into the earliest slot.
    ///
    /// - Returns: the height that comes out; `nil` when slots run out, or it is no less than `limit`.
    private mutating func lay(
        capacity: Int,
        helperCount: Int,
        urgentCount: Int,
        below limit: Picoseconds
    ) -> Picoseconds? {
        owner.removeAll(keepingCapacity: true)
        owner.append(contentsOf: repeatElement(-1, count: children.count))
        slots.removeAll(keepingCapacity: true)
        push(Slot(key: 0, owner: -1, count: Int32(capacity)))
        let others = (helperCount..<children.count).sorted {
            let heights = (
                children[$0].delay + children[$0].height, children[$1].delay + children[$1].height
            )
            return heights.0 != heights.1 ? heights.0 > heights.1 : $0 < $1
        }
        let first = min(urgentCount, max(0, min(capacity - 1, others.count)))
        var height: Picoseconds = 0
        for position in others[..<first] {
            guard hang(position, &height, below: limit) else { return nil }
        }
        for position in 0..<helperCount {
            guard hang(position, &height, below: limit) else { return nil }
        }
        for position in others[first...] {
            guard hang(position, &height, below: limit) else { return nil }
        }
        return height
    }

    private mutating func hang(
        _ position: Int,
        _ height: inout Picoseconds,
        below limit: Picoseconds
    ) -> Bool {
        guard let slot = takeSlot() else { return false }
        let child = children[position]
        owner[position] = slot.owner
        let arrival = slot.key + child.delay + problem.hop
        height = max(height, arrival + child.height)
        if child.spare > 0 {
            push(Slot(key: arrival + child.delay, owner: Int32(position), count: child.spare))
        }
        return height < limit
    }

    private mutating func keep(_ centre: Int) {
        for (position, child) in children.enumerated() {
            let above = Int(bestOwner[position])
            guard above >= 0 else {
                used[centre] += 1
                tree.attach(Int(child.node), to: centre, edge: child.delay + problem.hop)
                continue
            }
            let helper = Int(children[above].node)
            used[helper] += 1
            tree.attach(
                Int(child.node),
                to: helper,
                edge: children[above].delay + child.delay + problem.hop
            )
        }
    }

    // MARK: Slots, a binary heap

    private mutating func push(_ slot: Slot) {
        slots.append(slot)
        var hole = slots.count - 1
        while hole > 0, slot.isBefore(slots[(hole - 1) / 2]) {
            slots[hole] = slots[(hole - 1) / 2]
            hole = (hole - 1) / 2
        }
        slots[hole] = slot
    }

    private mutating func takeSlot() -> Slot? {
        guard let least = slots.first else { return nil }
        if least.count > 1 {
            slots[0].count -= 1
            return least
        }
        let moved = slots.removeLast()
        guard !slots.isEmpty else { return least }
        var hole = 0
        while true {
            var child = 2 * hole + 1
            guard child < slots.count else { break }
            if child + 1 < slots.count, slots[child + 1].isBefore(slots[child]) { child += 1 }
            guard slots[child].isBefore(moved) else { break }
            slots[hole] = slots[child]
            hole = child
        }
        slots[hole] = moved
        return least
    }
}

/// The children of every node in a shortest-path tree, side by side.
private struct Stars {
    private let first: ContiguousArray<Int32>
    let members: ContiguousArray<Int32>

    init(_ paths: ShortestPaths) {
        let count = paths.predecessor.count
        var first = ContiguousArray<Int32>(repeating: 0, count: count + 1)
        for above in paths.predecessor where above >= 0 { first[Int(above) + 1] += 1 }
        for node in 0..<count { first[node + 1] += first[node] }
        var next = first
        var members = ContiguousArray<Int32>(repeating: 0, count: Int(first[count]))
        for node in 0..<count where paths.predecessor[node] >= 0 {
            let above = Int(paths.predecessor[node])
            members[Int(next[above])] = Int32(node)
            next[above] += 1
        }
        self.first = first
        self.members = members
    }

    func range(of node: Int) -> Range<Int> { Int(first[node])..<Int(first[node + 1]) }
}
