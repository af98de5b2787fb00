/// The least delay between every two nodes, over the links, and the way it takes; n × n, row by row.
///
/// 10 n² bytes: 5 MB at 726 nodes, 168 MB at `nodeCountMax`.
struct DelayMatrix {
    /// Above this the builder works without the matrix: memory and n Dijkstras would both be too much.
    static let nodeCountMax = 4096

    let nodeCount: Int
    private(set) var delays: ContiguousArray<Picoseconds>
    /// The node before the last on the path; −1 at the source.
    private let previous: ContiguousArray<Int16>

    init(_ graph: Graph) {
        nodeCount = graph.nodeCount
        var delays = ContiguousArray<Picoseconds>()
        var previous = ContiguousArray<Int16>()
        delays.reserveCapacity(graph.nodeCount * graph.nodeCount)
        previous.reserveCapacity(graph.nodeCount * graph.nodeCount)
        for source in 0..<graph.nodeCount {
            let paths = ShortestPaths(from: source, in: graph)
            delays.append(contentsOf: paths.delay)
            previous.append(contentsOf: paths.predecessor.lazy.map { Int16($0) })
        }
        self.delays = delays
        self.previous = previous
    }

    /// The delays between some nodes of a network; which way they take, its own matrix says.
    init(_ whole: DelayMatrix, of places: ContiguousArray<Int32>) {
        nodeCount = places.count
        previous = []
        var delays = ContiguousArray<Picoseconds>()
        delays.reserveCapacity(places.count * places.count)
        for from in places {
            for to in places { delays.append(whole[Int(from), Int(to)]) }
        }
        self.delays = delays
    }

    subscript(from: Int, to: Int) -> Picoseconds { delays[from * nodeCount + to] }

    /// Sets what was measured between two nodes, both ways; the way it takes stays as it was.
    mutating func set(_ a: Int, _ b: Int, to delay: Picoseconds) {
        delays[a * nodeCount + b] = delay
        delays[b * nodeCount + a] = delay
    }

    /// The node before `to` on the way from `from`; −1 when they are the same.
    func node(before to: Int, from: Int) -> Int { Int(previous[from * nodeCount + to]) }

    /// The largest delay from a node to any other that is not passed.
    func eccentricity(of node: Int, besides passed: ContiguousArray<Bool>? = nil) -> Picoseconds {
        var largest: Picoseconds = 0
        for other in 0..<nodeCount where passed?[other] != true {
            largest = max(largest, delays[node * nodeCount + other])
        }
        return largest
    }
}
