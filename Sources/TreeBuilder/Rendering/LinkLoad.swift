import Topology

/// How many copies of one message each link of the network carries: the link stress of a tree.
///
/// In link mode every tree edge is a link, so no link carries more than one. In mesh mode a tree edge runs along a
/// shortest path, and several may share a link; among equal paths the smallest predecessor in file order
/// decides, so the figures are reproducible.
struct LinkLoad {
    struct Entry: Equatable {
        /// Indices of the nodes of the topology, a < b.
        var a: Int
        var b: Int
        var copyCount: Int
    }

    /// Links in use, busiest first, then in file order of their ends.
    let entries: [Entry]

    /// - Returns: `nil` when plan and topology do not belong together.
    init?(_ outline: TreeOutline, topology: Topology) {
        let nodeCount = topology.nodes.count
        var index: [String: Int] = [:]
        for (position, node) in topology.nodes.enumerated() { index[node.id] = position }
        // Nodes that are in no tree may stand between those that are.
        let places = outline.tree.nodes.compactMap { index[$0.id] }
        guard places.count == outline.tree.nodes.count else { return nil }
        var edges = ContiguousArray<Graph.Edge>()
        for link in topology.links {
            guard let delay = Picoseconds(milliseconds: link.delayMilliseconds) else { return nil }
            edges.append(Graph.Edge(a: UInt32(link.a), b: UInt32(link.b), delay: delay))
        }
        let graph = Graph(nodeCount: nodeCount, edges: edges)
        var pairs: [(a: Int, b: Int)] = []
        for parent in places.indices {
            // What goes by a segment is one transmission there, and none on the links.
            let children = outline.children[parent].filter {
                outline.tree.nodes[$0].segment == nil
            }
            guard !children.isEmpty else { continue }
            guard outline.tree.mode == .mesh else {
                pairs += children.map {
                    (min(places[parent], places[$0]), max(places[parent], places[$0]))
                }
                continue
            }
            let paths = ShortestPaths(from: places[parent], in: graph)
            for child in children {
                var node = places[child]
                while paths.predecessor[node] >= 0 {
                    let before = Int(paths.predecessor[node])
                    pairs.append((min(node, before), max(node, before)))
                    node = before
                }
            }
        }
        pairs.sort { ($0.a, $0.b) < ($1.a, $1.b) }
        var entries: [Entry] = []
        for pair in pairs {
            if let last = entries.last, last.a == pair.a, last.b == pair.b {
                entries[entries.count - 1].copyCount += 1
            } else {
                entries.append(Entry(a: pair.a, b: pair.b, copyCount: 1))
            }
        }
        self.entries = entries.sorted { ($1.copyCount, $0.a, $0.b) < ($0.copyCount, $1.a, $1.b) }
    }

    /// Copies per link in use.
    var mean: Double {
        guard !entries.isEmpty else { return 0 }
        return Double(entries.reduce(0) { $0 + $1.copyCount }) / Double(entries.count)
    }
}
