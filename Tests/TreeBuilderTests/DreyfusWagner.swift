@testable import TreeBuilder

/// The least length of a tree that joins some nodes (Dreyfus & Wagner, Networks 1, 1971): for every set of terminals and every
/// node, the shortest tree that joins these. 3ᵀ · n steps.
enum DreyfusWagner {
    static func least(joining terminals: [Int], in graph: Graph) -> Picoseconds {
        guard let last = terminals.last, terminals.count > 1 else { return 0 }
        let others = terminals.dropLast()
        let distance = (0..<graph.nodeCount).map { ShortestPaths(from: $0, in: graph).delay }
        let setCount = 1 << others.count
        var least = [[Picoseconds]](
            repeating: [Picoseconds](repeating: .max / 4, count: graph.nodeCount),
            count: setCount
        )
        for (bit, terminal) in others.enumerated() {
            for node in 0..<graph.nodeCount { least[1 << bit][node] = distance[terminal][node] }
        }
        for set in 1..<setCount where set & (set - 1) != 0 {
            var joined = [Picoseconds](repeating: .max / 4, count: graph.nodeCount)
            var part = (set - 1) & set
            while part > 0 {
                // Each split once.
                if part >= set ^ part {
                    for node in joined.indices {
                        joined[node] = min(
                            joined[node],
                            least[part][node] + least[set ^ part][node]
                        )
                    }
                }
                part = (part - 1) & set
            }
            for node in joined.indices {
                var best = Picoseconds.max / 4
                for fork in joined.indices { best = min(best, joined[fork] + distance[fork][node]) }
                least[set][node] = best
            }
        }
        return least[setCount - 1][last]
    }
}
