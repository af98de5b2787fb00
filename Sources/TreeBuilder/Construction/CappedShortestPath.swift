/// Dijkstra's tree in which a full parent offers no more paths: the first tree of link mode.
///
/// Nodes that all of whose neighbours are full when their turn comes are attached over capacity, at least delay;
/// `DegreeRepair` then moves the surplus elsewhere. With capacities that never bind this is the
/// shortest-path tree under delay plus hop, which meets the lower bound.
struct CappedShortestPath {
    private let problem: TreeProblem
    private let fixedChildren: [[Int]]
    private var tree: Arborescence
    private var delay: ContiguousArray<Picoseconds>
    private var isAttached: ContiguousArray<Bool>
    private var free: ContiguousArray<Int32>
    private var heap = DelayHeap()

    /// - Returns: a spanning tree of links that keeps fixed parents; capacities are kept where possible.
    static func tree(for problem: TreeProblem) -> Arborescence {
        var construction = CappedShortestPath(problem)
        construction.attach(problem.root)
        construction.grow(keepingCapacity: true)
        // Second pass: whatever is left hangs at the nearest attached node, full or not.
        for node in 0..<problem.nodeCount where construction.isAttached[node] {
            construction.offerLinks(of: node)
        }
        construction.grow(keepingCapacity: false)
        return construction.tree
    }

    private init(_ problem: TreeProblem) {
        self.problem = problem
        fixedChildren = problem.fixedChildren()
        tree = Arborescence(nodeCount: problem.nodeCount)
        delay = ContiguousArray(repeating: 0, count: problem.nodeCount)
        isAttached = ContiguousArray(repeating: false, count: problem.nodeCount)
        free = problem.capacity
        // A fixed child has its slot reserved, whoever else comes first.
        for node in 0..<problem.nodeCount { free[node] -= Int32(fixedChildren[node].count) }
    }

    private mutating func grow(keepingCapacity: Bool) {
        while let entry = heap.removeLeast() {
            let node = Int(entry.node)
            let parent = Int(entry.via)
            guard !isAttached[node], !keepingCapacity || free[parent] > 0 else { continue }
            free[parent] -= 1
            delay[node] = entry.key
            tree.attach(node, to: parent, edge: entry.key - delay[parent])
            attach(node)
        }
    }

    /// Takes in a node whose parent is set, and with it everything fixed below it.
    private mutating func attach(_ first: Int) {
        var pending = [first]
        while let node = pending.popLast() {
            isAttached[node] = true
            for child in fixedChildren[node] {
                let edge = problem.edgeDelay(from: node, to: child) ?? problem.hop
                delay[child] = delay[node] + edge
                tree.attach(child, to: node, edge: edge)
                pending.append(child)
            }
            offerLinks(of: node)
        }
    }

    private mutating func offerLinks(of node: Int) {
        for arc in problem.graph.arcs(of: node) {
            let other = Int(problem.graph.target[arc])
            guard !isAttached[other], problem.fixedParent[other] < 0 else { continue }
            let key = delay[node] + problem.graph.delay[arc] + problem.hop
            heap.insert(.init(key: key, node: UInt32(other), via: UInt32(node)))
        }
    }
}
