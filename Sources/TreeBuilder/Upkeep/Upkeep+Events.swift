import Topology

/// What each event makes of one tree.
extension Upkeep {
    // MARK: Death

    func repaired(_ position: Int, without dead: [Int]) throws(PlanError) -> Settlement {
        var state = states[position]
        let lost = dead.filter { !state.absent[$0] }
        guard !lost.isEmpty else {
            return Settlement(state: state, problem: try problem(at: position))
        }
        for node in lost { state.absent[node] = true }
        guard state.presentCount > 0 else { throw PlanError.nobodyLeft(of: state) }
        for node in state.tree.parent.indices {
            let parent = state.tree.parent[node]
            if state.absent[node] || parent >= 0 && state.absent[Int(parent)] {
                state.tree.parent[node] = -1
                state.tree.edge[node] = 0
            }
        }
        if state.absent[state.root] { state.root = try heir(of: state) }
        return try best(ofHeads: state, position)
    }

    /// The first living standby; where there is none, the living node of lowest rank that may have children.
    func heir(of state: TreeState) throws(PlanError) -> Int {
        let standby = state.plan.standbys.compactMap { index[$0] }.first { !state.absent[$0] }
        if let standby { return standby }
        let ranked = state.plan.nodes.sorted { $0.rank < $1.rank }.compactMap { index[$0.id] }
            .filter { !state.absent[$0] }
        let able = ranked.first { (network.topology.nodes[$0].maxChildren ?? 1) > 0 }
        guard let heir = able ?? ranked.first else { throw PlanError.nobodyLeft(of: state) }
        return heir
    }

    /// Tries the living members of each island that lost its head as the next one.
    func best(ofHeads state: TreeState, _ position: Int) throws(PlanError) -> Settlement {
        let orphaned = state.islands.firstIndex {
            state.absent[$0.head] || $0.members.contains { state.absent[$0] || $0 == state.root }
        }
        guard let orphaned else { return try settled(state, position) }
        var island = state.islands[orphaned]
        island.members.removeAll { state.absent[$0] || $0 == state.root }
        var heads = state.absent[island.head] ? island.members : [island.head]
        if network.topology.segments[island.segment].members.contains(state.root),
            state.absent[island.head]
        {
            heads = [state.root]
        }
        var bestSettlement: Settlement?
        for head in heads.prefix(8) {
            var trial = state
            var next = island
            next.head = head
            next.members.removeAll { $0 == head }
            trial.islands[orphaned] = next
            // Who hangs below a member cannot be its head's parent: the head goes first, the members to it.
            for member in next.members { trial.tree.parent[member] = -1 }
            guard let settlement = try? best(ofHeads: trial, position) else { continue }
            if let best = bestSettlement, !isBetter(settlement, best) { continue }
            bestSettlement = settlement
        }
        if let bestSettlement { return bestSettlement }
        var without = state
        without.islands.remove(at: orphaned)
        return try best(ofHeads: without, position)
    }

    private func isBetter(_ a: Settlement, _ b: Settlement) -> Bool {
        TreeMeasure(a.state.tree, of: a.problem)
            .isBetter(than: TreeMeasure(b.state.tree, of: b.problem), for: a.problem.objective)
    }

    /// Gives what has no parent one.
    func settled(_ broken: TreeState, _ position: Int) throws(PlanError) -> Settlement {
        var state = broken
        let problem = try network.problem(for: state, budgets: try budgets(for: position))
        state.tree = state.tree.bound(to: problem)
        do throws(Reattachment.Failure) {
            let outcome = try Reattachment.run(state.tree, of: problem, seed: seed)
            state.tree = outcome.tree
            guard !outcome.cutOff.isEmpty else { return Settlement(state: state, problem: problem) }
            for node in outcome.cutOff { state.absent[node] = true }
            return Settlement(
                state: state,
                problem: problem.without(state.absent),
                cutOff: outcome.cutOff
            )
        } catch {
            throw PlanError.unkept(state, error, in: network.topology)
        }
    }

    // MARK: Joining

    func joined(_ position: Int, _ node: Int) throws(PlanError) -> Settlement {
        var state = states[position]
        state.absent[node] = false
        for place in state.islands.indices {
            let members = network.topology.segments[state.islands[place].segment].members
            guard members.contains(node) else { continue }
            state.islands[place].members.append(node)
            state.islands[place].members.sort()
            break
        }
        let settlement = try settled(state, position)
        guard settlement.cutOff.isEmpty else {
            let id = network.topology.nodes[node].id
            throw PlanError(
                code: .disconnected,
                message:
                    "node '\(id)' cannot join tree '\(state.plan.name)': no link joins it to a node "
                    + "that is in the tree and may have one more child; use mode mesh, or let its neighbours join first",
                position: network.topology.nodes[node].position,
                nodeID: id
            )
        }
        return settlement
    }

    // MARK: Draining

    func drained(_ position: Int, _ node: Int) throws(PlanError) -> Settlement {
        let state = states[position]
        guard !state.absent[node] else {
            return Settlement(state: state, problem: try problem(at: position))
        }
        // At first as if it stayed, for then nobody needs its slot before it is free.
        if let settlement = try? drainedInPlace(position, node) { return settlement }
        var settlement = try repaired(position, without: [node])
        let heir = settlement.state.root
        settlement.leaving = (node, node == state.root ? heir : -1)
        return settlement
    }

    private func drainedInPlace(_ position: Int, _ node: Int) throws(PlanError) -> Settlement? {
        var state = states[position]
        guard state.presentCount > 1, !state.islands.contains(where: { $0.head == node }) else {
            return nil
        }
        for child in state.tree.parent.indices where state.tree.parent[child] == Int32(node) {
            state.tree.parent[child] = -1
            state.tree.edge[child] = 0
        }
        let isRoot = node == state.root
        if isRoot {
            var rest = state
            rest.absent[node] = true
            state.root = try heir(of: rest)
            guard !state.islands.contains(where: { $0.members.contains(state.root) }) else {
                return nil
            }
            state.tree.parent[state.root] = -1
        }
        var problem = try network.problem(for: state, budgets: try budgets(for: position))
        guard problem.fixedParent[node] < 0 || !isRoot else { return nil }
        problem.capacity[node] = 0
        for child in problem.fixedParent.indices where problem.fixedParent[child] == Int32(node) {
            problem.fixedParent[child] = -1
        }
        if isRoot {
            guard let edge = problem.edgeDelay(from: state.root, to: node) else { return nil }
            state.tree.attach(node, to: state.root, edge: edge)
            guard state.tree.excess(over: problem.capacity) == 0 else { return nil }
        }
        guard let outcome = try? Reattachment.run(state.tree, of: problem, seed: seed),
            outcome.cutOff.isEmpty, outcome.tree.childCounts()[node] == 0
        else { return nil }
        // Nobody else moves for it.
        let old = states[position].tree.parent
        guard
            old.indices.allSatisfy({ other in
                outcome.tree.parent[other] == old[other] || old[other] == Int32(node)
                    || isRoot && (other == node || other == state.root)
            })
        else { return nil }
        let parent = Int(outcome.tree.parent[node])
        state.tree = outcome.tree
        state.absent[node] = true
        state.tree.parent[node] = -1
        state.tree.edge[node] = 0
        for place in state.islands.indices {
            state.islands[place].members.removeAll { $0 == node }
        }
        return Settlement(
            state: state,
            problem: try network.problem(for: state, budgets: try budgets(for: position)),
            leaving: (node, parent)
        )
    }
}

extension Arborescence {
    /// With fixed parents where they belong, and without what a limit or a missing link forbids: those nodes have no parent.
    func bound(to problem: TreeProblem) -> Arborescence {
        var tree = self
        for node in tree.parent.indices where !problem.isAbsent(node) {
            let fixed = Int(problem.fixedParent[node])
            if fixed >= 0, tree.parent[node] != Int32(fixed) {
                tree.free(fixed, from: node, problem)
                tree.attach(node, to: fixed, edge: problem.knownDelay(fixed, node))
            }
            let parent = Int(tree.parent[node])
            guard parent >= 0 else { continue }
            if let edge = problem.edgeDelay(from: parent, to: node) {
                tree.edge[node] = edge
            } else if problem.mode == .link {
                tree.parent[node] = -1
                tree.edge[node] = 0
            }
        }
        tree.shed(problem)
        return tree
    }

    /// Cuts the way from a node up to another that is to become its child.
    private mutating func free(_ node: Int, from top: Int, _ problem: TreeProblem) {
        var current = node
        var cut = -1
        while parent[current] >= 0, current != top {
            if problem.fixedParent[current] < 0 { cut = current }
            current = Int(parent[current])
        }
        guard current == top, cut >= 0 else { return }
        parent[cut] = -1
        edge[cut] = 0
    }

    /// Nodes with too many children lose the ones below whom least hangs.
    private mutating func shed(_ problem: TreeProblem) {
        guard excess(over: problem.capacity) > 0 else { return }
        let children = children()
        var size = ContiguousArray<Int>(repeating: 1, count: parent.count)
        var order = parent.indices.filter { parent[$0] < 0 }
        var next = 0
        while next < order.count {
            order.append(contentsOf: children[order[next]])
            next += 1
        }
        for node in order.reversed() where parent[node] >= 0 {
            size[Int(parent[node])] += size[node]
        }
        for node in children.indices {
            let surplus = children[node].count - Int(problem.capacity[node])
            guard surplus > 0 else { continue }
            let loose = children[node].filter { problem.fixedParent[$0] != Int32(node) }
                .sorted { (size[$0], $0) < (size[$1], $1) }
            for child in loose.prefix(surplus) {
                parent[child] = -1
                edge[child] = 0
            }
        }
    }
}

extension PlanError {
    static func nobodyLeft(of state: TreeState) -> PlanError {
        PlanError(code: .infeasible, message: "no node of tree '\(state.plan.name)' is left")
    }

    /// A tree that what is left of its limits does not allow.
    static func unkept(
        _ state: TreeState,
        _ failure: Reattachment.Failure,
        in topology: Topology
    ) -> PlanError {
        func id(_ node: Int) -> String { topology.nodes[node].id }
        let name = state.plan.name
        switch failure {
        case .tooFewSlots(let missing):
            return PlanError(
                code: .infeasible,
                message: "tree '\(name)' cannot be kept: the nodes that are left may have "
                    + "\(missing) children too few; raise max-children or fan-out, or add a node"
            )
        case .noPlace(let node):
            return PlanError(
                code: .infeasible,
                message: "tree '\(name)' cannot be kept: no place was found for what hangs at "
                    + "'\(id(node))' that keeps the limits of children and links; raise them, or plan it anew",
                position: topology.nodes[node].position,
                nodeID: id(node)
            )
        }
    }
}
