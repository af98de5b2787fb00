import Topology

/// Turns the trees of a plan into a network's numbers.
struct PlanReader {
    let network: Network
    /// By id.
    let index: [String: Int]

    private var topology: Topology { network.topology }

    /// The settings that a plan says it was made with, on top of what the topology says of the tree.
    func wish(of plan: TreePlan) -> Topology.Tree {
        let known = topology.trees.first { $0.name == plan.name }
        var wish = known ?? Topology.Tree(name: plan.name)
        wish.mode = .init(plan.mode)
        wish.objective = plan.objective
        wish.hopDelayMilliseconds = plan.hopDelayMs
        if let bound = plan.delayBound.flatMap({ Topology.DelayBound($0) }) {
            wish.delayBound = bound
        }
        switch (plan.fanOut, plan.fanOutReason) {
        case (let count?, nil): wish.fanOut = .atMost(count)
        case (nil, nil): wish.fanOut = .unlimited
        case (_, .some): wish.fanOut = .auto
        }
        wish.redundancy = plan.redundancy == nil ? 1 : 2
        wish.regionStretch = plan.regions?.stretch
        wish.standbyCount = max(wish.standbyCount, plan.standbys.count)
        return wish
    }

    /// A tree of a plan in this network's numbers. Nodes that the network does not have are left out; children of theirs have no parent.
    func state(
        of plan: TreePlan,
        wish: Topology.Tree
    ) throws(PlanError) -> TreeState {
        var choices = TreeChoices(wish, of: topology, graph: network.graph)
        if wish.fanOut == .auto, let count = plan.fanOut, let own = choices.fanOut, own < count {
            choices.raiseFanOut(to: count)
        }
        choices.modeReason = choices.modeReason ?? plan.modeReason
        var state = TreeState(
            wish: wish,
            choices: choices,
            root: -1,
            absent: ContiguousArray(repeating: true, count: topology.nodes.count),
            tree: Arborescence(nodeCount: topology.nodes.count),
            islands: [],
            plan: plan
        )
        var delay = ContiguousArray<Picoseconds>(repeating: 0, count: topology.nodes.count)
        for place in plan.nodes {
            guard let node = index[place.id] else { continue }
            delay[node] = Picoseconds(milliseconds: place.delayMs) ?? 0
        }
        for place in plan.nodes {
            guard let node = index[place.id] else { continue }
            state.absent[node] = false
            if let parent = place.parent.flatMap({ index[$0] }) {
                // What the plan says of an edge holds until something better is known of it.
                state.tree.attach(node, to: parent, edge: max(0, delay[node] - delay[parent]))
            } else if place.parent == nil {
                state.root = node
            }
        }
        for (node, parent) in state.tree.parent.enumerated() where parent >= 0 {
            guard state.absent[Int(parent)] else { continue }
            throw PlanError(
                code: .invalidValue,
                message:
                    "tree '\(plan.name)' of the plan gives '\(topology.nodes[node].id)' a parent "
                    + "that is not in the tree; make the plan anew",
                nodeID: topology.nodes[node].id
            )
        }
        state.islands = plan.islands.compactMap { island(of: $0) }
        let rootCount = plan.nodes.count { $0.parent == nil }
        guard rootCount == 1, state.tree.isCircleFree else {
            throw PlanError(
                code: .invalidValue,
                message: rootCount == 1
                    ? "the parents of tree '\(plan.name)' of the plan close a circle; make the plan anew"
                    : "tree '\(plan.name)' of the plan has \(rootCount) roots; make the plan anew"
            )
        }
        return state
    }

    private func island(of plan: IslandPlan) -> Island? {
        guard plan.carriage == .multicast, let head = plan.head.flatMap({ index[$0] }),
            let segment = topology.segments.firstIndex(where: { $0.name == plan.segment })
        else { return nil }
        let members = plan.members.compactMap { index[$0] }.sorted()
        return Island(segment: segment, head: head, members: members)
    }
}
