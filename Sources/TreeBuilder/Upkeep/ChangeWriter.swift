import Topology

/// Writes the plan of a settled tree, and what moves on the way to it.
struct ChangeWriter {
    let network: Network

    private var topology: Topology { network.topology }

    /// `isAlways` for networks of which more has changed than the tree.
    func change(
        from before: TreeState,
        to after: inout Settlement,
        isAlways: Bool = false
    ) -> TreeChange {
        let state = after.state
        var older = before.tree.parent
        for node in older.indices where older[node] >= 0 && state.absent[Int(older[node])] {
            older[node] = -1
        }
        let measureBefore = before.plan
        if isAlways || state.tree != before.tree || state.absent != before.absent
            || state.root != before.root
        {
            after.state.plan = plan(of: after, older: older, before: before.plan, isAnew: isAlways)
        }
        let plan = after.state.plan
        var change = TreeChange(
            tree: plan.name,
            moves: moves(from: before, to: after),
            cutOff: after.cutOff.map { topology.nodes[$0].id },
            radiusMs: .init(before: measureBefore.radiusMs, after: plan.radiusMs),
            meanMs: .init(before: measureBefore.meanMs, after: plan.meanMs)
        )
        if plan.objective == .cost, let before = measureBefore.cost, let after = plan.cost {
            change.cost = .init(before: before, after: after)
        }
        return change
    }

    private func plan(
        of settlement: Settlement,
        older: ContiguousArray<Int32>,
        before: TreePlan,
        isAnew: Bool
    ) -> TreePlan {
        let state = settlement.state
        var plan = network.treePlan(
            state.presentWish,
            choices: state.choices,
            problem: settlement.problem,
            tree: state.tree,
            bound: LowerBound.value(of: settlement.problem.unshared),
            seed: before.seed,
            older: older
        )
        if !isAnew {
            plan.modeReason = before.modeReason
            plan.fanOut = before.fanOut
            plan.fanOutReason = before.fanOutReason
        }
        // Who has died is not left out for being of no use.
        let lost = Set(before.nodes.map(\.id))
            .subtracting(settlement.dropped.map { topology.nodes[$0].id })
        plan.leftOut.removeAll { lost.contains($0) }
        if let regions = before.regions, state.wish.regionStretch != nil {
            plan.regions = RegionPlan(
                state.tree,
                of: settlement.problem,
                in: topology,
                stretch: regions.stretch,
                freeCopies: regions.freeCopies,
                freeMs: regions.freeMs
            )
        }
        plan.redundancy = SecondTree(network: network, settlement: settlement, before: before).plan
        plan.feeds.removeAll { feed in !plan.nodes.contains { $0.id == feed.node } }
        plan.sinks.removeAll { sink in !plan.nodes.contains { $0.id == sink.node } }
        plan.islands = before.islands.map { old in
            let segment = topology.segments.firstIndex { $0.name == old.segment }
            guard let island = state.islands.first(where: { $0.segment == segment }) else {
                return old.carriage == .tcp
                    ? old
                    : IslandPlan(
                        segment: old.segment,
                        carriage: .tcp,
                        reason: "nobody who could send to the group is left",
                        subscribers: old.subscribers
                    )
            }
            return network.islandPlan(island, of: state.wish, reason: old.reason)
        }
        for island in state.islands {
            let members = Set(island.members.map { topology.nodes[$0].id })
            for position in plan.nodes.indices where members.contains(plan.nodes[position].id) {
                plan.nodes[position].segment = topology.segments[island.segment].name
            }
        }
        return plan
    }

    private func moves(from before: TreeState, to after: Settlement) -> [Move] {
        let state = after.state
        func id(_ node: Int) -> String { topology.nodes[node].id }
        // Looked up many times.
        var delayBefore: [String: Double] = [:]
        for place in before.plan.nodes { delayBefore[place.id] = place.delayMs }
        var delayAfter: [String: Double] = [:]
        for place in state.plan.nodes { delayAfter[place.id] = place.delayMs }
        var parentBefore: [String: String] = [:]
        for place in before.plan.nodes { parentBefore[place.id] = place.parent }
        func move(_ kind: Move.Kind, _ node: Int, to: Int?, _ needsSpareSlot: Bool = false) -> Move
        {
            Move(
                kind: kind,
                node: id(node),
                from: parentBefore[id(node)],
                to: to.map(id),
                delayBeforeMs: delayBefore[id(node)],
                delayAfterMs: kind == .leaves ? nil : delayAfter[id(node)],
                needsSpareSlot: needsSpareSlot
            )
        }
        var moves: [Move] = []
        if before.root != state.root { moves.append(move(.leads, state.root, to: nil)) }
        var old = before.tree.parent
        var new = state.tree.parent
        for node in old.indices {
            let isGone = state.absent[node] && node != after.leaving?.node
            if isGone {
                old[node] = -1
                new[node] = -1
            } else if old[node] >= 0, state.absent[Int(old[node])],
                old[node] != after.leaving.map({ Int32($0.node) })
            {
                old[node] = -1
            }
        }
        var capacity = after.problem.capacity
        if let (node, parent) = after.leaving {
            new[node] = parent >= 0 ? Int32(parent) : old[node]
            capacity[node] = Int32.max
        }
        let steps = MoveOrder.steps(from: old, to: new, root: state.root, capacity: capacity)
        for step in steps {
            let isNew = before.absent[step.node]
            moves.append(move(isNew ? .joins : .moves, step.node, to: step.to, step.needsSpareSlot))
        }
        if let leaving = after.leaving { moves.append(move(.leaves, leaving.node, to: nil)) }
        moves += after.dropped.map { move(.leaves, $0, to: nil) }
        return moves
    }
}
