import Topology

/// What the death of one node would do to one tree, once its children have been given places again.
public struct DeathReport: Codable, Equatable, Sendable {
    /// The tree's name.
    public var tree: String
    /// The id of the node that dies.
    public var node: String
    /// Its children, whom its death leaves without a parent.
    public var orphanCount: Int
    /// Nodes that change their parents.
    public var moveCount: Int
    /// Expected subscribers below the node, its own not counted, who miss what is sent until its children are back.
    public var subscribers: Double
    public var radiusMs: TreeChange.Pair
    public var meanMs: TreeChange.Pair
    /// The node with the most children then, the first in the file among equals, and how many.
    public var busiestRelay: String
    public var busiestRelayChildren: Int
    /// The most copies of a message that one link carries, before and after; `nil` where links are not counted.
    public var linkCopies: TreeChange.Pair?
    /// Nodes that no way leads to any more, in file order.
    public var cutOff: [String]
    /// Why the tree cannot go on; `nil` = it can.
    public var failure: String?
}

extension Upkeep {
    /// For every node of every tree, in file order, what its death would do.
    ///
    /// - Throws: `PlanError` when the topology contradicts itself.
    public func deaths() throws(PlanError) -> [DeathReport] {
        try DeathSurvey(upkeep: self).reports()
    }
}

/// Lets every node die in thought.
private struct DeathSurvey {
    let upkeep: Upkeep

    private var network: Network { upkeep.network }

    func reports() throws(PlanError) -> [DeathReport] {
        let states = upkeep.states
        var reports: [DeathReport] = []
        for position in states.indices {
            let state = states[position]
            let problem = try upkeep.problem(at: position)
            let subtrees = Subtrees(state.tree, root: state.root)
            let before = TreeMeasure(state.tree, of: problem)
            let copies = problem.mostCopies(of: state.tree)
            let weight = weights(of: state, subtrees)
            for node in state.absent.indices where !state.absent[node] {
                var report = report(on: node, state, subtrees, before, weight[node])
                guard report.orphanCount > 0 || node == state.root else {
                    report.linkCopies = copies.map { .init(before: $0, after: $0) }
                    fill(&report, from: state, without: node)
                    reports.append(report)
                    continue
                }
                do throws(PlanError) {
                    let after = try upkeep.repaired(position, without: [node])
                    let measure = TreeMeasure(after.state.tree, of: after.problem)
                    report.radiusMs.after = measure.radius.milliseconds
                    report.meanMs.after = measure.mean.rounded() / Picoseconds.perMillisecond
                    report.moveCount = after.state.tree.parent.indices.count {
                        after.state.tree.parent[$0] >= 0
                            && after.state.tree.parent[$0] != state.tree.parent[$0]
                    }
                    report.cutOff = after.cutOff.map { network.topology.nodes[$0].id }
                    report.linkCopies = copies.flatMap { before in
                        after.problem.mostCopies(of: after.state.tree)
                            .map { .init(before: before, after: $0) }
                    }
                    fill(&report, from: after.state, without: node)
                } catch {
                    report.failure = error.message
                }
                reports.append(report)
            }
        }
        return reports
    }

    private func report(
        on node: Int,
        _ state: TreeState,
        _ subtrees: Subtrees,
        _ before: TreeMeasure,
        _ subscribers: Double
    ) -> DeathReport {
        let radius = before.radius.milliseconds
        let mean = before.mean.rounded() / Picoseconds.perMillisecond
        return DeathReport(
            tree: state.plan.name,
            node: network.topology.nodes[node].id,
            orphanCount: Int(subtrees.childCount(of: node)),
            moveCount: 0,
            subscribers: subscribers,
            radiusMs: .init(before: radius, after: radius),
            meanMs: .init(before: mean, after: mean),
            busiestRelay: "",
            busiestRelayChildren: 0,
            linkCopies: nil,
            cutOff: [],
            failure: nil
        )
    }

    /// Expected subscribers strictly below each node.
    private func weights(of state: TreeState, _ subtrees: Subtrees) -> [Double] {
        var below = [Double](repeating: 0, count: state.absent.count)
        for node in state.tree.breadthFirst(root: state.root).reversed() where node != state.root {
            below[Int(state.tree.parent[node])] += below[node] + network.topology.nodes[node].weight
        }
        return below
    }

    private func fill(_ report: inout DeathReport, from state: TreeState, without node: Int) {
        var counts = state.tree.childCounts()
        if !state.absent[node], state.tree.parent[node] >= 0 {
            counts[Int(state.tree.parent[node])] -= 1
        }
        var busiest: Int?
        for other in counts.indices where !state.absent[other] && other != node {
            if busiest.map({ counts[other] > counts[$0] }) ?? true { busiest = other }
        }
        guard let busiest else { return }
        report.busiestRelay = network.topology.nodes[busiest].id
        report.busiestRelayChildren = Int(counts[busiest])
    }
}

extension TreeProblem {
    /// The most copies of a message on one link; `nil` where links are not known one by one.
    func mostCopies(of tree: Arborescence) -> Double? {
        guard let links else { return nil }
        var copies = ContiguousArray<Int32>(repeating: 0, count: links.price.count)
        for node in tree.parent.indices where tree.parent[node] >= 0 {
            forEachLink(from: Int(tree.parent[node]), to: node) { copies[$0] += 1 }
        }
        return Double(copies.max() ?? 0)
    }
}
