import Simulation
import Vocabulary

/// Where every relay stands in every tree: one random tree of relays for each prefix, over the same relays.
struct Shape {
    struct Tree {
        var prefix: [UInt8]
        var policy: OverflowPolicy
        /// By relay; `nil` at the root.
        var parents: [Int?]
        var levels: [Int]
        var root: Int

        func children(of relay: Int) -> [Int] {
            parents.indices.filter { parents[$0] == relay }
        }
    }

    var relayCount: Int
    var trees: [Tree]

    /// Whether full queues stop reading in some tree.
    var isBlocking: Bool { trees.contains { $0.policy == .block } }

    /// Overlapping trees with the prefixes `""`, `"md."`, `"md.fx."`; at most `levelMax` below the root. They take the policies
    /// in turn.
    init(
        relayCount: Int,
        treeCount: Int,
        levelMax: Int,
        policies: [OverflowPolicy],
        using generator: inout SeededGenerator
    ) {
        self.relayCount = relayCount
        trees = ["", "md.", "md.fx."].prefix(treeCount).enumerated().map { number, prefix in
            Self.tree(
                Array(prefix.utf8),
                policies[number % policies.count],
                relayCount,
                levelMax,
                using: &generator
            )
        }
    }

    static func name(of tree: Int) -> String { "tree \(tree)" }

    private static func tree(
        _ prefix: [UInt8],
        _ policy: OverflowPolicy,
        _ relayCount: Int,
        _ levelMax: Int,
        using generator: inout SeededGenerator
    ) -> Tree {
        let order = (0..<relayCount).shuffled(using: &generator)
        var parents = [Int?](repeating: nil, count: relayCount)
        var levels = [Int](repeating: 0, count: relayCount)
        // Some trees are chains with tufts, some are flat: how far back a parent is sought decides.
        let reach = Int.random(in: 1...relayCount, using: &generator)
        for place in 1..<relayCount {
            let candidates = order[max(0, place - reach)..<place].filter { levels[$0] < levelMax }
            let parent = candidates.randomElement(using: &generator) ?? order[0]
            parents[order[place]] = parent
            levels[order[place]] = levels[parent] + 1
        }
        return Tree(
            prefix: prefix,
            policy: policy,
            parents: parents,
            levels: levels,
            root: order[0]
        )
    }

    /// The tree that carries a topic, found the slow way: the longest prefix.
    func tree(of topic: [UInt8]) -> Int? {
        trees.indices.filter { topic.starts(with: trees[$0].prefix) }
            .max { trees[$0].prefix.count < trees[$1].prefix.count }
    }

    /// Where a plain subscription must be held: in its own tree, and narrowed in each tree that lies below it.
    func places(of topic: [UInt8]) -> [(tree: Int, topic: [UInt8])] {
        var places = tree(of: topic).map { [($0, topic)] } ?? []
        for (number, tree) in trees.enumerated()
        where tree.prefix.count > topic.count && tree.prefix.starts(with: topic) {
            places.append((number, tree.prefix))
        }
        return places
    }
}
