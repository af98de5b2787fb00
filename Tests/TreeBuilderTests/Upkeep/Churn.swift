import Topology

@testable import TreeBuilder

/// A seeded sequence of joins and deaths, each followed by as many moves for the better as are left of two an event.
struct Churn {
    let nodeCount: Int
    let aboutCount: Int
    let eventCount: Int
    let seed: UInt64

    struct Outcome: CustomStringConvertible {
        var moveCount = 0
        var eventCount = 0
        /// Radius over that of a fresh plan with the same root, at its worst and on average.
        var worstShare = 0.0
        var shares: [Double] = []

        var movesPerEvent: Double { Double(moveCount) / Double(eventCount) }
        var description: String {
            let mean = shares.reduce(0, +) / Double(max(1, shares.count))
            return
                "\(eventCount) events, \(movesPerEvent) moves each; radius beside a fresh plan's: "
                + "mean \(mean), worst \(worstShare)"
        }
    }

    func run(freshEvery: Int, effort: Double) throws -> Outcome {
        let topology = EventTests.plane(nodeCount: nodeCount, seed: seed)
        let first = try Planner.plan(topology, options: PlanOptions(effort: effort))
        var upkeep = try Upkeep(first, of: topology)
        var random = SeededGenerator(seed: seed &+ 77)
        var outcome = Outcome()
        // The sequence begins at its usual size.
        let surplus = first.trees[0].nodes.filter { $0.id != first.trees[0].root }.map(\.id)
        var out = Array(surplus.prefix(nodeCount - aboutCount))
        _ = try upkeep.repair(without: out)
        _ = try upkeep.improve(atMost: 1_000)
        for event in 1...eventCount {
            let count = upkeep.plan.nodes.count
            let isJoin =
                !out.isEmpty
                && (count <= aboutCount - 10 || count < aboutCount + 10 && random.next() & 1 == 0)
            let change: PlanChange
            if isJoin {
                change = try upkeep.join(out.remove(at: random.next(below: out.count)))
            } else {
                let id = upkeep.plan.nodes[random.next(below: count)].id
                out.append(id)
                change = try upkeep.repair(without: [id])
            }
            outcome.eventCount += 1
            outcome.moveCount += change.moveCount
            let left = 2 * outcome.eventCount - outcome.moveCount
            if left > 0 { outcome.moveCount += try upkeep.improve(atMost: left).moveCount }
            guard event % freshEvery == 0 else { continue }
            let tree = upkeep.plan.trees[0]
            let fresh = try Planner.plan(
                EventTests.part(topology, of: upkeep.plan),
                options: PlanOptions(root: tree.root, effort: effort)
            )
            let share = tree.radiusMs / fresh.trees[0].radiusMs
            outcome.shares.append(share)
            outcome.worstShare = max(outcome.worstShare, share)
        }
        return outcome
    }
}
