import Topology

/// Places are found one after the other, so an early one may stand in the way of a later one. Nodes that move anyway may as well move
/// elsewhere.
///
/// While the farthest node hangs below one of them, that one tries every free place, the places of the others in exchange for its own,
/// and those places while their nodes go to free ones. What lowers the radius most is done.
struct PlacePolish {
    private static let roundCountMax = 12

    private struct Steps {
        var nodes: [(node: Int, parent: Int)]
        var radius: Picoseconds
        var weighted: Double
    }

    private let problem: TreeProblem
    private let search: SearchTree
    private let movable: [Int]

    /// `tops` are the nodes that have moved.
    ///
    /// - Returns: the tree, or one of less radius in which only they have other parents.
    static func polished(
        _ tree: Arborescence,
        of problem: TreeProblem,
        moving tops: [Int]
    ) -> Arborescence {
        let movable = tops.filter { problem.fixedParent[$0] < 0 && tree.parent[$0] >= 0 }
        guard movable.count > 1, problem.delays != nil, problem.links?.copyMax == nil,
            problem.objective == .radius
        else { return tree }
        let search = SearchTree(tree, of: problem)
        search.findWorst()
        let polish = PlacePolish(problem: problem, search: search, movable: movable)
        for _ in 0..<roundCountMax {
            guard polish.improve() else { break }
        }
        return search.arborescence()
    }

    private func improve() -> Bool {
        var best: Steps?
        for late in movable where search.isInSubtree(search.worst, of: late) {
            for place in places(for: late) { consider([(late, place)], &best) }
            for other in movable where other != late {
                let (mine, theirs) = (Int(search.parent[late]), Int(search.parent[other]))
                guard mine != theirs, theirs != late,
                    !search.isInSubtree(theirs, of: late)
                else { continue }
                consider([(late, theirs), (other, mine)], &best)
                for place in places(for: other) where place != late {
                    consider([(late, theirs), (other, place)], &best)
                }
            }
        }
        guard let best, propose(best.nodes), let change = search.assess(limit: .max) else {
            return false
        }
        search.commit(change)
        search.findWorst()
        return true
    }

    /// With a slot free, and not below the node.
    private func places(for node: Int) -> [Int] {
        (0..<problem.nodeCount).filter {
            search.hasRoom($0) && $0 != search.parent[node] && !search.isInSubtree($0, of: node)
        }
    }

    private func propose(_ steps: [(node: Int, parent: Int)]) -> Bool {
        search.propose()
        for (index, step) in steps.enumerated() {
            // Nothing may land below itself, nor below what moves later.
            for later in steps[index...] where search.isInSubtree(step.parent, of: later.node) {
                return false
            }
            guard let edge = problem.edgeDelay(from: step.parent, to: step.node) else {
                return false
            }
            search.add(step.node, to: step.parent, edge: edge)
        }
        return true
    }

    private func consider(_ steps: [(node: Int, parent: Int)], _ best: inout Steps?) {
        guard propose(steps), let change = search.assess(limit: search.radius) else { return }
        var radius = max(change.highest, change.changesWorst ? 0 : search.radius)
        if change.changesWorst { radius = max(radius, search.highestOfOthers()) }
        let weighted = search.weightedSum + change.weighted
        guard radius < search.radius else { return }
        if let best, (best.radius, best.weighted) <= (radius, weighted) { return }
        best = Steps(nodes: steps, radius: radius, weighted: weighted)
    }
}
