/// Dijkstra's algorithm, one node at a time: who is near, the nearest first. For those who stop early.
struct NearSearch {
    private let graph: Graph
    private var delay: ContiguousArray<Picoseconds>
    private var isSettled: ContiguousArray<Bool>
    private var heap = DelayHeap()

    init(from source: Int, in graph: Graph) {
        self.graph = graph
        delay = ContiguousArray(repeating: .max, count: graph.nodeCount)
        isSettled = ContiguousArray(repeating: false, count: graph.nodeCount)
        delay[source] = 0
        heap.insert(.init(key: 0, node: UInt32(source), via: UInt32(source)))
    }

    /// The next node and its delay over the links; the source comes first. The search goes on from a node only where `leadsOn` says so.
    mutating func next(
        leadsOn: (_ node: Int, _ delay: Picoseconds) -> Bool
    ) -> (node: Int, delay: Picoseconds)? {
        while let entry = heap.removeLeast() {
            let node = Int(entry.node)
            guard !isSettled[node] else { continue }
            isSettled[node] = true
            guard leadsOn(node, entry.key) else { continue }
            for arc in graph.arcs(of: node) {
                let other = Int(graph.target[arc])
                let candidate = entry.key + graph.delay[arc]
                guard candidate < delay[other] else { continue }
                delay[other] = candidate
                heap.insert(.init(key: candidate, node: UInt32(other), via: entry.node))
            }
            return (node, entry.key)
        }
        return nil
    }
}
