import Topology

/// Finds a first tree that keeps all capacities: the best of the constructions its mode offers.
enum FirstTree {
    /// - Returns: `nil` when none was found; `Feasibility` then says why.
    static func tree(for problem: TreeProblem, seed: UInt64) -> Arborescence? {
        if let present = Compaction(problem) {
            return tree(for: present.problem, seed: seed).map(present.expanded)
        }
        let candidates: [Arborescence?]
        switch problem.mode {
        case .link:
            let capped = CappedShortestPath.tree(for: problem)
            candidates = [relieved(capped, of: problem, seed: seed)]
        case .mesh where problem.delays == nil:
            candidates = [StarTree.tree(for: problem), PushDown.tree(for: problem)]
        case .mesh:
            candidates = [PushDown.tree(for: problem), CompactTree.tree(for: problem)]
        }
        var best: (tree: Arborescence, measure: TreeMeasure)?
        for case let tree? in candidates
        where tree.excess(over: problem.capacity) == 0 && tree.isSpanning(root: problem.root) {
            let measure = TreeMeasure(tree, of: problem)
            // A tree of least cost starts from a fast one, too: its delays are what the others may at least have.
            let objective = problem.objective == .mean ? problem.objective : .radius
            if let best, !measure.isBetter(than: best.measure, for: objective) { continue }
            best = (tree, measure)
        }
        return best?.tree
    }

    /// A tree of links under its capacities, or the one with the least surplus that was found.
    static func relieved(
        _ tree: Arborescence,
        of problem: TreeProblem,
        seed: UInt64
    ) -> Arborescence {
        guard problem.delays == nil, WorstPathSearch.isApplicable(to: problem) else {
            return DegreeRepair.repaired(tree, of: problem, seed: seed)
        }
        return WorstPathSearch.relieved(tree, of: problem)
    }
}
