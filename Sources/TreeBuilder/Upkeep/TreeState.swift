import Topology

/// One tree of a plan in the numbers of a topology, while it is kept up.
struct TreeState {
    /// The settings; its root is the tree's.
    var wish: Topology.Tree
    var choices: TreeChoices
    /// −1 where the network does not have the plan's.
    var root: Int
    /// By node of the topology.
    var absent: ContiguousArray<Bool>
    /// Edges are what the topology says of them now.
    var tree: Arborescence
    var islands: [Island]
    /// The plan that this is.
    var plan: TreePlan

    var presentCount: Int { absent.count { !$0 } }

    /// The wish for nodes that are there: what was fixed with others is free.
    var presentWish: Topology.Tree {
        var wish = wish
        wish.root = root >= 0 ? root : nil
        wish.fixedParents.removeAll {
            absent.indices.contains($0.child) && absent.indices.contains($0.parent)
                && (absent[$0.child] || absent[$0.parent] || $0.child == root)
        }
        return wish
    }
}

extension Network {
    /// What a tree has to keep to.
    func problem(for state: TreeState, budgets: Budgets) throws(PlanError) -> TreeProblem {
        var problem = try problem(for: state.presentWish, choices: state.choices, budgets: budgets)
            .with(state.islands).without(state.absent)
        if state.wish.redundancy == 2, let second = state.plan.redundancy {
            problem = problem.leaving(
                second.numbered(in: topology).tree.without(state.absent),
                rootLimit: state.rootLimit(in: topology)
            )
        }
        guard problem.objective == .cost else { return problem }
        switch state.wish.delayBound {
        case .stretch(let factor):
            problem.delayLimit = ContiguousArray(
                problem.leastDelays().map { $0.stretched(by: factor) }
            )
        case .milliseconds(let limit):
            let latest = Picoseconds(milliseconds: limit) ?? Picoseconds.bound
            problem.delayLimit = ContiguousArray(repeating: latest, count: problem.nodeCount)
        }
        return problem
    }
}

extension Arborescence {
    /// The same without the edges of absent nodes.
    func without(_ absent: ContiguousArray<Bool>) -> Arborescence {
        var tree = self
        for node in parent.indices where parent[node] >= 0 {
            guard absent[node] || absent[Int(parent[node])] else { continue }
            tree.parent[node] = -1
            tree.edge[node] = 0
        }
        return tree
    }

    /// Whether every node's way up ends.
    var isCircleFree: Bool {
        var isKnown = ContiguousArray<Bool>(repeating: false, count: parent.count)
        var path: [Int] = []
        for start in parent.indices {
            var node = start
            while node >= 0, !isKnown[node], path.count <= parent.count {
                path.append(node)
                node = Int(parent[node])
            }
            guard path.count <= parent.count else { return false }
            for node in path { isKnown[node] = true }
            path.removeAll(keepingCapacity: true)
        }
        return true
    }
}
