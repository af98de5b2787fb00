public import Topology

/// Plans one tree of a network in columns, without an object for a node.
///
/// ```
/// EdgeTable ─▶ Graph ─▶ TreeProblem ─▶ FirstTree ─▶ WorstPathSearch ─▶ TreeTable
///              links    root, limits                 link mode          ranks, backups
/// ```
///
/// The cores are those of `Planner`; only what is around them differs.
public enum LargePlanner {
    /// Plans a network's one tree.
    ///
    /// - Parameters:
    ///   - edges: A network whose links join all nodes.
    ///   - options: As of `Planner`. Only links are known here, so the mode is `link` unless told, and the objective `radius` or `mean`.
    ///   - progress: Told what begins.
    /// - Returns: the tree, the same as `Planner` gives for the same network.
    /// - Throws: `PlanError` when the options are invalid or admit no tree, as `Planner` says it.
    public static func plan(
        _ edges: EdgeTable,
        options: PlanOptions = PlanOptions(),
        progress: (_ step: String) -> Void = { _ in }
    ) throws(PlanError) -> TreeTable {
        var wish = Topology.Tree(name: edges.name)
        wish.mode = options.mode ?? wish.mode
        wish.fanOut = options.fanOut ?? wish.fanOut
        wish.objective = options.objective ?? wish.objective
        wish.hopDelayMilliseconds = options.hopDelayMilliseconds ?? wish.hopDelayMilliseconds
        let root = options.root.flatMap { edges.nodes.index(of: $0) }
        progress("building the graph")
        // Whatever is wrong or special, the planner of topologies says or does.
        guard isPlain(options), wish.objective != .cost, edges.nodeCount > DelayMatrix.nodeCountMax,
            root != nil || options.root == nil || options.root == "auto",
            let hop = Picoseconds(milliseconds: wish.hopDelayMilliseconds),
            hop <= Self.longest(edges), let graph = Self.graph(of: edges)
        else { return try explained(edges, options) }
        guard let problem = Self.problem(on: graph, wish, root: root, hop: hop, progress) else {
            return try explained(edges, options)
        }
        progress("building the tree")
        guard let first = FirstTree.tree(for: problem, seed: options.seed) else {
            return try explained(edges, options)
        }
        progress("improving the tree")
        let bound = LowerBound.value(of: problem)
        let tree =
            problem.mode == .link && options.effort > 0
            ? WorstPathSearch.improved(first, of: problem, bound: bound, effort: options.effort)
            : first
        progress("ranks and backups")
        return table(tree, of: problem, edges, wish, bound: bound, options)
    }

    private static func mode(of wish: Topology.Tree) -> Topology.Mode {
        wish.mode == .mesh ? .mesh : .link
    }

    /// `nil` = unlimited.
    private static func fanOut(of wish: Topology.Tree) -> Int? {
        switch wish.fanOut {
        case .atMost(let count): count
        case .unlimited: nil
        case .auto: mode(of: wish) == .mesh ? TreeChoices.fanOutDefault : nil
        }
    }

    /// `nil` when no node may have a child.
    private static func problem(
        on graph: Graph,
        _ wish: Topology.Tree,
        root: Int?,
        hop: Picoseconds,
        _ progress: (String) -> Void
    ) -> TreeProblem? {
        let fanOut = Self.fanOut(of: wish) ?? .max
        guard fanOut >= 1 else { return nil }
        progress("choosing the root")
        let weight = ContiguousArray<Double>(repeating: 1, count: graph.nodeCount)
        let chosen =
            root
            ?? RootChoice.best(
                in: graph,
                delays: nil,
                objective: wish.objective,
                weight: weight
            ) { _ in true }
        guard let chosen else { return nil }
        progress("shortest paths")
        return TreeProblem(
            graph: graph,
            delays: nil,
            root: chosen,
            mode: mode(of: wish),
            objective: wish.objective,
            hop: hop,
            capacity: ContiguousArray(
                repeating: Int32(min(fanOut, graph.nodeCount - 1)),
                count: graph.nodeCount
            ),
            fixedParent: ContiguousArray(repeating: -1, count: graph.nodeCount),
            weight: weight
        )
    }

    private static func isPlain(_ options: PlanOptions) -> Bool {
        options.tree == nil && options.delayBound == nil && options.multicast == nil
            && options.redundancy ?? 1 == 1 && options.regionStretch == nil
    }

    private static func explained(
        _ edges: EdgeTable,
        _ options: PlanOptions
    ) throws(PlanError) -> TreeTable {
        let plan = try Planner.plan(edges.topology(), options: options)
        return TreeTable(plan.trees[0], of: plan, linkCount: edges.linkCount)
    }

    private static func longest(_ edges: EdgeTable) -> Picoseconds {
        Picoseconds.bound / Picoseconds(max(1, edges.nodeCount)) / 2
    }

    /// `nil` when a delay is out of range, or links leave nodes out.
    private static func graph(of edges: EdgeTable) -> Graph? {
        guard edges.isConnected else { return nil }
        let longest = Self.longest(edges)
        var list = ContiguousArray<Graph.Edge>()
        list.reserveCapacity(edges.linkCount)
        for link in 0..<edges.linkCount {
            guard let delay = Picoseconds(milliseconds: edges.delay[link]), delay <= longest else {
                return nil
            }
            list.append(Graph.Edge(a: edges.a[link], b: edges.b[link], delay: delay))
        }
        return Graph(nodeCount: edges.nodeCount, edges: list)
    }

    private static func table(
        _ tree: Arborescence,
        of problem: TreeProblem,
        _ edges: EdgeTable,
        _ wish: Topology.Tree,
        bound: Double,
        _ options: PlanOptions
    ) -> TreeTable {
        let measure = TreeMeasure(tree, of: problem)
        let value = measure.value(for: problem.objective)
        let ranks = LargeRanks(tree, measure: measure, of: problem)
        return TreeTable(
            summary: TreeTable.Summary(
                plan: edges.name,
                epoch: options.epoch ?? 1,
                tree: wish.name,
                root: edges.nodes[problem.root],
                mode: problem.mode,
                objective: problem.objective,
                fanOut: fanOut(of: wish),
                hopDelayMs: problem.hop.milliseconds,
                radiusMs: measure.radius.milliseconds,
                meanMs: measure.mean.rounded() / Picoseconds.perMillisecond,
                lowerBoundMs: min(bound, value).rounded(.down) / Picoseconds.perMillisecond,
                gap: bound > 0 ? max(0, value / bound - 1) : 0,
                seed: options.seed,
                nodeCount: problem.nodeCount,
                linkCount: edges.linkCount
            ),
            nodes: edges.nodes,
            parent: ContiguousArray(tree.parent.map { $0 < 0 ? TreeTable.none : UInt32($0) }),
            rank: ranks.rank,
            delay: ContiguousArray(measure.delay.map { UInt64($0) }),
            backups: ranks.backups
        )
    }
}

/// Ranks and backups in columns. What `BackupParents` does for plans, without its lists, and among neighbours only: a node's backups
/// are of lower rank, outside the lost parent's subtree first, then those with room, then the earliest.
struct LargeRanks {
    private(set) var rank: ContiguousArray<UInt32>
    private(set) var backups: ContiguousArray<UInt32>

    private struct Choice {
        var node: UInt32
        /// 2 below the lost parent + 1 no free slot; lower is better.
        var drawbacks: Int
        var delay: Picoseconds

        func isBefore(_ other: Choice) -> Bool {
            if drawbacks != other.drawbacks { return drawbacks < other.drawbacks }
            return delay != other.delay ? delay < other.delay : node < other.node
        }
    }

    init(_ tree: Arborescence, measure: TreeMeasure, of problem: TreeProblem) {
        let count = problem.nodeCount
        let order = (0..<UInt32(count)).sorted {
            let (a, b) = (Int($0), Int($1))
            if measure.delay[a] != measure.delay[b] { return measure.delay[a] < measure.delay[b] }
            return (measure.level[a], a) < (measure.level[b], b)
        }
        rank = ContiguousArray(repeating: 0, count: count)
        for (position, node) in order.enumerated() { rank[Int(node)] = UInt32(position) }
        backups = ContiguousArray(
            repeating: TreeTable.none,
            count: count * TreeTable.backupCountMax
        )
        let childCounts = tree.childCounts()
        var choices: ContiguousArray<Choice> = []
        for node in 0..<count where tree.parent[node] >= 0 {
            let parent = Int(tree.parent[node])
            choices.removeAll(keepingCapacity: true)
            for arc in problem.graph.arcs(of: node) {
                let other = Int(problem.graph.target[arc])
                guard rank[other] < rank[node], other != parent, problem.capacity[other] > 0 else {
                    continue
                }
                var drawbacks = childCounts[other] < problem.capacity[other] ? 0 : 1
                if Self.isBelow(other, parent, tree, rank) { drawbacks += 2 }
                let delay = measure.delay[other] + problem.graph.delay[arc] + problem.hop
                choices.append(Choice(node: UInt32(other), drawbacks: drawbacks, delay: delay))
            }
            choices.sort { $0.isBefore($1) }
            for (place, choice) in choices.prefix(TreeTable.backupCountMax).enumerated() {
                backups[node * TreeTable.backupCountMax + place] = choice.node
            }
        }
    }

    private static func isBelow(
        _ node: Int,
        _ top: Int,
        _ tree: Arborescence,
        _ rank: ContiguousArray<UInt32>
    ) -> Bool {
        var current = node
        // Ranks fall on the way up.
        while rank[current] > rank[top] { current = Int(tree.parent[current]) }
        return current == top
    }
}
