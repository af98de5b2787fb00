import Testing
import Topology

@testable import TreeBuilder

/// Lower bound ≤ optimum ≤ result on graphs small enough to know the optimum; and the result is the optimum.
@Suite struct OptimalityTests {
    struct Case: CustomStringConvertible {
        var mode: Topology.Mode
        var objective: Topology.Objective
        var fanOut: Topology.FanOut
        var hop: Double
        var description: String {
            "\(mode) \(objective) fan-out \(fanOut) hop \(hop)"
        }
    }

    static let cases: [Case] = Topology.Mode.allCases.flatMap { mode in
        [Topology.Objective.radius, .mean].flatMap { objective in
            [1, 2, 3, .unlimited].flatMap { (fanOut: Topology.FanOut) in
                [0, 0.2].map { Case(mode: mode, objective: objective, fanOut: fanOut, hop: $0) }
            }
        }
    }

    @Test(arguments: cases)
    func smallGraphsAreSolvedToTheOptimum(_ wish: Case) throws {
        for seed in UInt64(1)...3 {
            var topology = SampleTopologies.random(nodeCount: 6, chordCount: 4, seed: seed)
            if seed.isMultiple(of: 2) { topology.nodes[Int(seed)].maxChildren = 1 }
            let tree = Topology.Tree(
                name: "t",
                fanOut: wish.fanOut,
                objective: wish.objective,
                mode: .init(wish.mode),
                hopDelayMilliseconds: wish.hop
            )
            topology.trees = [tree]
            let problem = try Network(topology).problem(for: tree)
            let optimum = BruteForce.optimum(problem)
            let bound = LowerBound.value(of: problem)
            do {
                let options = PlanOptions(effort: 1)
                let plan = try Planner.plan(topology, options: options).trees[0]
                let best = try #require(optimum, "a plan for an infeasible problem, seed \(seed)")
                #expect(bound <= best * (1 + 1e-12), "seed \(seed)")
                let value = wish.objective == .radius ? plan.radiusMs : plan.meanMs
                #expect(abs(value - best / 1e9) < 1e-8, "seed \(seed)")
                #expect(plan.lowerBoundMs <= best / 1e9 + 1e-12, "seed \(seed)")
                #expect(plan.gap >= 0)
            } catch let error as PlanError {
                #expect(error.code == .infeasible, "seed \(seed): \(error)")
                #expect(optimum == nil, "seed \(seed) refused, but feasible: \(error)")
            }
        }
    }

    @Test func withoutCapsLinkModeIsTheShortestPathTree() throws {
        for seed in UInt64(1)...5 {
            let topology = SampleTopologies.random(nodeCount: 60, chordCount: 50, seed: seed)
            let plan = try Planner.plan(topology, options: PlanOptions(mode: .link)).trees[0]
            #expect(plan.gap == 0, "seed \(seed)")
            let mean = try Planner.plan(
                topology,
                options: PlanOptions(mode: .link, objective: .mean)
            ).trees[0]
            #expect(mean.gap < 1e-9, "seed \(seed)")
        }
    }

    @Test func theBoundIsAtLeastEccentricityPlusOneHop() throws {
        let topology = SampleTopologies.random(nodeCount: 30, chordCount: 20, seed: 9)
        for fanOut in [2, 3, 30] {
            let options = PlanOptions(
                mode: .mesh,
                fanOut: .atMost(fanOut),
                hopDelayMilliseconds: 0.5,
                effort: 0.01
            )
            let tree = try Planner.plan(topology, options: options).trees[0]
            let network = try Network(topology)
            let root = try #require(topology.nodes.firstIndex { $0.id == tree.root })
            let eccentricity = try #require(network.delays).eccentricity(of: root).milliseconds
            #expect(tree.lowerBoundMs >= eccentricity + 0.5 - 1e-9)
        }
    }

    @Test func levelsFollowTheCapacities() throws {
        var topology = SampleTopologies.path(count: 8)
        topology.nodes[3].maxChildren = 1
        let tree = Topology.Tree(name: "t", root: 3, fanOut: 2, mode: .mesh)
        let problem = try Network(topology).problem(for: tree)
        #expect(LowerBound.levels(of: problem) == [1, 2, 2, 3, 3, 3, 3])
    }
}
