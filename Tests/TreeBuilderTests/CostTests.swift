import Testing
import Topology

@testable import TreeBuilder

/// The objective `cost`: as cheap as the bound on the delay allows.
@Suite struct CostTests {
    private static func topology(_ seed: UInt64, nodeCount: Int = 6) -> Topology {
        var topology = SampleTopologies.random(
            nodeCount: nodeCount,
            chordCount: nodeCount,
            seed: seed
        )
        var random = SeededGenerator(seed: seed &* 31)
        var seen = Set<[Int]>()
        topology.links = topology.links.filter {
            $0.a != $0.b && seen.insert([min($0.a, $0.b), max($0.a, $0.b)]).inserted
        }
        for index in topology.links.indices {
            topology.links[index].cost = Double(1 + random.next(below: 20))
        }
        return topology
    }

    @Test(arguments: Topology.Mode.allCases, [1, 1.5, 2, 1000])
    func `small networks get the cheapest tree within the bound`(
        mode: Topology.Mode,
        stretch: Double
    ) throws {
        for seed in UInt64(1)...6 {
            for fanOut in [Topology.FanOut.unlimited, 2] {
                var topology = Self.topology(seed)
                let wish = Topology.Tree(
                    name: "t",
                    root: 0,
                    fanOut: fanOut,
                    objective: .cost,
                    mode: .init(mode),
                    delayBound: .stretch(stretch)
                )
                topology.trees = [wish]
                var problem = try Network(topology).problem(for: wish)
                guard let first = FirstTree.tree(for: problem, seed: 1) else { continue }
                let delay = TreeMeasure(first, of: problem).delay
                let least = problem.leastDelays()
                problem.delayLimit = ContiguousArray(
                    delay.indices.map {
                        max(delay[$0], Picoseconds((Double(least[$0]) * stretch).rounded(.up)))
                    }
                )
                let optimum = try #require(BruteForce.optimum(problem))
                let plan = try Planner.plan(topology, options: PlanOptions(effort: 0.5)).trees[0]
                let cost = try #require(plan.cost)
                #expect(abs(cost - optimum) < 1e-3, "seed \(seed) fan-out \(fanOut)")
                #expect(try #require(plan.lowerBoundCost) <= optimum + 1e-3, "seed \(seed)")
                #expect(plan.costUnit == "cost" && plan.gap >= 0)
                for node in plan.nodes.indices {
                    #expect(
                        plan.nodes[node].delayMs <= (problem.delayLimit?[node] ?? 0).milliseconds,
                        "seed \(seed) node \(node)"
                    )
                }
            }
        }
    }

    @Test func `without limits it is a minimum spanning tree`() throws {
        for seed in UInt64(1)...4 {
            var topology = Self.topology(seed, nodeCount: 60)
            topology.trees = [
                .init(name: "t", objective: .cost, mode: .link, delayBound: .stretch(1e6))
            ]
            let plan = try Planner.plan(topology, options: PlanOptions(effort: 0.01)).trees[0]
            #expect(plan.cost == plan.lowerBoundCost && plan.gap < 1e-12, "seed \(seed)")
        }
    }

    @Test func `a tighter bound is dearer and never slower than it says`() throws {
        var topology = Self.topology(3, nodeCount: 40)
        var costs: [Double] = []
        for stretch in [1, 1.2, 1.5, 2, 4, 1000] {
            topology.trees = [
                .init(name: "t", objective: .cost, mode: .link, delayBound: .stretch(stretch))
            ]
            let plan = try Planner.plan(topology, options: PlanOptions(effort: 0.1)).trees[0]
            costs.append(try #require(plan.cost))
        }
        #expect(costs.first ?? 0 > costs.last ?? 0)
        #expect(zip(costs, costs.dropFirst()).allSatisfy { $0 >= $1 - 1e-9 }, "\(costs)")
    }

    @Test func `an absolute bound holds for all nodes, or is refused with the farthest`() throws {
        var topology = SampleTopologies.path(count: 6)
        topology.trees = [
            .init(name: "t", root: 0, objective: .cost, mode: .link, delayBound: .milliseconds(6.5))
        ]
        #expect(try Planner.plan(topology).trees[0].radiusMs == 6)
        topology.trees[0].delayBound = .milliseconds(5)
        let refused = #expect(throws: PlanError.self) { try Planner.plan(topology) }
        #expect(refused?.code == .infeasible && refused?.nodeID == "n5")
        #expect(refused?.message.contains("within 5.000 ms") == true)
    }

    @Test func `links whose costs are all the same cost their length`() throws {
        var topology = SampleTopologies.path(count: 3)
        let plain = try Planner.plan(topology, options: PlanOptions(objective: .cost)).trees[0]
        #expect(plain.cost == 400 && plain.costUnit == "km")
        topology.nodes[0].coordinates = .init(latitude: 0, longitude: 0)
        topology.nodes[1].coordinates = .init(latitude: 0, longitude: 1)
        let placed = try Planner.plan(topology, options: PlanOptions(objective: .cost)).trees[0]
        #expect(abs((placed.cost ?? 0) - 200 - 111.19) < 0.01)
    }

    @Test func `the other objectives' figures are those that asking for them gives`() throws {
        let topology = Self.topology(9, nodeCount: 20)
        let options = PlanOptions(fanOut: 3, effort: 0.02, comparesObjectives: true)
        let tree = try Planner.plan(topology, options: options).trees[0]
        #expect(tree.alternatives.map(\.objective) == [.mean, .cost])
        for other in tree.alternatives {
            var asked = options
            asked.objective = other.objective
            #expect(
                TreePlan.Alternative(try Planner.plan(topology, options: asked).trees[0]) == other
            )
        }
    }
}
