import Topology

extension Network {
    /// A finished tree in the words of the topology.
    func treePlan(
        _ wish: Topology.Tree,
        choices: TreeChoices,
        problem: TreeProblem,
        tree: Arborescence,
        bound: Double,
        seed: UInt64,
        older: ContiguousArray<Int32>? = nil
    ) -> TreePlan {
        let measure = TreeMeasure(tree, of: problem)
        let backups = BackupParents(
            tree,
            measure: measure,
            of: problem,
            standbyCount: wish.standbyCount,
            older: older
        )
        let value = measure.value(for: problem.objective)
        let isCost = problem.objective == .cost
        let boundMs = isCost ? LowerBound.value(of: problem.with(objective: .radius)) : bound
        let valueMs = isCost ? Double(measure.radius) : value
        // Whole picoseconds, the bound rounded down: what is printed is still a bound.
        var plan = TreePlan(
            name: wish.name,
            topics: wish.topics,
            overflow: wish.overflow,
            stall: wish.stall,
            root: topology.nodes[problem.root].id,
            mode: choices.mode,
            objective: wish.objective,
            fanOut: fanOut(of: wish, choices),
            hopDelayMs: problem.hop.milliseconds,
            radiusMs: measure.radius.milliseconds,
            meanMs: measure.mean.rounded() / Picoseconds.perMillisecond,
            lowerBoundMs: min(boundMs, valueMs).rounded(.down) / Picoseconds.perMillisecond,
            gap: bound > 0 ? max(0, value / bound - 1) : 0,
            seed: seed,
            nodes: places(tree, measure, backups, of: problem),
            feeds: outsiders(wish.feeds),
            sinks: outsiders(wish.sinks)
        )
        plan.standbys = backups.standbys.map { topology.nodes[$0].id }
        plan.unprotected = backups.unprotected.map(unprotected)
        plan.leftOut = Forwarders.leftOut(of: problem, in: topology)
        plan.access = wish.access
        plan.modeReason = choices.modeReason
        plan.fanOutReason = choices.fanOutReason
        guard let links = problem.links else { return plan }
        plan.cost = Self.rounded(measure.price)
        plan.costUnit = links.unit.rawValue
        if isCost {
            plan.lowerBoundCost = Self.rounded(min(bound, measure.price))
            plan.delayBound = wish.delayBound.text
        }
        return plan
    }

    /// Everybody's place, in file order.
    private func places(
        _ tree: Arborescence,
        _ measure: TreeMeasure,
        _ backups: BackupParents,
        of problem: TreeProblem
    ) -> [TreePlan.TreeNode] {
        let children = tree.children()
        return topology.nodes.indices.filter { !problem.isAbsent($0) }.map { index in
            TreePlan.TreeNode(
                id: topology.nodes[index].id,
                label: topology.nodes[index].label,
                parent: tree.parent[index] < 0
                    ? nil : topology.nodes[Int(tree.parent[index])].id,
                backups: backups.backups(of: index).map { topology.nodes[$0].id },
                rank: Int(backups.rank[index]),
                level: measure.level[index],
                delayMs: measure.delay[index].milliseconds,
                children: children[index].sorted { backups.rank[$0] < backups.rank[$1] }
                    .map { topology.nodes[$0].id }
            )
        }
    }

    private func unprotected(_ orphan: BackupParents.Unprotected) -> TreePlan.Unprotected {
        TreePlan.Unprotected(
            node: topology.nodes[orphan.node].id,
            parent: topology.nodes[orphan.parent].id,
            reason: orphan.reason
        )
    }

    /// Metres, or thousandths: further digits of a great circle differ between C libraries.
    private static func rounded(_ price: Double) -> Double { (price * 1000).rounded() / 1000 }

    /// The limit that holds for every node; `nil` where nodes of their own limit may have more.
    private func fanOut(of wish: Topology.Tree, _ choices: TreeChoices) -> Int? {
        guard wish.fanOut == .auto, let fanOut = choices.fanOut else { return choices.fanOut }
        let own = topology.nodes.compactMap { wish.childLimit(at: $0) }
        return own.contains { $0 > fanOut } ? nil : fanOut
    }

    private func outsiders(_ feeds: [Topology.Feed]) -> [FeedPlan] {
        feeds.map { FeedPlan(node: topology.nodes[$0.node].id, endpoint: $0.endpoint) }
    }
}
