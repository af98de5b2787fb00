/// A tree of links that joins some nodes of a graph, the terminals, and is as short as can be found.
///
/// ```
///   t ─── · ─── t          · Steiner nodes: in the tree because ways through them are short
///         │ ╲
///         t   · ── t
/// ```
///
/// The start is Mehlhorn's (Inf. Process. Lett. 27, 1988): one Dijkstra from all terminals at once, and a minimum spanning tree
/// of the ways that cross from one terminal's nodes to another's; at most 2 − 2/T times the least. `KeyPathExchange` gets on from there.
struct SteinerTree {
    struct Edge: Equatable {
        var a: Int
        var b: Int
        var length: Picoseconds
    }

    private(set) var edges: [Edge]
    /// In the order in which they were given.
    let terminals: [Int]

    /// The delays of the graph are the lengths.
    ///
    /// - Returns: `nil` when no links join the terminals.
    static func joining(_ terminals: [Int], in graph: Graph) -> SteinerTree? {
        guard let start = mehlhorn(terminals, in: graph) else { return nil }
        return KeyPathExchange.improved(start, in: graph)
    }

    /// By node of a graph of so many, whether it is one of these.
    static func marks(_ nodes: [Int], nodeCount: Int) -> ContiguousArray<Bool> {
        var marks = ContiguousArray(repeating: false, count: nodeCount)
        for node in nodes { marks[node] = true }
        return marks
    }

    var length: Picoseconds { edges.reduce(0) { $0 + $1.length } }

    /// By node of a graph of so many, the edges at it.
    func degrees(nodeCount: Int) -> ContiguousArray<Int> {
        var degrees = ContiguousArray(repeating: 0, count: nodeCount)
        for edge in edges {
            degrees[edge.a] += 1
            degrees[edge.b] += 1
        }
        return degrees
    }

    /// By node of a graph of so many, whether the tree has it.
    func nodes(nodeCount: Int) -> ContiguousArray<Bool> {
        var isIn = Self.marks(terminals, nodeCount: nodeCount)
        for edge in edges {
            isIn[edge.a] = true
            isIn[edge.b] = true
        }
        return isIn
    }

    /// The shortest tree of these nodes' links that joins the terminals, with nothing loose: a minimum spanning tree (Kruskal) whose
    /// leaves are terminals.
    ///
    /// - Returns: `nil` when these nodes' links do not join the terminals.
    init?(_ terminals: [Int], within isIn: ContiguousArray<Bool>, of graph: Graph) {
        var links: [Edge] = []
        for node in 0..<graph.nodeCount where isIn[node] {
            for arc in graph.arcs(of: node) {
                let other = Int(graph.target[arc])
                guard other > node, isIn[other] else { continue }
                links.append(Edge(a: node, b: other, length: graph.delay[arc]))
            }
        }
        self.init(terminals, of: links, nodeCount: graph.nodeCount)
    }

    private init?(_ terminals: [Int], of links: [Edge], nodeCount: Int) {
        self.terminals = terminals
        var sets = DisjointSets(count: nodeCount)
        edges = links.sorted { ($0.length, $0.a, $0.b) < ($1.length, $1.a, $1.b) }
            .filter { sets.join($0.a, $0.b) }
        for terminal in terminals.dropFirst() where sets.join(terminals[0], terminal) { return nil }
        prune(nodeCount: nodeCount)
    }

    /// Takes off what ends at a node that is no terminal.
    private mutating func prune(nodeCount: Int) {
        let isTerminal = Self.marks(terminals, nodeCount: nodeCount)
        var degree = degrees(nodeCount: nodeCount)
        var isChanged = true
        while isChanged {
            isChanged = false
            edges.removeAll { edge in
                let isLoose =
                    degree[edge.a] == 1 && !isTerminal[edge.a]
                    || degree[edge.b] == 1 && !isTerminal[edge.b]
                guard isLoose else { return false }
                degree[edge.a] -= 1
                degree[edge.b] -= 1
                isChanged = true
                return true
            }
        }
    }

    private static func mehlhorn(_ terminals: [Int], in graph: Graph) -> SteinerTree? {
        let ways = WaysToTerminals(terminals, in: graph)
        struct Crossing {
            var length: Picoseconds
            var arc: Int
            var from: Int
        }
        var crossings: [Crossing] = []
        for node in 0..<graph.nodeCount where ways.owner[node] >= 0 {
            for arc in graph.arcs(of: node) {
                let other = Int(graph.target[arc])
                guard other > node, ways.owner[other] >= 0, ways.owner[other] != ways.owner[node]
                else { continue }
                let length = ways.length[node] + graph.delay[arc] + ways.length[other]
                crossings.append(Crossing(length: length, arc: arc, from: node))
            }
        }
        crossings.sort { ($0.length, $0.arc) < ($1.length, $1.arc) }
        var sets = DisjointSets(count: graph.nodeCount)
        var isIn = marks(terminals, nodeCount: graph.nodeCount)
        for crossing in crossings {
            let ends = [crossing.from, Int(graph.target[crossing.arc])]
            guard sets.join(Int(ways.owner[ends[0]]), Int(ways.owner[ends[1]])) else { continue }
            for end in ends {
                var node = end
                while !isIn[node] {
                    isIn[node] = true
                    node = Int(ways.next[node])
                }
            }
        }
        return SteinerTree(terminals, within: isIn, of: graph)
    }
}

/// The shortest way from every node to a terminal.
private struct WaysToTerminals {
    /// The nearest terminal; −1 where none is reached.
    private(set) var owner: ContiguousArray<Int32>
    private(set) var length: ContiguousArray<Picoseconds>
    /// The next node on the way there; −1 at terminals.
    private(set) var next: ContiguousArray<Int32>

    init(_ terminals: [Int], in graph: Graph) {
        owner = ContiguousArray(repeating: -1, count: graph.nodeCount)
        next = owner
        length = ContiguousArray(repeating: ShortestPaths.unreachable, count: graph.nodeCount)
        var heap = DelayHeap()
        for terminal in terminals {
            owner[terminal] = Int32(terminal)
            length[terminal] = 0
            heap.insert(.init(key: 0, node: UInt32(terminal), via: UInt32(terminal)))
        }
        while let entry = heap.removeLeast() {
            let node = Int(entry.node)
            guard entry.key == length[node] else { continue }
            for arc in graph.arcs(of: node) {
                let other = Int(graph.target[arc])
                let candidate = entry.key + graph.delay[arc]
                guard candidate < length[other] else { continue }
                length[other] = candidate
                owner[other] = owner[node]
                next[other] = Int32(node)
                heap.insert(.init(key: candidate, node: UInt32(other), via: entry.node))
            }
        }
    }
}
