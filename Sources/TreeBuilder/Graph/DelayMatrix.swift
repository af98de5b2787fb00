/// The least delay between every two nodes, over the links; n × n, row by row.
///
/// 8 n² bytes: 4 MB at 726 nodes, 134 MB at `nodeCountMax`.
struct DelayMatrix {
    /// Above this the builder works without the matrix: memory and n Dijkstras would both be too much.
    static let nodeCountMax = 4096

    let nodeCount: Int
    let delays: ContiguousArray<Picoseconds>

    init(_ graph: Graph) {
        nodeCount = graph.nodeCount
        var delays = ContiguousArray<Picoseconds>()
        delays.reserveCapacity(graph.nodeCount * graph.nodeCount)
        for source in 0..<graph.nodeCount {
            delays.append(contentsOf: ShortestPaths(from: source, in: graph).delay)
        }
        self.delays = delays
    }

    subscript(from: Int, to: Int) -> Picoseconds { delays[from * nodeCount + to] }

    /// The largest delay from a node to any other.
    func eccentricity(of node: Int) -> Picoseconds {
        var largest: Picoseconds = 0
        for index in (node * nodeCount)..<((node + 1) * nodeCount) {
            largest = max(largest, delays[index])
        }
        return largest
    }
}
