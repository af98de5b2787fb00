import Topology

/// What every tree that reaches the required nodes costs at least, whichever others it leads through (Wong, Math. Program. 28, 1984).
///
/// ```
///   root ─▶ … ─▶ │cut│ ─▶ t        Every tree enters a set of nodes that holds t and not the root. So the least that is left of the prices
///                                  of all arcs into the set is owed, and is taken off each of them: until every t is reached by
///                                  arcs of which nothing is left.
/// ```
struct DualAscent {
    /// How many sets are looked at; the bound holds wherever it ends.
    private static let workMax = 200_000_000

    private let graph: Graph
    /// By arc, what is left of its length.
    private var rest: ContiguousArray<Picoseconds>

    /// The delays of the graph are the lengths.
    static func bound(from root: Int, to terminals: [Int], in graph: Graph) -> Picoseconds {
        var ascent = DualAscent(graph: graph, rest: graph.delay)
        return ascent.run(from: root, to: terminals)
    }

    private mutating func run(from root: Int, to terminals: [Int]) -> Picoseconds {
        var bound: Picoseconds = 0
        var work = 0
        var active = terminals.filter { $0 != root }
        var sizes = [Int](repeating: 1, count: active.count)
        while !active.isEmpty, work < Self.workMax {
            // The smallest set first: what it owes is paid by fewest others.
            let index = sizes.indices.min { sizes[$0] < sizes[$1] } ?? 0
            let (cut, size) = cut(around: active[index], root: root)
            work += graph.target.count
            guard let least = cut.map({ rest[$0] }).min() else {
                active.remove(at: index)
                sizes.remove(at: index)
                continue
            }
            sizes[index] = size
            // It has grown since it was looked at last: others may be smaller now.
            guard !sizes.contains(where: { $0 < size }) else { continue }
            bound += least
            for arc in cut { rest[arc] -= least }
        }
        return bound
    }

    /// The arcs into the set of nodes from which the terminal is reached for nothing; none when the root is in it.
    ///
    /// Arcs are named from within: arc v → u of the graph is the way u → v, whose own rest it holds.
    private func cut(around terminal: Int, root: Int) -> (arcs: [Int], size: Int) {
        var isIn = ContiguousArray(repeating: false, count: graph.nodeCount)
        isIn[terminal] = true
        var members = [terminal]
        var next = 0
        while next < members.count {
            let node = members[next]
            next += 1
            if node == root { return ([], members.count) }
            for arc in graph.arcs(of: node) where rest[arc] == 0 {
                let other = Int(graph.target[arc])
                guard !isIn[other] else { continue }
                isIn[other] = true
                members.append(other)
            }
        }
        var arcs: [Int] = []
        for node in members {
            for arc in graph.arcs(of: node) where !isIn[Int(graph.target[arc])] { arcs.append(arc) }
        }
        return (arcs, members.count)
    }
}

extension DualAscent {
    /// The bound on the price of a problem's trees.
    static func leastPrice(of problem: TreeProblem) -> Double {
        guard let network = PricedNetwork(problem) else { return 0 }
        let terminals = (0..<problem.nodeCount).filter { problem.isRequired($0) }
        return network.price(of: bound(from: problem.root, to: terminals, in: network.graph))
    }
}

/// The links of a problem with their prices in place of their delays, in whole numbers, rounded down.
struct PricedNetwork {
    let graph: Graph
    private let scale: Double

    /// - Returns: `nil` where prices do not count.
    init?(_ problem: TreeProblem) {
        guard let links = problem.links else { return nil }
        let dearest = links.price.max() ?? 0
        scale = 0x1p60 / max(dearest * Double(problem.nodeCount), .leastNormalMagnitude)
        var edges = ContiguousArray<Graph.Edge>()
        for node in 0..<problem.nodeCount {
            // In link mode ways lead through nodes of the tree alone.
            if problem.mode == .link, problem.isAbsent(node) { continue }
            for arc in problem.graph.arcs(of: node) where problem.graph.target[arc] > node {
                let other = problem.graph.target[arc]
                if problem.mode == .link, problem.isAbsent(Int(other)) { continue }
                let price = Picoseconds(
                    (links.price[links.link(ofArc: arc)] * scale).rounded(.down)
                )
                edges.append(.init(a: UInt32(node), b: other, delay: price))
            }
            // Whoever hears its parent by multicast is reached for nothing.
            if problem.isBySegment(node) {
                let parent = UInt32(problem.fixedParent[node])
                edges.append(.init(a: UInt32(node), b: parent, delay: 0))
            }
        }
        graph = Graph(nodeCount: problem.nodeCount, edges: edges)
    }

    func price(of length: Picoseconds) -> Double { Double(length) / scale }
}
