/// The connected parts of a graph.
struct Components {
    /// The part of each node; parts are numbered by their smallest node.
    private(set) var label: [Int]
    /// Nodes in each part.
    private(set) var sizes: [Int] = []

    var count: Int { sizes.count }

    /// The part with the most nodes; of equal ones, the one with the smallest node.
    var largest: Int {
        var best = 0
        for part in sizes.indices where sizes[part] > sizes[best] { best = part }
        return best
    }

    init(nodeCount: Int, links: [Topology.Link]) {
        self.init(nodeCount: nodeCount, edges: links.lazy.map { ($0.a, $0.b) })
    }

    /// Union-find with path halving; the smaller node becomes the root, so that parts are numbered
    /// in the order of the file.
    init(nodeCount: Int, edges: some Sequence<(Int, Int)>) {
        var parent = Array(0..<nodeCount)
        func root(of node: Int) -> Int {
            var node = node
            while parent[node] != node {
                parent[node] = parent[parent[node]]
                node = parent[node]
            }
            return node
        }
        for (a, b) in edges {
            let (x, y) = (root(of: a), root(of: b))
            if x < y { parent[y] = x } else { parent[x] = y }
        }
        label = Array(repeating: 0, count: nodeCount)
        for node in 0..<nodeCount {
            let root = root(of: node)
            if root == node {
                label[node] = sizes.count
                sizes.append(0)
            } else {
                label[node] = label[root]
            }
            sizes[label[node]] += 1
        }
    }
}
