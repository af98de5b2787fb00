import Testing
import Topology

@testable import TreeBuilder

/// Several trees of one file: their roots are spread, and through all that happens they keep together within uplinks and links.
@Suite struct TreesTogetherTests {
    @Test func `roots that nobody names are spread`() throws {
        // Four nodes are equally central.
        var topology = SampleTopologies.grid(side: 6)
        topology.trees = (0..<3).map {
            .init(name: "t\($0)", topics: ["\($0)"], fanOut: 4, mode: .mesh)
        }
        let options = PlanOptions(effort: 0.02)
        let trees = try Planner.plan(topology, options: options).trees
        #expect(Set(trees.map(\.root)).count == 3)
        // One that is asked for alone is the same as among the others.
        var alone = options
        alone.tree = "t2"
        #expect(try Planner.plan(topology, options: alone).trees == [trees[2]])
    }

    @Test func `a root that is named is left to its tree, unless all else is far off`() throws {
        var topology = EventTests.plane(nodeCount: 30, seed: 12)
        let options = PlanOptions(effort: 0.02)
        let centre = try Planner.plan(topology, options: options).trees[0].root
        let index = try #require(topology.nodes.firstIndex { $0.id == centre })
        topology.trees = [
            .init(name: "a", topics: ["a"], fanOut: 4),
            .init(name: "b", root: index, topics: ["b"], fanOut: 4),
        ]
        #expect(try Planner.plan(topology, options: options).trees[0].root != centre)
        var star = SampleTopologies.star(leafCount: 6)
        star.trees = ["a", "b"].map { .init(name: $0, topics: [$0], mode: .link) }
        #expect(try Planner.plan(star, options: options).trees.map(\.root) == ["n0", "n0"])
    }

    /// Two trees share uplinks of four copies, and links of three.
    private func shared(_ seed: UInt64) -> Topology {
        var topology = SampleTopologies.backbone(nodeCount: 24, ringCount: 20, seed: seed)
        for node in topology.nodes.indices { topology.nodes[node].uplinkBitsPerSecond = 5e6 }
        for link in topology.links.indices { topology.links[link].bandwidthBitsPerSecond = 8e6 }
        topology.trees = ["a", "b"].map {
            .init(name: $0, topics: [$0], mode: .mesh, rateBitsPerSecond: 1e6)
        }
        return topology
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func `all trees together keep within uplinks and links, whatever happens`(seed: UInt64) throws {
        let topology = shared(seed)
        var upkeep = try Upkeep(
            try Planner.plan(topology, options: PlanOptions(effort: 0.02)),
            of: topology
        )
        try check(upkeep, "seed \(seed), at first")
        var random = SeededGenerator(seed: seed)
        var out: [String] = []
        var doneCount = 0
        for event in 0..<40 {
            let comment = "seed \(seed), event \(event)"
            let present = upkeep.plan.nodes.map(\.id)
            do throws(PlanError) {
                if !out.isEmpty, random.next() & 1 == 0 {
                    try upkeep.join(out[0])
                    out.removeFirst()
                } else if out.count < 6 {
                    let id = present[random.next(below: present.count)]
                    try upkeep.repair(without: [id])
                    out.append(id)
                } else {
                    try upkeep.improve(atMost: 2)
                }
                doneCount += 1
            } catch {
                // Links may leave no way; then nothing has changed.
                #expect(error.code == .infeasible, "\(comment): \(error)")
            }
            try check(upkeep, comment)
        }
        #expect(doneCount > 20)
    }

    private func check(_ upkeep: Upkeep, _ comment: String) throws {
        let topology = upkeep.network.topology
        var sent = [Int](repeating: 0, count: topology.nodes.count)
        var carried = [Int](repeating: 0, count: topology.links.count)
        for state in upkeep.states {
            let problem = try upkeep.network.problem(for: state, budgets: Budgets(topology))
            for node in state.tree.parent.indices where state.tree.parent[node] >= 0 {
                sent[Int(state.tree.parent[node])] += 1
                problem.forEachLink(from: Int(state.tree.parent[node]), to: node) {
                    carried[$0] += 1
                }
            }
        }
        #expect(sent.allSatisfy { $0 <= 5 }, "\(comment): uplinks")
        #expect(carried.allSatisfy { $0 <= 8 }, "\(comment): links")
    }
}
