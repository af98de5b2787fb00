/// Shortens a Steiner tree, one way of it after the other (Verhoeven, Severens & Aarts, 1996; Uchoa & Werneck, ALENEX 2010).
///
/// ```
///   t ── · ── · ── k       a key path leads from key node to key node, which are terminals and forks, and meets none between;
///        ╳              →  it is taken out, and the shortest way between the two halves put in
/// ```
///
/// And one node after the other: one more is let in, or one is left out, where the shortest tree of the nodes that are then in is
/// shorter.
struct KeyPathExchange {
    private static let passCountMax = 16
    /// Above this letting nodes in and out, one by one, takes too long.
    private static let nodeCountMax = 1_000

    private let graph: Graph
    private let terminals: [Int]
    private var tree: SteinerTree

    static func improved(_ tree: SteinerTree, in graph: Graph) -> SteinerTree {
        var work = KeyPathExchange(graph: graph, terminals: tree.terminals, tree: tree)
        for _ in 0..<passCountMax {
            let before = work.tree.length
            work.exchangePaths()
            if graph.nodeCount <= nodeCountMax { work.exchangeNodes() }
            if work.tree.length == before { break }
        }
        return work.tree
    }

    // MARK: Key paths

    private mutating func exchangePaths() {
        var isChanged = true
        var passCount = 0
        while isChanged, passCount < Self.passCountMax {
            isChanged = false
            passCount += 1
            for path in keyPaths() where exchange(path) {
                isChanged = true
                break
            }
        }
    }

    /// Each as its nodes from key node to key node.
    private func keyPaths() -> [[Int]] {
        var neighbours = [[Int]](repeating: [], count: graph.nodeCount)
        for edge in tree.edges {
            neighbours[edge.a].append(edge.b)
            neighbours[edge.b].append(edge.a)
        }
        var isKey = ContiguousArray(neighbours.map { $0.count > 2 })
        for terminal in terminals { isKey[terminal] = true }
        var paths: [[Int]] = []
        for start in isKey.indices where isKey[start] {
            for first in neighbours[start] {
                var path = [start, first]
                while let last = path.last, !isKey[last] {
                    let before = path[path.count - 2]
                    guard let next = neighbours[last].first(where: { $0 != before }) else { break }
                    path.append(next)
                }
                if let end = path.last, start < end { paths.append(path) }
            }
        }
        return paths
    }

    private mutating func exchange(_ path: [Int]) -> Bool {
        var sets = DisjointSets(count: graph.nodeCount)
        var length: Picoseconds = 0
        for edge in tree.edges {
            let isOfPath = zip(path, path.dropFirst()).contains {
                $0 == edge.a && $1 == edge.b || $0 == edge.b && $1 == edge.a
            }
            if isOfPath { length += edge.length } else { _ = sets.join(edge.a, edge.b) }
        }
        var isIn = tree.nodes(nodeCount: graph.nodeCount)
        for node in path.dropFirst().dropLast() { isIn[node] = false }
        let near = (0..<graph.nodeCount).filter { isIn[$0] && sets.areJoined($0, path[0]) }
        guard
            let way = shortestWay(
                from: near,
                limit: length,
                to: { node in
                    isIn[node] && !sets.areJoined(node, path[0])
                }
            )
        else { return false }
        for node in way { isIn[node] = true }
        return take(SteinerTree(terminals, within: isIn, of: graph))
    }

    /// - Returns: the nodes of a way that is shorter than `limit`.
    private func shortestWay(
        from starts: [Int],
        limit: Picoseconds,
        to isEnd: (Int) -> Bool
    ) -> [Int]? {
        var length = ContiguousArray<Picoseconds>(repeating: limit, count: graph.nodeCount)
        var before = ContiguousArray<Int32>(repeating: -1, count: graph.nodeCount)
        var heap = DelayHeap()
        for start in starts {
            length[start] = 0
            heap.insert(.init(key: 0, node: UInt32(start), via: UInt32(start)))
        }
        while let entry = heap.removeLeast() {
            let node = Int(entry.node)
            guard entry.key == length[node] else { continue }
            if isEnd(node) {
                var way = [node]
                while before[way[way.count - 1]] >= 0 {
                    way.append(Int(before[way[way.count - 1]]))
                }
                return way
            }
            for arc in graph.arcs(of: node) {
                let other = Int(graph.target[arc])
                let candidate = entry.key + graph.delay[arc]
                guard candidate < length[other] else { continue }
                length[other] = candidate
                before[other] = Int32(node)
                heap.insert(.init(key: candidate, node: UInt32(other), via: entry.node))
            }
        }
        return nil
    }

    // MARK: Nodes

    private mutating func exchangeNodes() {
        let isTerminal = SteinerTree.marks(terminals, nodeCount: graph.nodeCount)
        for node in 0..<graph.nodeCount where !isTerminal[node] {
            var isIn = tree.nodes(nodeCount: graph.nodeCount)
            if !isIn[node] {
                // One with a single neighbour in the tree would be a loose end.
                let count = graph.arcs(of: node).count { isIn[Int(graph.target[$0])] }
                guard count > 1 else { continue }
            }
            isIn[node].toggle()
            _ = take(SteinerTree(terminals, within: isIn, of: graph))
        }
    }

    private mutating func take(_ other: SteinerTree?) -> Bool {
        guard let other, other.length < tree.length else { return false }
        tree = other
        return true
    }
}
