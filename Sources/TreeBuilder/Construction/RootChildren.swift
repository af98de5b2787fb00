import Topology

/// First trees of mesh mode that differ in what lies next to the root: where a search starts there, it mostly stays.
///
/// Sets of nodes are drawn to be the root's children, far nodes more often, as these can bear the fewest hops. Each set gets its compact
/// tree; those with the least radius are the starts.
enum RootChildren {
    private static let drawCount = 240
    /// Above this, compact trees cost more than they bring.
    private static let nodeCountMax = 250

    /// - Returns: at most `count` trees, best first; none where the root's children are fixed, or not limited.
    static func starts(
        of problem: TreeProblem,
        count: Int,
        seed: UInt64
    ) -> [Arborescence] {
        let room = Int(problem.capacity[problem.root])
        guard problem.nodeCount <= nodeCountMax, room < 5, room < problem.nodeCount - 1,
            !problem.fixedParent.contains(where: { $0 >= 0 })
        else { return [] }
        var random = SeededGenerator(seed: seed)
        var found: [(radius: Picoseconds, tree: Arborescence)] = []
        for _ in 0..<drawCount {
            var trial = problem
            for _ in 0..<(1 + random.next(below: room)) {
                let node = draw(problem, &random)
                if node != problem.root { trial.fixedParent[node] = Int32(problem.root) }
            }
            guard let tree = CompactTree.tree(for: trial) else { continue }
            found.append((TreeMeasure(tree, of: problem).radius, tree))
        }
        let order = found.indices.sorted {
            found[$0].radius != found[$1].radius
                ? found[$0].radius < found[$1].radius : $0 < $1
        }
        return order.prefix(count).map { found[$0].tree }
    }

    /// The farthest of up to three.
    private static func draw(_ problem: TreeProblem, _ random: inout SeededGenerator) -> Int {
        var far = random.next(below: problem.nodeCount)
        for _ in 0..<random.next(below: 3) {
            let other = random.next(below: problem.nodeCount)
            if problem.fromRoot.delay[other] > problem.fromRoot.delay[far] { far = other }
        }
        return far
    }
}
