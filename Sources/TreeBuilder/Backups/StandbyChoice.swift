import Topology

/// Which children of the root become the root when it dies, and in which order.
///
/// Each child is tried: it takes the root's place, the others find new ones as they would in a repair, and what the tree is worth then
/// decides. A child under whom others find no place is a poor one, whatever its delay.
struct StandbyChoice {
    /// Of a root with many children, the nearest are tried.
    private static let triedCountMax = 12
    /// Above this, the nearest that may have children is taken untried.
    private static let nodeCountMax = 1_000

    private struct Candidate {
        var node: Int
        var missingCount = 0
        var value = 0.0
        var delay: Picoseconds
    }

    private let tree: Arborescence
    private let problem: TreeProblem
    private let subtrees: Subtrees
    private let older: ContiguousArray<Int32>?

    /// `older` are the parents that nodes had before: who was the root's child already comes first, as its rank can be low at once.
    init(
        _ tree: Arborescence,
        of problem: TreeProblem,
        subtrees: Subtrees,
        older: ContiguousArray<Int32>? = nil
    ) {
        self.tree = tree
        self.problem = problem
        self.subtrees = subtrees
        self.older = older
    }

    /// Best first; none for a tree of fewer than three nodes, which has nobody to be saved.
    func standbys(count: Int) -> [Int] {
        guard count > 0, problem.presentCount >= 3 else { return [] }
        var candidates = subtrees.children(of: problem.root).map { Int($0) }
            .filter { problem.capacity[$0] > 0 || subtrees.childCount(of: problem.root) == 1 }
            .map { Candidate(node: $0, delay: tree.edge[$0]) }
        if let older {
            let stayed = candidates.filter {
                older[$0.node] < 0 || older[$0.node] == problem.root
            }
            if !stayed.isEmpty { candidates = stayed }
        }
        candidates.sort { ($0.delay, $0.node) < ($1.delay, $1.node) }
        if problem.nodeCount <= Self.nodeCountMax {
            candidates = Array(candidates.prefix(max(count, Self.triedCountMax)))
            for index in candidates.indices { tryOut(&candidates[index]) }
            candidates.sort {
                ($0.missingCount, $0.value, $0.delay, Double($0.node))
                    < ($1.missingCount, $1.value, $1.delay, Double($1.node))
            }
        }
        return candidates.prefix(count).map(\.node)
    }

    private func tryOut(_ candidate: inout Candidate) {
        var absent = problem.absent ?? ContiguousArray(repeating: false, count: problem.nodeCount)
        absent[problem.root] = true
        var broken = tree
        for child in subtrees.children(of: problem.root) { broken.parent[Int(child)] = -1 }
        let rest = problem.without(absent)
        do throws(Reattachment.Failure) {
            let outcome = try Reattachment.run(broken, of: rest, root: candidate.node)
            candidate.missingCount = outcome.cutOff.count
            candidate.missingCount += outcome.tree.excess(over: rest.capacity)
            candidate.value = value(of: outcome.tree, root: candidate.node)
        } catch {
            candidate.missingCount = problem.nodeCount
        }
    }

    private func value(of tree: Arborescence, root: Int) -> Double {
        var delay = ContiguousArray<Picoseconds>(repeating: 0, count: problem.nodeCount)
        var radius: Picoseconds = 0
        var sum = 0.0
        for node in tree.breadthFirst(root: root) where node != root {
            delay[node] = delay[Int(tree.parent[node])] + tree.edge[node]
            radius = max(radius, delay[node])
            sum += problem.weight[node] * Double(delay[node])
        }
        return problem.objective == .mean ? sum : Double(radius)
    }
}
