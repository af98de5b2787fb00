/// The nodes next to each node, the nearest first; ties by file order.
struct NearestNodes {
    private static let countMax = 128

    let count: Int
    private let nodes: ContiguousArray<UInt16>

    init(_ delays: DelayTable) {
        let nodeCount = delays.nodeCount
        count = min(Self.countMax, nodeCount - 1)
        var nodes = ContiguousArray<UInt16>()
        nodes.reserveCapacity(nodeCount * count)
        for node in 0..<nodeCount {
            let others = (0..<nodeCount).filter { $0 != node }
                .map { (delay: delays[node, $0], node: UInt16($0)) }
            nodes.append(contentsOf: others.sorted { $0 < $1 }.prefix(count).map(\.node))
        }
        self.nodes = nodes
    }

    /// The `position`-th nearest, from zero.
    subscript(node: Int, position: Int) -> Int { Int(nodes[node * count + position]) }
}
