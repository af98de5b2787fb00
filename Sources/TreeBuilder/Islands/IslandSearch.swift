import Topology

/// Finds the islands of a tree, and the first tree with them.
///
/// 1. For each segment, in file order, the head is the member next to the root by delay over the links (the root itself,
///    if it is one); `IslandRule` says whether it becomes an island.
/// 2. A first tree is built with all of them. Then each island tries other members as its head, the nearest ones
///    first, and keeps the one whose first tree is best.
/// 3. When there is no tree with all islands, those that nobody insists on go back to TCP.
///
/// A node takes its feed from one segment at most, that of the first island that wants it. Whoever has a fixed parent
/// other than the head keeps it, and so does whoever the head itself hangs below by fixed parents.
struct IslandSearch {
    /// What became of a tree's segments, and the tree to start from.
    struct Outcome {
        var problem: TreeProblem
        var first: Arborescence
        /// One for each segment with a member in the tree, in file order.
        var segments: [Segment]
    }

    struct Segment {
        var index: Int
        var decision: IslandRule.Decision
        /// `nil` = TCP.
        var island: Island?
    }

    private static let headCountMax = 8
    /// Above this, trying heads would cost more than it brings.
    private static let nodeCountMax = 1_000

    private let network: Network
    private let wish: Topology.Tree
    private let choices: TreeChoices
    private let budgets: Budgets
    private let base: TreeProblem
    private let options: PlanOptions
    private var segments: [Segment] = []

    static func run(
        _ wish: Topology.Tree,
        on network: Network,
        choices: TreeChoices,
        budgets: Budgets,
        base: TreeProblem,
        options: PlanOptions
    ) throws(PlanError) -> Outcome {
        var search = IslandSearch(
            network: network,
            wish: wish,
            choices: choices,
            budgets: budgets,
            base: base,
            options: options
        )
        search.decide()
        return try search.outcome()
    }

    private init(
        network: Network,
        wish: Topology.Tree,
        choices: TreeChoices,
        budgets: Budgets,
        base: TreeProblem,
        options: PlanOptions
    ) {
        self.network = network
        self.wish = wish
        self.choices = choices
        self.budgets = budgets
        self.base = base
        self.options = options
    }

    private var islands: [Island] { segments.compactMap(\.island) }

    private func use(of index: Int) -> Topology.MulticastUse {
        options.multicast ?? network.topology.segments[index].multicast
    }

    // MARK: Which segments, and their first heads

    private mutating func decide() {
        for index in network.topology.segments.indices {
            let draft = heads(of: index).first.map { island(of: index, head: $0) }
            var decision = IslandRule.decision(
                use: use(of: index),
                relayCount: draft?.members.count ?? 0,
                subscriberCount: network.topology.segments[index].subscriberCount,
                overflow: wish.overflow
            )
            if decision.isMulticast, draft == nil {
                decision = .init(isMulticast: false, reason: "none of its members may have a child")
            }
            segments.append(
                Segment(
                    index: index,
                    decision: decision,
                    island: decision.isMulticast ? draft : nil
                )
            )
        }
    }

    /// The members that could be the head, best first: only the root, if it is a member, for nothing stands before it.
    private func heads(of index: Int) -> [Int] {
        let members = network.topology.segments[index].members
        guard !members.contains(base.root) else {
            return hasSlot(base.root, besides: index) ? [base.root] : []
        }
        return members.filter { hasSlot($0, besides: index) }.sorted {
            let delays = (base.fromRoot.delay[$0], base.fromRoot.delay[$1])
            return delays.0 != delays.1 ? delays.0 < delays.1 : $0 < $1
        }
    }

    /// Whether the node may send to one more group: other islands, and children fixed by the operator, take slots too.
    private func hasSlot(_ node: Int, besides index: Int) -> Bool {
        guard Int(base.capacity[node]) < base.nodeCount - 1 else { return base.nodeCount > 1 }
        let others = segments.filter { $0.index != index }.compactMap(\.island)
            .filter { $0.head == node }
        let taken = base.fixedParent.indices.count { child in
            base.fixedParent[child] == node && !others.contains { $0.members.contains(child) }
                && !network.topology.segments[index].members.contains(child)
        }
        return Int(base.capacity[node]) >= taken + others.count + 1
    }

    private func island(of index: Int, head: Int) -> Island {
        let others = segments.filter { $0.index != index }.compactMap(\.island)
        var parent = base.fixedParent
        for other in others { for member in other.members { parent[member] = Int32(other.head) } }
        var above: Set<Int> = [head]
        var node = head
        while parent[node] >= 0, above.insert(Int(parent[node])).inserted {
            node = Int(parent[node])
        }
        let members = network.topology.segments[index].members.filter { member in
            member != base.root && !base.isAbsent(member) && !above.contains(member)
                && (parent[member] < 0
                    || parent[member] == head && !others.contains { $0.members.contains(member) })
        }
        return Island(segment: index, head: head, members: members.sorted())
    }

    // MARK: The first tree

    private mutating func outcome() throws(PlanError) -> Outcome {
        if let first = tree(with: islands) {
            let improved = improveHeads(first)
            return Outcome(problem: base.with(islands), first: improved, segments: segments)
        }
        for position in segments.indices
        where segments[position].island != nil && use(of: segments[position].index) == .auto {
            segments[position].island = nil
            segments[position].decision = .init(
                isMulticast: false,
                reason: "no tree was found that keeps the limits with it as an island"
            )
        }
        if let first = tree(with: islands) {
            return Outcome(problem: base.with(islands), first: first, segments: segments)
        }
        let insistent = segments.first { $0.island != nil }
        if let insistent, tree(with: []) != nil {
            let segment = network.topology.segments[insistent.index]
            throw PlanError(
                code: .infeasible,
                message: "tree '\(wish.name)' cannot be built with segment '\(segment.name)' on "
                    + "multicast: no tree was found that keeps the limits; raise max-children or "
                    + "fan-out, or set multicast to auto",
                position: segment.position
            )
        }
        throw Refusal(network: network, wish: wish, budgets: budgets)
            .infeasible(base, choices: choices, seed: options.seed)
    }

    private func tree(with islands: [Island]) -> Arborescence? {
        FirstTree.tree(for: base.with(islands), seed: options.seed)
    }

    /// Lets each island try other heads; the best first tree wins, and the earlier head among equals.
    private mutating func improveHeads(_ first: Arborescence) -> Arborescence {
        guard base.nodeCount <= Self.nodeCountMax else { return first }
        var best = (tree: first, measure: TreeMeasure(first, of: base))
        for position in segments.indices {
            guard let island = segments[position].island else { continue }
            let rivals = heads(of: island.segment).prefix(Self.headCountMax)
            for head in rivals where head != island.head {
                let rival = self.island(of: island.segment, head: head)
                // Fewer receivers would be another decision.
                guard rival.members.count >= island.members.count else { continue }
                var trial = segments
                trial[position].island = rival
                guard let tree = tree(with: trial.compactMap(\.island)) else { continue }
                let measure = TreeMeasure(tree, of: base)
                guard measure.isBetter(than: best.measure, for: base.objective) else { continue }
                best = (tree, measure)
                segments[position].island = rival
            }
        }
        return best.tree
    }
}
