public import Topology

extension Plan {
    /// This plan, made to fit a topology that has changed, with the fewest moves: nodes keep their parents as long as these are there,
    /// links and limits allow it, and the operator fixes no other. Nodes of the topology that the plan does not have come in.
    ///
    /// Settings are the topology's, with the options on top, as in `Planner.plan`; the root stays where neither names another.
    /// Trees that the plan does not have are planned anew within what the others leave.
    ///
    /// With measurements that differ from what the topology says, nodes move on where that wins more than 5 % of the radius (of the mean,
    /// where that is the objective) and more than 1 ms; see `Measurements` for what counts as different.
    ///
    /// - Parameters:
    ///   - topology: what the plan is to fit.
    ///   - options: as in `Planner.plan`.
    ///   - ids: nodes of the topology that take no part, as if they had died.
    ///   - measured: delays that were measured since.
    ///   - moveCountMax: how many more nodes may move to make each tree better; `nil` = none, or, with measurements, as many as
    ///     it is worth it for.
    /// - Returns: the new plan, and the moves on the way there.
    /// - Throws: `PlanError` when the topology or the options are invalid, or what is left of a tree has no places for all nodes.
    public func replan(
        for topology: Topology,
        options: PlanOptions = PlanOptions(),
        without ids: [String] = [],
        measured: Measurements? = nil,
        improvingBy moveCountMax: Int? = nil
    ) throws(PlanError) -> PlanChange {
        try Replan(self, topology, options: options, without: ids, measured: measured).run(
            moveCountMax: moveCountMax ?? (measured == nil ? 0 : .max),
            threshold: measured == nil ? Improvement.Threshold() : .hysteresis
        )
    }
}

/// A plan meets another topology.
struct Replan {
    private let old: Plan
    private let options: PlanOptions
    private let network: Network
    private let without: ContiguousArray<Bool>
    private var upkeep: Upkeep

    init(
        _ plan: Plan,
        _ topology: Topology,
        options: PlanOptions,
        without ids: [String],
        measured: Measurements?
    ) throws(PlanError) {
        old = plan
        self.options = options
        network = try MeasuredNetwork.make(topology, measured)
        var kept = plan
        let wishes = try Planner.selectedTrees(of: topology, options: options)
        kept.trees = wishes.compactMap { wish in plan.trees.first { $0.name == wish.name } }
        upkeep = try Upkeep(kept, network: network)
        var without = ContiguousArray(repeating: false, count: topology.nodes.count)
        for id in ids {
            guard let node = upkeep.index[id] else {
                throw PlanError(
                    code: .unknownNode,
                    message: "the topology has no node '\(id)'; give the id of one of its nodes",
                    nodeID: id
                )
            }
            without[node] = true
        }
        self.without = without
        for position in upkeep.states.indices {
            let before = upkeep.states[position]
            guard let wish = wishes.first(where: { $0.name == before.plan.name }) else { continue }
            var state = try PlanReader(network: network, index: upkeep.index).state(
                of: before.plan,
                wish: try options.applied(to: wish, of: topology)
            )
            state.choices = TreeChoices(state.wish, of: topology, graph: network.graph)
            state.tree = before.tree
            upkeep.states[position] = state
        }
    }

    func run(
        moveCountMax: Int,
        threshold: Improvement.Threshold
    ) throws(PlanError) -> PlanChange {
        var next = upkeep
        var changes: [TreeChange] = []
        for position in upkeep.states.indices {
            let before = upkeep.states[position]
            var settlement = try fitted(before, position, next)
            let fitted = settlement.state
            if moveCountMax > 0 {
                settlement.state.tree = Improvement.run(
                    fitted.tree,
                    of: settlement.problem,
                    atMost: moveCountMax,
                    threshold: threshold
                )
            }
            var change = ChangeWriter(network: network).change(
                from: before,
                to: &settlement,
                isAlways: true
            )
            if fitted.tree == before.tree, fitted.absent == before.absent {
                // Nothing had to move: what counts is what the old tree would be worth now.
                let measure = TreeMeasure(fitted.tree, of: settlement.problem)
                change.radiusMs.before = measure.radius.milliseconds
                change.meanMs.before = measure.mean.rounded() / Picoseconds.perMillisecond
            }
            next.states[position] = settlement.state
            changes.append(change)
        }
        var plan = Plan(
            name: network.topology.name,
            epoch: options.epoch ?? max(network.topology.epoch, old.epoch),
            nodes: network.topology.nodes.indices.filter { node in
                next.states.isEmpty || next.states.contains { !$0.absent[node] }
            }.map { PlanNode(network.topology.nodes[$0]) },
            trees: next.states.map(\.plan),
            notes: network.topology.notes + notes(on: next)
        )
        plan.security = network.topology.security
        var keys: [String: String] = [:]
        for node in old.nodes { keys[node.id] = node.key }
        for position in plan.nodes.indices {
            plan.nodes[position].key = keys[plan.nodes[position].id]
        }
        try addNewTrees(to: &plan, next)
        let isNew = plan.decisions != old.decisions
        if options.epoch == nil, isNew, plan.epoch == old.epoch { plan.epoch += 1 }
        PlanCheck.verify(plan, of: network.topology)
        return PlanChange(plan: plan, trees: changes)
    }

    /// All nodes of the topology take part, but for forwarders that nobody needs.
    private func fitted(
        _ before: TreeState,
        _ position: Int,
        _ upkeep: Upkeep
    ) throws(PlanError) -> Settlement {
        var state = before
        let idle = idleForwarders(before)
        state.absent = ContiguousArray(without.indices.map { without[$0] || idle[$0] })
        for node in state.tree.parent.indices {
            let parent = state.tree.parent[node]
            guard without[node] || parent >= 0 && without[Int(parent)] else { continue }
            state.tree.parent[node] = -1
            state.tree.edge[node] = 0
        }
        if let wanted = state.wish.root, options.root != nil || isRootOfFile(state),
            !without[wanted]
        {
            state.root = wanted
        }
        if state.root < 0 || without[state.root] {
            var living = before
            for node in living.absent.indices where without[node] { living.absent[node] = true }
            state.root = try upkeep.heir(of: living)
        }
        if state.root != before.root {
            state.tree.parent[state.root] = -1
            state.tree.edge[state.root] = 0
        }
        // Segments are as they were, as far as they are; whoever has joined one is a member.
        state.islands = state.islands.compactMap { island in
            let members = network.topology.segments[island.segment].members
            guard members.contains(island.head) else { return nil }
            var island = island
            island.members = members.filter { $0 != island.head && $0 != state.root }.sorted()
            return island
        }
        let settlement = try forwarded(state, idle: idle, position, upkeep)
        guard let first = settlement.cutOff.first, !without.contains(true) else {
            return settlement
        }
        let node = network.topology.nodes[first]
        throw PlanError(
            code: .infeasible,
            message:
                "tree '\(state.plan.name)' cannot be kept: no way along links that limits of children leave leads to '\(node.id)'; "
                + "plan it anew, raise limits, or use mode mesh",
            position: node.position,
            nodeID: node.id
        )
    }

    /// Pass-through nodes that are not in the tree, and that it does not name.
    private func idleForwarders(_ before: TreeState) -> ContiguousArray<Bool> {
        var idle = before.absent
        for node in idle.indices where !network.topology.nodes[node].isPassThrough {
            idle[node] = false
        }
        if let root = before.wish.root { idle[root] = false }
        for fixed in before.wish.fixedParents {
            idle[fixed.child] = false
            idle[fixed.parent] = false
        }
        for feed in before.wish.feeds + before.wish.sinks { idle[feed.node] = false }
        return idle
    }

    /// Without the idle forwarders if it can be, else with those of them that are needed.
    private func forwarded(
        _ state: TreeState,
        idle: ContiguousArray<Bool>,
        _ position: Int,
        _ upkeep: Upkeep
    ) throws(PlanError) -> Settlement {
        var settlement: Settlement
        do throws(PlanError) {
            settlement = try upkeep.best(ofHeads: state, position)
            if settlement.cutOff.contains(where: { !settlement.problem.isForwarder($0) }) {
                settlement = try withAll(state, idle, position, upkeep) ?? settlement
            }
        } catch {
            guard let other = try withAll(state, idle, position, upkeep) else { throw error }
            settlement = other
        }
        settlement.dropForwarders(since: upkeep.states[position])
        return settlement
    }

    /// - Returns: `nil` where there are no idle forwarders.
    private func withAll(
        _ state: TreeState,
        _ idle: ContiguousArray<Bool>,
        _ position: Int,
        _ upkeep: Upkeep
    ) throws(PlanError) -> Settlement? {
        guard idle.indices.contains(where: { idle[$0] && !without[$0] }) else { return nil }
        var state = state
        state.absent = without
        return try upkeep.best(ofHeads: state, position)
    }

    private func isRootOfFile(_ state: TreeState) -> Bool {
        network.topology.trees.contains { $0.name == state.wish.name && $0.root != nil }
    }

    /// What a change cost that a reader would not look for.
    private func notes(on next: Upkeep) -> [String] {
        next.states.filter { $0.wish.redundancy == 2 && $0.plan.redundancy == nil }.map {
            "tree '\($0.plan.name)' has no second tree any more; plan it anew, without --previous, to have two"
        }
    }

    private func addNewTrees(to plan: inout Plan, _ upkeep: Upkeep) throws(PlanError) {
        let wishes = try Planner.selectedTrees(of: network.topology, options: options)
        var budgets = Budgets(network.topology)
        for state in upkeep.states {
            budgets.spend(
                state.tree,
                of: try network.problem(for: state, budgets: Budgets(network.topology)),
                islands: state.islands,
                rate: state.wish.rateBitsPerSecond
            )
        }
        for (position, wish) in wishes.enumerated()
        where !plan.trees.contains(where: { $0.name == wish.name }) {
            let builder = SingleTree(network: network, options: options, budgets: budgets)
            let applied = try options.applied(to: wish, of: network.topology)
            let result = try builder.build(applied)
            budgets.spend(
                result.tree,
                of: result.problem,
                islands: result.islands,
                rate: applied.rateBitsPerSecond
            )
            plan.trees.insert(result.plan, at: min(position, plan.trees.count))
        }
    }
}
