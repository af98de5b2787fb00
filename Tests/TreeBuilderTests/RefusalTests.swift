import Testing
import Topology

@testable import TreeBuilder

/// A refusal says what is proven as proven, and the rest as what was tried.
@Suite struct RefusalTests {
    private func refusal(_ topology: Topology, _ options: PlanOptions) -> PlanError? {
        do throws(PlanError) {
            _ = try Planner.plan(topology, options: options)
            return nil
        } catch {
            return error
        }
    }

    @Test func `nodes that crowd around a few neighbours are named with them`() {
        // K(2,5): no cut node, but the root takes a slot as well: of 2 + 2 one is missing.
        let links = (2...6).flatMap { [(0, $0, 1.0), (1, $0, 1.0)] }
        let topology = SampleTopologies.make("K2,5", count: 7, links: links)
        let refused = refusal(topology, PlanOptions(root: "n0", mode: .link, fanOut: 2))
        #expect(
            refused?.message
                == "tree 'main' cannot be built in link mode: 5 nodes ('n2', 'n3', 'n4' and 2 more) "
                + "have no links but to 'n0', 'n1', which may have only 4 children together; "
                + "the smallest feasible fan-out is 3"
        )
        #expect(refused?.smallestFanOut == 3)
    }

    @Test func `a crowd is a set of nodes with fewer slots around it than members`() {
        var foundCount = 0
        for seed in UInt64(1)...200 {
            let topology = SampleTopologies.random(nodeCount: 30, chordCount: 12, seed: seed)
            guard let network = try? Network(topology),
                let problem = try? network.problem(
                    for: .init(name: "t", fanOut: .atMost(2), mode: .link)
                ),
                let crowd = SlotMatching.crowd(of: problem, capacity: problem.capacity)
            else { continue }
            foundCount += 1
            let parents = Set(crowd.parents)
            #expect(!crowd.nodes.contains(problem.root))
            for node in crowd.nodes {
                for arc in problem.graph.arcs(of: node) {
                    #expect(parents.contains(Int(problem.graph.target[arc])), "seed \(seed)")
                }
            }
            let slotCount = crowd.parents.reduce(0) { $0 + Int(problem.capacity[$1]) }
            #expect(crowd.slotCount == slotCount)
            #expect(slotCount < crowd.nodes.count, "seed \(seed)")
        }
        #expect(foundCount > 5)
    }

    @Test
    func `no tree exists where a crowd was found, and small networks are searched to the end`() {
        var crowdCount = 0
        for seed in UInt64(1)...60 {
            let topology = SampleTopologies.random(nodeCount: 6, chordCount: 2, seed: seed)
            guard let network = try? Network(topology) else { continue }
            for fanOut in 1...2 {
                let wish = Topology.Tree(name: "t", root: 0, fanOut: .atMost(fanOut), mode: .link)
                guard let problem = try? network.problem(for: wish) else { continue }
                let optimum = BruteForce.optimum(problem)
                if SlotMatching.crowd(of: problem, capacity: problem.capacity) != nil {
                    crowdCount += 1
                    #expect(optimum == nil, "seed \(seed)")
                }
                let feasibility = Feasibility(
                    problem,
                    maxChildren: ContiguousArray(repeating: nil, count: 6),
                    seed: 1
                )
                if feasibility.certainObstacle(under: problem.capacity) != nil {
                    #expect(optimum == nil, "seed \(seed)")
                }
            }
        }
        #expect(crowdCount > 10)
    }

    @Test func `a large network that has no tree is refused with the proof`() {
        // Four thousand pairs of links, and 40 nodes that have no neighbours but two of the hubs.
        var topology = SampleTopologies.scaleFree(nodeCount: 4200, seed: 21)
        for extra in 0..<40 {
            topology.nodes.append(.init(id: "x\(extra)"))
            for hub in 4000...4001 {
                topology.links.append(.init(a: hub, b: 4200 + extra, delayMilliseconds: 1))
            }
        }
        let refused = refusal(topology, PlanOptions(root: "n0", mode: .link, fanOut: 16))
        #expect(refused?.message.contains("'x0', 'x1', 'x2'") == true)
        #expect(refused?.message.contains("'n4000', 'n4001'") == true)
        #expect(refused?.message.contains("which may have only 32 children together") == true)
        #expect(refused?.smallestFanOut == 20)
        #expect(refused?.message.hasSuffix("the smallest feasible fan-out is 20") == true)
    }
}
