import Topology

/// A tree that need not reach all nodes: the best of those of a few choices of forwarders.
///
/// ```
/// ForwarderChoice ─▶ who takes part ─▶ SingleTree ─▶ dropped: forwarders that reach nobody ─▶ the best
///                         ▲                                        │
///                         └──────── who is left of the best ◀──────┘
/// ```
struct SparseTree {
    let builder: SingleTree
    let wish: Topology.Tree
    let choices: TreeChoices
    /// With all forwarders in it.
    let whole: TreeProblem

    func found() throws(PlanError) -> SingleTree.Found {
        let bound = LowerBound.value(of: whole)
        let first = FirstTree.tree(for: whole, seed: builder.options.seed)
        let tolerated = first.map { TreeMeasure($0, of: whole).delay }
        var tried: [ContiguousArray<Bool>] = []
        var best: (found: SingleTree.Found, measure: TreeMeasure)?
        var refusal: PlanError?
        let choice = ForwarderChoice(whole, delayBound: wish.delayBound)
        var pending = choice.masks(seed: builder.options.seed)
        while !pending.isEmpty {
            let absent = pending.removeFirst()
            guard !tried.contains(absent) else { continue }
            tried.append(absent)
            if let best, best.measure.value(for: whole.objective) <= bound { break }
            do throws(PlanError) {
                let found = try tree(without: absent, tolerated)
                let measure = TreeMeasure(found.tree, of: found.problem)
                if let best, !measure.isBetter(than: best.measure, for: whole.objective) {
                    continue
                }
                best = (found, measure)
                // With those who turned out to be of no use out of its way, the search may find more.
                if let left = found.problem.absent { pending.append(left) }
            } catch {
                // The last is that of all nodes.
                refusal = error
            }
        }
        guard var found = best?.found else { throw refusal.map(explained) ?? nothingTried }
        let islands = found.segments.compactMap(\.island)
        found.bound = LowerBound.value(of: whole.with(islands))
        return found
    }

    private func tree(
        without absent: ContiguousArray<Bool>,
        _ tolerated: ContiguousArray<Picoseconds>?
    ) throws(PlanError) -> SingleTree.Found {
        var found = try builder.found(
            wish,
            choices,
            of: whole.without(absent),
            tolerated: tolerated ?? whole.leastDelays()
        )
        let members = found.segments.compactMap(\.island).flatMap { [$0.head] + $0.members }
        var problem = found.problem
        problem.require(members)
        let left = found.tree.dropForwarders(of: problem, absent: absent)
        found.problem = found.problem.without(left)
        guard let limits = found.problem.delayLimit else { return found }
        let measure = TreeMeasure(found.tree, of: found.problem)
        let late = measure.delay.indices.first { measure.delay[$0] > limits[$0] }
        if let late {
            let node = builder.network.topology.nodes[late]
            throw PlanError(
                code: .infeasible,
                message: "tree '\(wish.name)' reaches '\(node.id)' later than delay-bound allows",
                position: node.position,
                nodeID: node.id
            )
        }
        return found
    }

    /// What stands in the way of a tree of all nodes need not be in the way of one of fewer.
    private func explained(_ error: PlanError) -> PlanError {
        guard error.code == .infeasible else { return error }
        var error = error
        error.message =
            "no choice of pass-through nodes was found for which there is a tree; and with all of them, "
            + error.message
        return error
    }

    private var nothingTried: PlanError {
        PlanError(code: .infeasible, message: "no tree '\(wish.name)' was found")
    }
}
