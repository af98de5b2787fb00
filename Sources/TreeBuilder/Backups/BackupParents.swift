import Topology

/// For every node up to three nodes of lower rank to turn to when its parent is lost, best first, and who has no place then.
///
/// The first is the place that `RankOrder` keeps for it. The others are for worse days: outside the lost parent's subtree, then with
/// a free slot, in link mode then over a link of the file, then by least delay. A place that is kept for a node stays its own
/// whoever comes first and in whatever order lists are tried: no more of the lost parent's children have a node in their
/// lists than it has slots, or nobody's place is there.
struct BackupParents {
    static let countMax = 3

    /// A node that finds no place of its own when its parent dies.
    struct Unprotected {
        var node: Int
        var parent: Int
        var reason: TreePlan.Unprotected.Reason
    }

    /// By node; 0 at the root, −1 where a node is in no tree.
    let rank: ContiguousArray<Int32>
    /// Children of the root, in the order in which they become the root.
    var standbys: [Int] { order.standbys }
    /// By rank.
    private(set) var unprotected: [Unprotected] = []

    private let order: RankOrder
    private let problem: TreeProblem
    /// `countMax` entries for each node, −1 behind the last.
    private var lists: ContiguousArray<Int32>
    private let ranked: ContiguousArray<Int32>

    private struct Choice {
        var node: Int
        /// 4 below the lost parent + 2 no free slot + 1 not a link of the file; lower is better.
        var drawbacks: Int
        var delay: Picoseconds
    }

    /// `older` are the parents that nodes had before; see `RankOrder`.
    init(
        _ tree: Arborescence,
        measure: TreeMeasure,
        of problem: TreeProblem,
        standbyCount: Int,
        older: ContiguousArray<Int32>? = nil
    ) {
        self.problem = problem
        let subtrees = Subtrees(tree, root: problem.root)
        let choice = StandbyChoice(tree, of: problem, subtrees: subtrees, older: older)
        order = RankOrder(
            tree,
            measure: measure,
            of: problem,
            subtrees: subtrees,
            standbys: choice.standbys(count: standbyCount),
            older: older
        )
        rank = order.rank
        lists = ContiguousArray(repeating: -1, count: problem.nodeCount * Self.countMax)
        var ranked = ContiguousArray<Int32>(repeating: 0, count: problem.presentCount)
        for node in 0..<problem.nodeCount where order.rank[node] >= 0 {
            ranked[Int(order.rank[node])] = Int32(node)
        }
        self.ranked = ranked
        chooseAll()
        for node in ranked.map({ Int($0) }) where !order.isKept(node) {
            unprotected.append(
                Unprotected(node: node, parent: Int(tree.parent[node]), reason: reason(for: node))
            )
        }
    }

    /// Best first.
    func backups(of node: Int) -> [Int] {
        lists[(node * Self.countMax)..<((node + 1) * Self.countMax)].lazy
            .filter { $0 >= 0 }.map { Int($0) }
    }

    private mutating func chooseAll() {
        var listed = ContiguousArray<Int32>(repeating: 0, count: problem.nodeCount)
        var isKept = ContiguousArray<Bool>(repeating: false, count: problem.nodeCount)
        for parent in 0..<problem.nodeCount where order.subtrees.childCount(of: parent) > 0 {
            guard order.subtrees.contains(parent) else { continue }
            let turns = order.subtrees.children(of: parent).map { Int($0) }
                .filter { $0 != standbys.first }.sorted { rank[$0] < rank[$1] }
            for node in turns where order.place[node] >= 0 {
                listed[Int(order.place[node])] += 1
                isKept[Int(order.place[node])] = true
            }
            var touched: [Int] = []
            for node in turns {
                let others = choose(for: node, parent, listed: listed, isKept: isKept)
                let first = order.place[node] >= 0 ? [Int(order.place[node])] : []
                for (index, other) in (first + others).enumerated() {
                    lists[node * Self.countMax + index] = Int32(other)
                }
                for other in others { listed[other] += 1 }
                touched += first + others
            }
            for node in touched {
                listed[node] = 0
                isKept[node] = false
            }
        }
    }

    /// What may follow the place that is kept.
    private func choose(
        for node: Int,
        _ parent: Int,
        listed: ContiguousArray<Int32>,
        isKept: ContiguousArray<Bool>
    ) -> [Int] {
        let countMax = Self.countMax - (order.place[node] >= 0 ? 1 : 0)
        var best: [Choice] = []
        func consider(_ candidate: Int, metric: Picoseconds?) {
            guard candidate != parent, candidate != order.place[node],
                problem.capacity[candidate] > 0
            else { return }
            let hasRoom = order.room(at: candidate, after: parent) > listed[candidate]
            // One more in the queue there, and who counts on the place may find it taken.
            guard hasRoom || !isKept[candidate],
                let choice = assess(
                    candidate,
                    for: node,
                    parent,
                    metric: metric,
                    hasRoom: hasRoom
                )
            else { return }
            let index = best.firstIndex { isBetter(choice, $0) } ?? best.count
            guard index < countMax else { return }
            best.insert(choice, at: index)
            if best.count > countMax { best.removeLast() }
        }
        if let delays = problem.delays {
            for candidate in ranked[..<Int(rank[node])] {
                consider(Int(candidate), metric: delays[Int(candidate), node])
            }
        } else {
            for arc in problem.graph.arcs(of: node) {
                let candidate = Int(problem.graph.target[arc])
                guard rank[candidate] >= 0, rank[candidate] < rank[node] else { continue }
                consider(candidate, metric: problem.graph.delay[arc])
            }
        }
        return best.map(\.node)
    }

    /// `metric` is the least delay over the links, where it is known.
    private func assess(
        _ candidate: Int,
        for node: Int,
        _ parent: Int,
        metric: Picoseconds?,
        hasRoom: Bool
    ) -> Choice? {
        let later = order.delay(of: candidate, after: parent)
        let link = problem.mode == .link ? problem.graph.linkDelay(candidate, node) : nil
        guard let edge = link ?? metric else { return nil }
        return Choice(
            node: candidate,
            drawbacks: (later?.isOutside == true ? 0 : 4) + (hasRoom ? 0 : 2)
                + (problem.mode == .mesh || link != nil ? 0 : 1),
            delay: (later?.delay ?? order.measure.delay[candidate]) + edge + problem.hop
        )
    }

    private func isBetter(_ a: Choice, _ b: Choice) -> Bool {
        if a.drawbacks != b.drawbacks { return a.drawbacks < b.drawbacks }
        return a.delay != b.delay ? a.delay < b.delay : rank[a.node] < rank[b.node]
    }

    private func reason(for node: Int) -> TreePlan.Unprotected.Reason {
        let parent = Int(order.tree.parent[node])
        if parent == problem.root, standbys.isEmpty { return .noStandby }
        guard problem.mode == .link else { return .noRoom }
        if order.isHopeless(node) { return .noOtherLink }
        let hasEarlier = problem.graph.arcs(of: node).contains { arc in
            let other = Int(problem.graph.target[arc])
            return other != parent && rank[other] >= 0 && rank[other] < rank[node]
                && order.delay(of: other, after: parent) != nil
        }
        return hasEarlier ? .noRoom : .noEarlierNeighbour
    }
}
