import Topology

/// Ranks, and for every node up to three nodes of lower rank to turn to when its parent is lost.
///
/// *Rank* is the position by delay (then level, then file order): a parent comes before its children, because
/// no edge has a negative delay. Every subtree therefore lies above its top, and a node that attaches to
/// a lower rank only can never attach to something below itself, whoever else moves at the same time.
///
/// *Order of backups.* First those outside the lost parent's subtree, which still receive; then those with a
/// free child slot; in link mode then those over a link of the file; then least resulting delay. Orphans
/// of one parent choose first backups in turn, tallest subtree first, and each counts the slot it would
/// take: they will all come at once.
struct BackupParents {
    static let countMax = 3

    /// By node; 0 at the root.
    let rank: ContiguousArray<Int>
    /// By node, best first.
    private(set) var backups: [[Int]]

    private let problem: TreeProblem
    private let tree: Arborescence
    private let measure: TreeMeasure
    private let childCounts: ContiguousArray<Int32>
    /// By rank.
    private let ranked: [Int]
    /// Depth-first entry and exit numbers: x is below p when p.enter ≤ x.enter < p.exit.
    private let enter: ContiguousArray<Int>
    private let exit: ContiguousArray<Int>

    private struct Choice {
        var node: Int
        /// 4 below the lost parent + 2 no free slot + 1 not a link of the file; lower is better.
        var drawbacks: Int
        var delay: Picoseconds
    }

    init(_ tree: Arborescence, measure: TreeMeasure, of problem: TreeProblem) {
        self.problem = problem
        self.tree = tree
        self.measure = measure
        childCounts = tree.childCounts()
        ranked = (0..<problem.nodeCount).sorted {
            if measure.delay[$0] != measure.delay[$1] {
                return measure.delay[$0] < measure.delay[$1]
            }
            return (measure.level[$0], $0) < (measure.level[$1], $1)
        }
        var rank = ContiguousArray<Int>(repeating: 0, count: problem.nodeCount)
        for (position, node) in ranked.enumerated() { rank[node] = position }
        self.rank = rank
        (enter, exit) = Self.intervals(of: tree, root: problem.root)
        backups = Array(repeating: [], count: problem.nodeCount)
        chooseAll()
    }

    private mutating func chooseAll() {
        let children = tree.children()
        var height = measure.delay
        for node in ranked.reversed() where tree.parent[node] >= 0 {
            let parent = Int(tree.parent[node])
            height[parent] = max(height[parent], height[node])
        }
        var promised = ContiguousArray<Int32>(repeating: 0, count: problem.nodeCount)
        for siblings in children where !siblings.isEmpty {
            let turns = siblings.sorted {
                height[$0] != height[$1] ? height[$0] > height[$1] : rank[$0] < rank[$1]
            }
            for node in turns {
                backups[node] = choose(for: node, promised: promised)
                if let first = backups[node].first { promised[first] += 1 }
            }
            for node in turns {
                if let first = backups[node].first { promised[first] = 0 }
            }
        }
    }

    private func choose(for node: Int, promised: ContiguousArray<Int32>) -> [Int] {
        let parent = Int(tree.parent[node])
        var best: [Choice] = []
        for candidate in candidates(for: node) where candidate != parent {
            guard problem.capacity[candidate] > 0,
                let choice = assess(candidate, for: node, promised: promised)
            else { continue }
            let place = best.firstIndex { isBetter(choice, $0) } ?? best.count
            guard place < Self.countMax else { continue }
            best.insert(choice, at: place)
            if best.count > Self.countMax { best.removeLast() }
        }
        return best.map(\.node)
    }

    /// All lower ranks; without a delay matrix only those whose delay is known.
    private func candidates(for node: Int) -> [Int] {
        guard problem.delays == nil else { return Array(ranked[..<rank[node]]) }
        return problem.graph.arcs(of: node).map { Int(problem.graph.target[$0]) }
            .filter { rank[$0] < rank[node] }
    }

    private func assess(
        _ candidate: Int,
        for node: Int,
        promised: ContiguousArray<Int32>
    ) -> Choice? {
        let parent = Int(tree.parent[node])
        let link = problem.graph.linkDelay(candidate, node)
        var drawbacks = 0
        if enter[parent] <= enter[candidate], enter[candidate] < exit[parent] { drawbacks += 4 }
        if childCounts[candidate] + promised[candidate] >= problem.capacity[candidate] {
            drawbacks += 2
        }
        if problem.mode == .link, link == nil { drawbacks += 1 }
        let shortest = problem.delays.map { $0[candidate, node] }
        guard let edge = problem.mode == .link ? link ?? shortest : shortest ?? link else {
            return nil
        }
        return Choice(
            node: candidate,
            drawbacks: drawbacks,
            delay: measure.delay[candidate] + edge + problem.hop
        )
    }

    private func isBetter(_ a: Choice, _ b: Choice) -> Bool {
        if a.drawbacks != b.drawbacks { return a.drawbacks < b.drawbacks }
        return a.delay != b.delay ? a.delay < b.delay : rank[a.node] < rank[b.node]
    }

    private static func intervals(
        of tree: Arborescence,
        root: Int
    ) -> (enter: ContiguousArray<Int>, exit: ContiguousArray<Int>) {
        let order = tree.breadthFirst(root: root)
        var size = ContiguousArray<Int>(repeating: 1, count: order.count)
        for node in order.reversed() where tree.parent[node] >= 0 {
            size[Int(tree.parent[node])] += size[node]
        }
        var enter = ContiguousArray<Int>(repeating: 0, count: order.count)
        var next = enter
        // Breadth first visits parents first, so each child can take the next free interval of its parent.
        for node in order {
            if tree.parent[node] >= 0 {
                let parent = Int(tree.parent[node])
                enter[node] = next[parent]
                next[parent] += size[node]
            }
            next[node] = enter[node] + 1
        }
        let exit = ContiguousArray(enter.indices.map { enter[$0] + size[$0] })
        return (enter, exit)
    }
}
