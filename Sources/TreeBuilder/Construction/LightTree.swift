import Topology

/// The first tree of the objective `cost`: Prim's algorithm on the price of the edges, held to the latest delay of each node.
///
/// ```
/// outside ── least price, if delay[parent] + edge is in time and the parent has room ──▶ attached
/// ```
///
/// Without limits that is a minimum spanning tree. Khuller, Raghavachari and Young (Algorithmica 14, 1995) bound what trees that are
/// both shallow and light must cost: with every delay at most a times the least, 1 + 2/(a − 1) times the minimum. Their tree knows no
/// limits of children; this one does, may fail for it, and is improved by the search.
struct LightTree {
    private let problem: TreeProblem
    private var tree: Arborescence
    private var delay: ContiguousArray<Picoseconds>
    private var isAttached: ContiguousArray<Bool>
    private var free: ContiguousArray<Int32>
    private var heap = DelayHeap()
    /// Turns prices into the heap's whole numbers.
    private let scale: Double

    /// - Returns: `nil` with fixed parents, or when some node finds no parent in time.
    static func tree(for problem: TreeProblem) -> Arborescence? {
        if let present = Compaction(problem) {
            return tree(for: present.problem).map(present.expanded)
        }
        guard let links = problem.links, !problem.fixedParent.contains(where: { $0 >= 0 }) else {
            return nil
        }
        let dearest = links.price.max() ?? 0
        var construction = LightTree(
            problem,
            scale: 0x1p60 / max(dearest * Double(problem.nodeCount), .leastNormalMagnitude)
        )
        return construction.grow() ? construction.tree : nil
    }

    private init(_ problem: TreeProblem, scale: Double) {
        self.problem = problem
        self.scale = scale
        tree = Arborescence(nodeCount: problem.nodeCount)
        delay = ContiguousArray(repeating: 0, count: problem.nodeCount)
        isAttached = ContiguousArray(repeating: false, count: problem.nodeCount)
        free = problem.capacity
    }

    private mutating func grow() -> Bool {
        attach(problem.root)
        var count = 1
        while let entry = heap.removeLeast() {
            let node = Int(entry.node)
            let parent = Int(entry.via)
            guard !isAttached[node], free[parent] > 0,
                let edge = problem.edgeDelay(from: parent, to: node)
            else { continue }
            free[parent] -= 1
            delay[node] = delay[parent] + edge
            tree.attach(node, to: parent, edge: edge)
            attach(node)
            count += 1
        }
        return count == problem.nodeCount
    }

    private mutating func attach(_ node: Int) {
        isAttached[node] = true
        guard free[node] > 0 else { return }
        guard problem.mode == .mesh else {
            for arc in problem.graph.arcs(of: node) { offer(Int(problem.graph.target[arc]), node) }
            return
        }
        for other in 0..<problem.nodeCount { offer(other, node) }
    }

    private mutating func offer(_ node: Int, _ parent: Int) {
        guard !isAttached[node], let edge = problem.edgeDelay(from: parent, to: node) else {
            return
        }
        if let limits = problem.delayLimit, delay[parent] + edge > limits[node] { return }
        let key = Picoseconds(problem.price(from: parent, to: node) * scale)
        heap.insert(.init(key: key, node: UInt32(node), via: UInt32(parent)))
    }

    /// What a minimum spanning tree of the links costs (Kruskal); nodes that a segment joins are joined from the start.
    static func leastPrice(of problem: TreeProblem) -> Double {
        guard let links = problem.links else { return 0 }
        if problem.forwarders != nil { return DualAscent.leastPrice(of: problem) }
        if problem.absent != nil, problem.mode == .mesh { return halfOfLeastLinks(problem, links) }
        var parts = DisjointSets(count: problem.nodeCount)
        for node in 0..<problem.nodeCount where problem.segmentEdge[node] >= 0 {
            _ = parts.join(node, Int(problem.fixedParent[node]))
        }
        var arcs: [(price: Double, from: Int, to: Int)] = []
        for node in 0..<problem.nodeCount {
            for arc in problem.graph.arcs(of: node) where problem.graph.target[arc] > node {
                guard !problem.isAbsent(node), !problem.isAbsent(Int(problem.graph.target[arc]))
                else { continue }
                let price = links.price[links.link(ofArc: arc)]
                arcs.append((price, node, Int(problem.graph.target[arc])))
            }
        }
        arcs.sort { ($0.price, $0.from, $0.to) < ($1.price, $1.from, $1.to) }
        var sum = 0.0
        for arc in arcs where parts.join(arc.from, arc.to) { sum += arc.price }
        return sum
    }

    /// Where ways lead through nodes that are in no tree, no spanning tree is a bound. But each node has a link, and a link two ends.
    private static func halfOfLeastLinks(_ problem: TreeProblem, _ links: LinkTable) -> Double {
        var sum = 0.0
        for node in 0..<problem.nodeCount
        where !problem.isAbsent(node) && !problem.isBySegment(node) {
            let least = problem.graph.arcs(of: node).lazy
                .map { links.price[links.link(ofArc: $0)] }.min()
            sum += least ?? 0
        }
        return sum / 2
    }
}
