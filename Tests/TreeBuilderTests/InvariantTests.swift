import Testing
import Topology

@testable import TreeBuilder

/// What must hold for every plan, on seeded random graphs, checked from the plan and the topology alone.
@Suite struct InvariantTests {
    @Test(arguments: Topology.Mode.allCases, Topology.Objective.allCases)
    func plansKeepEveryPromise(mode: Topology.Mode, objective: Topology.Objective) throws {
        for seed in UInt64(1)...6 {
            var topology = SampleTopologies.random(nodeCount: 24, chordCount: 24, seed: seed)
            topology.nodes[Int(seed)].maxChildren = 1
            for fanOut in [2, 3, 5, nil] as [Int?] {
                topology.trees = [
                    .init(
                        name: "t",
                        fanOut: fanOut.map { .atMost($0) } ?? .unlimited,
                        objective: objective,
                        mode: .init(mode),
                        hopDelayMilliseconds: 0.3
                    )
                ]
                do throws(PlanError) {
                    let plan = try Planner.plan(
                        topology,
                        options: PlanOptions(seed: seed, effort: 0.02)
                    )
                    try check(plan.trees[0], of: topology, fanOut: fanOut, seed: seed)
                    let again = try Planner.plan(
                        topology,
                        options: PlanOptions(seed: seed, effort: 0.02)
                    )
                    #expect(PlanJSON.render(plan) == PlanJSON.render(again), "seed \(seed)")
                } catch {
                    #expect(mode == .link && error.code == .infeasible, "seed \(seed): \(error)")
                }
            }
        }
    }

    private func check(
        _ tree: TreePlan,
        of topology: Topology,
        fanOut: Int?,
        seed: UInt64
    ) throws(PlanError) {
        let index = Dictionary(uniqueKeysWithValues: tree.nodes.enumerated().map { ($1.id, $0) })
        let shortest = allPairs(topology)
        let direct = links(topology)
        #expect(tree.nodes.map(\.id) == topology.nodes.map(\.id))
        #expect(tree.nodes.filter { $0.parent == nil }.map(\.id) == [tree.root])
        #expect(tree.nodes.map(\.rank).sorted() == Array(0..<tree.nodes.count))
        for (position, node) in tree.nodes.enumerated() {
            let limit = min(fanOut ?? .max, topology.nodes[position].maxChildren ?? .max)
            #expect(node.children.count <= limit, "seed \(seed) node \(node.id)")
            #expect(node.backups.count <= 3)
            for child in node.children {
                #expect(index[child].map { tree.nodes[$0].parent } == node.id)
            }
            guard let parentID = node.parent, let parent = index[parentID] else {
                #expect(node.rank == 0 && node.level == 0 && node.delayMs == 0)
                #expect(node.backups.isEmpty)
                continue
            }
            let above = tree.nodes[parent]
            let edge = tree.mode == .link ? direct[parent][position] : shortest[parent][position]
            #expect(
                abs(node.delayMs - above.delayMs - edge - tree.hopDelayMs) < 1e-6,
                "seed \(seed) node \(node.id)"
            )
            #expect(above.rank < node.rank && above.level == node.level - 1)
            #expect(above.children.contains(node.id))
            #expect(Set(node.backups).count == node.backups.count)
            for backup in node.backups {
                let rank = index[backup].map { tree.nodes[$0].rank }
                #expect(backup != parentID && rank.map { $0 < node.rank } == true)
            }
        }
        let largest = tree.nodes.map(\.delayMs).max()
        #expect(largest == tree.radiusMs)
        let weights = topology.nodes.enumerated().map {
            tree.nodes[$0].parent == nil ? 0 : $1.weight
        }
        let sum = zip(weights, tree.nodes).reduce(0.0) { $0 + $1.0 * $1.1.delayMs }
        #expect(abs(sum / weights.reduce(0, +) - tree.meanMs) < 1e-6)
        let value = tree.objective == .mean ? tree.meanMs : tree.radiusMs
        #expect(tree.lowerBoundMs <= value)
    }

    /// Floyd and Warshall, in milliseconds.
    private func allPairs(_ topology: Topology) -> [[Double]] {
        var delay = links(topology)
        for middle in delay.indices {
            for from in delay.indices {
                for to in delay.indices {
                    delay[from][to] = min(delay[from][to], delay[from][middle] + delay[middle][to])
                }
            }
        }
        return delay
    }

    private func links(_ topology: Topology) -> [[Double]] {
        let row = [Double](repeating: .infinity, count: topology.nodes.count)
        var delay = [[Double]](repeating: row, count: topology.nodes.count)
        for node in delay.indices { delay[node][node] = 0 }
        for link in topology.links where link.a != link.b {
            let least = min(delay[link.a][link.b], link.delayMilliseconds)
            delay[link.a][link.b] = least
            delay[link.b][link.a] = least
        }
        return delay
    }

    @Test func anotherSeedMayDifferButTheSameSeedDoesNot() throws {
        let topology = SampleTopologies.random(nodeCount: 40, chordCount: 30, seed: 3)
        let options = PlanOptions(mode: .mesh, fanOut: 2, seed: 7, effort: 0.02)
        let first = try Planner.plan(topology, options: options)
        let second = try Planner.plan(topology, options: options)
        #expect(PlanJSON.render(first) == PlanJSON.render(second))
        #expect(PlanSVG.render(first) == PlanSVG.render(second))
    }

    @Test func moreEffortIsNeverWorseThanTheFirstTree() throws {
        for seed in UInt64(1)...4 {
            let topology = SampleTopologies.random(nodeCount: 40, chordCount: 30, seed: seed)
            for mode in Topology.Mode.allCases {
                let fanOut = mode == .mesh ? 2 : 6
                let none = try Planner.plan(
                    topology,
                    options: PlanOptions(mode: .init(mode), fanOut: .atMost(fanOut), effort: 0)
                )
                let some = try Planner.plan(
                    topology,
                    options: PlanOptions(mode: .init(mode), fanOut: .atMost(fanOut), effort: 0.02)
                )
                #expect(some.trees[0].radiusMs <= none.trees[0].radiusMs, "seed \(seed) \(mode)")
            }
        }
    }
}
