import Topology

/// What the trees planned so far leave for the others: all trees of a topology run over the same uplinks and links.
struct Budgets {
    /// By node, bit/s; `nil` = no limit is known.
    private(set) var uplink: [Double?]
    /// By link, bit/s.
    private(set) var bandwidth: [Double?]
    /// By node: of how many other trees it is the root.
    private(set) var rootCounts: [Int]
    /// What the next tree may take of each uplink: a share, or all that is left.
    var share = 1.0

    init(_ topology: Topology) {
        uplink = topology.nodes.map(\.uplinkBitsPerSecond)
        bandwidth = topology.links.map(\.bandwidthBitsPerSecond)
        rootCounts = [Int](repeating: 0, count: topology.nodes.count)
    }

    /// The root of another tree: what is published there passes it, so two roots at one node are one too many.
    mutating func addRoot(_ node: Int) {
        if rootCounts.indices.contains(node) { rootCounts[node] += 1 }
    }

    /// Whether trees can come into each other's way at all.
    static func matter(to topology: Topology) -> Bool {
        topology.trees.count { $0.rateBitsPerSecond != nil } > 1
            && (topology.nodes.contains { $0.uplinkBitsPerSecond != nil }
                || topology.links.contains { $0.bandwidthBitsPerSecond != nil })
    }

    /// The topology with what is left: the limits of the next tree.
    func remaining(of topology: Topology) -> Topology {
        var rest = topology
        for node in rest.nodes.indices {
            rest.nodes[node].uplinkBitsPerSecond = uplink[node].map { $0 * share }
        }
        return rest
    }

    /// How many more copies of a tree each link carries; `nil` when no link limits it.
    func copyMax(of tree: Topology.Tree) -> ContiguousArray<Int32>? {
        guard tree.rateBitsPerSecond != nil, bandwidth.contains(where: { $0 != nil }) else {
            return nil
        }
        return ContiguousArray(
            bandwidth.map { bandwidth in
                let copies = bandwidth.flatMap { tree.copyCount(within: $0) }
                return Int32(clamping: copies ?? .max)
            }
        )
    }

    /// Takes away what a finished tree uses: at a node a copy for each child, and one for each island.
    mutating func spend(
        _ tree: Arborescence,
        of problem: TreeProblem,
        islands: [Island],
        rate: Double?
    ) {
        guard let rate else { return }
        for island in islands { send(rate, from: island.head) }
        for node in tree.parent.indices where tree.parent[node] >= 0 {
            let parent = Int(tree.parent[node])
            if !islands.contains(where: { $0.members.contains(node) }) { send(rate, from: parent) }
            problem.forEachLink(from: parent, to: node) { link in
                bandwidth[link] = bandwidth[link].map { max(0, $0 - rate) }
            }
        }
    }

    private mutating func send(_ rate: Double, from node: Int) {
        uplink[node] = uplink[node].map { max(0, $0 - rate) }
    }
}
