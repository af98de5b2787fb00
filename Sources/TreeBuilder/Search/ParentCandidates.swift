/// Which nodes are worth trying as a parent: the nearest ones, and those that lie on the way from the root.
struct ParentCandidates {
    private static let listLength = 40

    private let perNode: Int
    private let nodeCount: Int
    private let nearest: ContiguousArray<UInt32>
    private let onTheWay: ContiguousArray<UInt32>

    /// - Returns: `nil` without a delay matrix.
    init?(_ problem: TreeProblem) {
        guard let delays = problem.delays else { return nil }
        nodeCount = problem.nodeCount
        perNode = min(Self.listLength, nodeCount - 1)
        var nearest = ContiguousArray<UInt32>()
        var onTheWay = ContiguousArray<UInt32>()
        // Children cannot hang at a node that may have none.
        let able = (0..<nodeCount).filter { problem.capacity[$0] > 0 }
        for node in 0..<nodeCount {
            let others = able.filter { $0 != node }
            nearest.append(contentsOf: Self.least(others, count: perNode) { delays[$0, node] })
            onTheWay.append(
                contentsOf: Self.least(others, count: perNode) {
                    problem.fromRoot.delay[$0] + delays[$0, node]
                }
            )
        }
        self.nearest = nearest
        self.onTheWay = onTheWay
    }

    /// A fifth of the picks is uniform, the rest is shared by the two lists.
    func pick(for node: Int, _ random: inout SeededGenerator) -> Int {
        let die = random.next(below: 10)
        guard die >= 2 else { return random.next(below: nodeCount) }
        let position = node * perNode + random.next(below: perNode)
        return Int(die < 6 ? nearest[position] : onTheWay[position])
    }

    /// Both lists, without repetition, in file order.
    func all(for node: Int) -> [Int] {
        let range = (node * perNode)..<((node + 1) * perNode)
        var list = nearest[range].map { Int($0) } + onTheWay[range].map { Int($0) }
        list.sort()
        return list.enumerated().filter { $0.offset == 0 || list[$0.offset - 1] != $0.element }
            .map(\.element)
    }

    /// The `count` nodes of least key, ties by file order; padded by repetition when there are fewer.
    private static func least(
        _ nodes: [Int],
        count: Int,
        key: (Int) -> Picoseconds
    ) -> ContiguousArray<UInt32> {
        let sorted = nodes.map { (key: key($0), node: UInt32($0)) }.sorted { $0 < $1 }
        guard !sorted.isEmpty else { return ContiguousArray(repeating: 0, count: count) }
        return ContiguousArray((0..<count).map { sorted[$0 % sorted.count].node })
    }
}
