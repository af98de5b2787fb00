import Topology

/// A problem of the nodes that are in the tree alone, so that what builds trees need not know of others.
///
/// ```
/// link mode:  the links between present nodes
/// mesh mode:  a link for every way between two present nodes that meets no third, as long as the shortest one:
///             all delays stay what they are
/// ```
struct Compaction {
    let problem: TreeProblem
    /// By node of the compact problem.
    private let places: ContiguousArray<Int32>
    private let nodeCount: Int

    /// - Returns: `nil` when nobody is absent.
    init?(_ whole: TreeProblem) {
        guard let absent = whole.absent, absent.contains(true) else { return nil }
        nodeCount = whole.nodeCount
        let places = ContiguousArray((0..<whole.nodeCount).filter { !absent[$0] }.map { Int32($0) })
        var number = ContiguousArray<Int32>(repeating: -1, count: whole.nodeCount)
        for (compact, place) in places.enumerated() { number[Int(place)] = Int32(compact) }
        func picked<Value>(_ values: ContiguousArray<Value>) -> ContiguousArray<Value> {
            ContiguousArray(places.map { values[Int($0)] })
        }
        let (graph, arcs) = Self.graph(of: whole, places, number)
        // A link of the mesh stands for many of the network's, which the underlay knows.
        let isMesh = whole.mode == .mesh
        let most = Int32(max(0, places.count - 1))
        var problem = TreeProblem(
            graph: graph,
            delays: whole.delays.map { DelayMatrix($0, of: places) },
            root: Int(number[whole.root]),
            mode: whole.mode,
            objective: whole.objective,
            hop: whole.hop,
            capacity: ContiguousArray(picked(whole.capacity).map { min($0, most) }),
            fixedParent: ContiguousArray(
                picked(whole.fixedParent).map { $0 < 0 ? -1 : number[Int($0)] }
            ),
            weight: picked(whole.weight),
            links: isMesh ? whole.links : whole.links?.table(for: arcs),
            forwarders: whole.forwarders.map(picked)
        )
        problem.segmentEdge = picked(whole.segmentEdge)
        problem.skipsLinks = whole.skipsLinks
        if let regions = whole.regions, let links = problem.links {
            problem = problem.with(regions: picked(regions), links: links)
        }
        problem.delayLimit = whole.delayLimit.map(picked)
        if isMesh, let delays = whole.delays {
            problem.underlay = Underlay(graph: whole.graph, delays: delays, places: places)
        }
        self.problem = problem
        self.places = places
    }

    /// A tree of the compact problem in the numbers of the whole one.
    func expanded(_ tree: Arborescence) -> Arborescence {
        var whole = Arborescence(nodeCount: nodeCount)
        for (compact, place) in places.enumerated() where tree.parent[compact] >= 0 {
            whole.attach(
                Int(place),
                to: Int(places[Int(tree.parent[compact])]),
                edge: tree.edge[compact]
            )
        }
        return whole
    }

    /// A tree of the whole problem in the numbers of the compact one.
    func compacted(_ tree: Arborescence) -> Arborescence {
        var number = ContiguousArray<Int>(repeating: -1, count: nodeCount)
        for (compact, place) in places.enumerated() { number[Int(place)] = compact }
        var compact = Arborescence(nodeCount: places.count)
        for (node, place) in places.enumerated() where tree.parent[Int(place)] >= 0 {
            compact.attach(
                node,
                to: number[Int(tree.parent[Int(place)])],
                edge: tree.edge[Int(place)]
            )
        }
        return compact
    }

    /// The graph of the present, and in link mode the arc of the whole graph that each of its arcs is.
    private static func graph(
        of whole: TreeProblem,
        _ places: ContiguousArray<Int32>,
        _ number: ContiguousArray<Int32>
    ) -> (Graph, arcs: [Int]) {
        var edges = ContiguousArray<Graph.Edge>()
        var arcs: [Int] = []
        for (compact, place) in places.enumerated() {
            if whole.mode == .mesh {
                let near = NearestPresent.ways(from: Int(place), in: whole.graph) {
                    number[$0] >= 0
                }
                for way in near where way.node > place {
                    let other = UInt32(number[way.node])
                    edges.append(.init(a: UInt32(compact), b: other, delay: way.delay))
                }
                continue
            }
            for arc in whole.graph.arcs(of: Int(place)) {
                let other = number[Int(whole.graph.target[arc])]
                guard other >= 0 else { continue }
                arcs.append(arc)
                guard other > compact else { continue }
                edges.append(
                    .init(a: UInt32(compact), b: UInt32(other), delay: whole.graph.delay[arc])
                )
            }
        }
        return (Graph(nodeCount: places.count, edges: edges), arcs)
    }
}

/// Dijkstra's algorithm that goes through absent nodes and ends at present ones.
private enum NearestPresent {
    static func ways(
        from start: Int,
        in graph: Graph,
        isPresent: (Int) -> Bool
    ) -> [(node: Int, delay: Picoseconds)] {
        var delay = ContiguousArray<Picoseconds>(
            repeating: ShortestPaths.unreachable,
            count: graph.nodeCount
        )
        var heap = DelayHeap()
        delay[start] = 0
        heap.insert(.init(key: 0, node: UInt32(start), via: UInt32(start)))
        var found: [(node: Int, delay: Picoseconds)] = []
        while let entry = heap.removeLeast() {
            let node = Int(entry.node)
            guard entry.key == delay[node] else { continue }
            if node != start, isPresent(node) {
                // Others may have found the same delay; one way is enough.
                if found.last?.node != node { found.append((node, entry.key)) }
                continue
            }
            for arc in graph.arcs(of: node) {
                let other = Int(graph.target[arc])
                let candidate = entry.key + graph.delay[arc]
                guard candidate < delay[other] else { continue }
                delay[other] = candidate
                heap.insert(.init(key: candidate, node: UInt32(other), via: entry.node))
            }
        }
        return found
    }
}
