import Topology

/// Two trees of mode mesh, in which nobody but the root has children in both (SplitStream, Castro et al., SOSP 2003).
///
/// ```
///         first tree                 second tree
///           root                       root
///          ╱    ╲                     ╱    ╲
///        red    red               blue     blue        red nodes forward in the first tree alone, blue ones in the second
///       ╱   ╲      ╲             ╱    ╲        ╲
///     blue  blue   red         red    red     blue
/// ```
///
/// Colours are dealt out in turn, from the root outwards, so that both trees have their share of the good places, and then exchanged where that
/// makes the worse of two first trees better.
struct ColouredTrees {
    let builder: SingleTree
    let problem: TreeProblem
    /// How many children the root may have in both trees together; `nil` = any number.
    let rootLimit: Int?

    private static let exchangeCountMax = 60

    struct Pair {
        var problems: [TreeProblem]
        var trees: [Arborescence]
    }

    /// - Returns: `nil` when no two trees were found.
    func found() -> Pair? {
        let able = problem.fromRoot.order.map { Int($0) }
            .filter { $0 != problem.root && problem.capacity[$0] > 0 }
        guard problem.nodeCount < 2 || rootLimit.map({ $0 > 1 }) ?? true else { return nil }
        // Red, blue, blue, red: neither gets all that is a little better.
        var isRed = ContiguousArray(repeating: false, count: problem.nodeCount)
        for (turn, node) in able.enumerated() { isRed[node] = turn % 4 == 0 || turn % 4 == 3 }
        guard var best = firstTrees(isRed) ?? evened(able, &isRed) else { return nil }
        exchange(able, &isRed, &best)
        var pair = best.pair
        for index in pair.trees.indices {
            // What links carry counts for both.
            if index == 1 { pair.problems[1].takeCopies(of: pair.trees[0]) }
            let bound = LowerBound.value(of: pair.problems[index])
            guard
                let tree = builder.improved(
                    pair.trees[index],
                    of: pair.problems[index],
                    bound: bound
                )
            else { return nil }
            pair.trees[index] = tree
        }
        return pair
    }

    /// Where slots are few: red and blue in turn by how many a node has.
    private func evened(
        _ able: [Int],
        _ isRed: inout ContiguousArray<Bool>
    ) -> (pair: Pair, value: Value)? {
        let bySlots = able.sorted {
            (problem.capacity[$1], $0) < (problem.capacity[$0], $1)
        }
        var slots = (red: 0, blue: 0)
        for node in bySlots {
            isRed[node] = slots.red <= slots.blue
            if isRed[node] {
                slots.red += Int(problem.capacity[node])
            } else {
                slots.blue += Int(problem.capacity[node])
            }
        }
        return firstTrees(isRed)
    }

    private func exchange(
        _ able: [Int],
        _ isRed: inout ContiguousArray<Bool>,
        _ best: inout (pair: Pair, value: Value)
    ) {
        guard builder.options.effort > 0, able.count > 1 else { return }
        var random = SeededGenerator(seed: builder.options.seed)
        // Near the root it matters most who stands there.
        let near = min(able.count, 24)
        let count = Int(Double(Self.exchangeCountMax) * min(1, 200 / Double(problem.nodeCount)))
        for _ in 0..<count {
            let a = able[random.next(below: near)]
            let b = able[random.next(below: able.count)]
            guard isRed[a] != isRed[b] else { continue }
            isRed.swapAt(a, b)
            if let other = firstTrees(isRed), other.value < best.value {
                best = other
            } else {
                isRed.swapAt(a, b)
            }
        }
    }

    /// The worse of both, then the better.
    struct Value: Comparable {
        var worse: Double
        var better: Double

        static func < (a: Value, b: Value) -> Bool { (a.worse, a.better) < (b.worse, b.better) }
    }

    private func firstTrees(_ isRed: ContiguousArray<Bool>) -> (pair: Pair, value: Value)? {
        var pair = Pair(problems: [], trees: [])
        var values: [Double] = []
        for colour in [true, false] {
            var part = problem
            for node in isRed.indices where node != problem.root && isRed[node] != colour {
                part.capacity[node] = 0
            }
            if let rootLimit {
                let share = colour ? (rootLimit + 1) / 2 : rootLimit / 2
                part.capacity[problem.root] = Int32(min(share, problem.nodeCount - 1))
            }
            guard let tree = FirstTree.tree(for: part, seed: builder.options.seed) else {
                return nil
            }
            pair.problems.append(part)
            pair.trees.append(tree)
            values.append(TreeMeasure(tree, of: part).value(for: problem.objective))
        }
        return (pair, Value(worse: values.max() ?? 0, better: values.min() ?? 0))
    }
}
