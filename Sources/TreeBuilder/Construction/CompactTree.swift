/// The degree-capped compact tree of mesh mode (Shi & Turner): Prim's algorithm on the delay from the
/// root, full parents closed. O(n²) apart from the rescans when a parent fills up.
///
/// ```
/// outside ── least delay[parent] + edge ──▶ attached, takes one of its parent's free slots
/// ```
///
/// Fixed parents make *clusters*: a head and everything fixed below it enter together. To never run
/// out of slots while nodes remain, the last free slot goes to a cluster that brings new ones.
struct CompactTree {
    private let problem: TreeProblem
    private let delays: DelayMatrix
    private let fixedChildren: [[Int]]
    private var tree: Arborescence
    private var delay: ContiguousArray<Picoseconds>
    private var free: ContiguousArray<Int32>
    /// Free slots a cluster brings, by its head.
    private var gain: ContiguousArray<Int>
    private var openSlots = 0
    private var attached: [Int] = []
    private var outside: [Int]
    /// Best open parent of each head outside; −1 = none known.
    private var offer: ContiguousArray<Int32>
    private var offerDelay: ContiguousArray<Picoseconds>

    /// - Returns: `nil` without a delay matrix, or when the capacities do not suffice.
    static func tree(for problem: TreeProblem) -> Arborescence? {
        guard let delays = problem.delays else { return nil }
        var construction = CompactTree(problem, delays)
        construction.attach(problem.root)
        while !construction.outside.isEmpty {
            guard construction.attachNearest() else { return nil }
        }
        return construction.tree
    }

    private init(_ problem: TreeProblem, _ delays: DelayMatrix) {
        self.problem = problem
        self.delays = delays
        fixedChildren = problem.fixedChildren()
        let count = problem.nodeCount
        tree = Arborescence(nodeCount: count)
        delay = ContiguousArray(repeating: 0, count: count)
        free = problem.capacity
        gain = ContiguousArray(repeating: 0, count: count)
        offer = ContiguousArray(repeating: -1, count: count)
        offerDelay = ContiguousArray(repeating: .max, count: count)
        outside = (0..<count).filter { $0 != problem.root && problem.fixedParent[$0] < 0 }
        for node in 0..<count { free[node] -= Int32(fixedChildren[node].count) }
        for node in 0..<count {
            var head = node
            while problem.fixedParent[head] >= 0 { head = Int(problem.fixedParent[head]) }
            gain[head] += Int(free[node])
        }
    }

    private mutating func attachNearest() -> Bool {
        let needsSlots = openSlots == 1 && outside.count > 1
        var best: Int?
        for (position, node) in outside.enumerated() {
            if needsSlots && gain[node] == 0 { continue }
            if let current = best, offerDelay[node] >= offerDelay[outside[current]] { continue }
            best = position
        }
        guard let best, offer[outside[best]] >= 0 else { return false }
        let node = outside.remove(at: best)
        let parent = Int(offer[node])
        tree.attach(node, to: parent, edge: offerDelay[node] - delay[parent])
        delay[node] = offerDelay[node]
        free[parent] -= 1
        openSlots -= 1
        attach(node)
        if free[parent] == 0 { withdrawOffers(of: parent) }
        return true
    }

    private mutating func attach(_ head: Int) {
        openSlots += gain[head]
        var pending = [head]
        while let node = pending.popLast() {
            attached.append(node)
            for child in fixedChildren[node] {
                let edge = problem.edgeDelay(from: node, to: child) ?? problem.hop
                tree.attach(child, to: node, edge: edge)
                delay[child] = delay[node] + edge
                pending.append(child)
            }
            guard free[node] > 0 else { continue }
            for other in outside { consider(node, for: other) }
        }
    }

    private mutating func consider(_ parent: Int, for node: Int) {
        let candidate = delay[parent] + delays[parent, node] + problem.hop
        guard candidate < offerDelay[node] else { return }
        offerDelay[node] = candidate
        offer[node] = Int32(parent)
    }

    private mutating func withdrawOffers(of full: Int) {
        attached.removeAll { free[$0] == 0 }
        for node in outside where offer[node] == full {
            offer[node] = -1
            offerDelay[node] = .max
            for parent in attached { consider(parent, for: node) }
        }
    }
}
