import Topology

extension Network {
    /// A finished tree in the words of the topology.
    func treePlan(
        _ wish: Topology.Tree,
        problem: TreeProblem,
        tree: Arborescence,
        measure: TreeMeasure,
        bound: Double,
        seed: UInt64
    ) -> TreePlan {
        let backups = BackupParents(tree, measure: measure, of: problem)
        let children = tree.children()
        let nodes = topology.nodes.indices.map { index in
            TreePlan.TreeNode(
                id: topology.nodes[index].id,
                label: topology.nodes[index].label,
                parent: tree.parent[index] < 0
                    ? nil : topology.nodes[Int(tree.parent[index])].id,
                backups: backups.backups[index].map { topology.nodes[$0].id },
                rank: backups.rank[index],
                level: measure.level[index],
                delayMs: measure.delay[index].milliseconds,
                children: children[index].sorted { backups.rank[$0] < backups.rank[$1] }
                    .map { topology.nodes[$0].id }
            )
        }
        let value = measure.value(for: problem.objective)
        // Whole picoseconds, the bound rounded down: what is printed is still a bound.
        return TreePlan(
            name: wish.name,
            topics: wish.topics,
            overflow: wish.overflow,
            root: topology.nodes[problem.root].id,
            mode: wish.mode,
            objective: wish.objective,
            fanOut: wish.fanOut,
            hopDelayMs: problem.hop.milliseconds,
            radiusMs: measure.radius.milliseconds,
            meanMs: measure.mean.rounded() / Picoseconds.perMillisecond,
            lowerBoundMs: min(bound, value).rounded(.down) / Picoseconds.perMillisecond,
            gap: bound > 0 ? max(0, value / bound - 1) : 0,
            seed: seed,
            nodes: nodes,
            feeds: outsiders(wish.feeds),
            sinks: outsiders(wish.sinks)
        )
    }

    private func outsiders(_ feeds: [Topology.Feed]) -> [FeedPlan] {
        feeds.map { FeedPlan(node: topology.nodes[$0.node].id, endpoint: $0.endpoint) }
    }
}
