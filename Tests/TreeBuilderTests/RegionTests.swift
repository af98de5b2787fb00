import Foundation
import Testing
import Topology

@testable import TreeBuilder

/// One copy for each region, within a stretch.
@Suite struct RegionTests {
    /// Places in regions: short ways within, long ones between.
    private static func topology(
        _ seed: UInt64,
        nodeCount: Int,
        regionCount: Int
    ) -> Topology {
        var random = SeededGenerator(seed: seed &* 13)
        var topology = Topology(name: "regions \(seed)")
        for node in 0..<nodeCount {
            let weight = Double(1 + random.next(below: 4))
            topology.nodes.append(.init(id: "n\(node)", weight: weight))
            topology.nodes[node].region = "r\(node % regionCount)"
            guard node > 0 else { continue }
            for _ in 0..<2 {
                let other = random.next(below: node)
                let isFar = other % regionCount != node % regionCount
                let delay = Double(random.next(below: 30)) / 10 + (isFar ? 10 : 0.1)
                guard !topology.links.contains(where: { $0.a == other && $0.b == node }) else {
                    continue
                }
                topology.links.append(.init(a: other, b: node, delayMilliseconds: delay))
            }
        }
        return topology
    }

    private func check(_ tree: TreePlan, of topology: Topology, _ seed: UInt64) throws {
        let regions = try #require(tree.regions)
        var regionOf: [String: String] = [:]
        for node in topology.nodes { regionOf[node.id] = node.region ?? "of \(node.id)" }
        let copies = tree.nodes.count { node in
            node.parent.map { regionOf[$0] != regionOf[node.id] } ?? false
        }
        #expect(regions.copies == copies, "seed \(seed)")
        #expect(regions.leastCopies <= copies, "seed \(seed)")
        #expect(copies <= regions.freeCopies, "seed \(seed)")
        let value = tree.objective == .mean ? tree.meanMs : tree.radiusMs
        #expect(value <= regions.freeMs * regions.stretch + 1e-6, "seed \(seed)")
        #expect(value >= tree.lowerBoundMs, "seed \(seed)")
        for head in regions.heads {
            let entries = tree.nodes.filter { node in
                regionOf[node.id] == head.region
                    && node.parent.map { regionOf[$0] != head.region } ?? true
            }
            #expect(entries.map(\.id) == head.nodes, "seed \(seed) \(head.region)")
        }
    }

    @Test(arguments: Topology.Mode.allCases, [Topology.Objective.radius, .mean])
    func `small networks get the fewest copies that the stretch allows`(
        mode: Topology.Mode,
        objective: Topology.Objective
    ) throws {
        var bestCount = 0
        var count = 0
        for seed in UInt64(1)...8 {
            for (stretch, fanOut) in [(1.0, 3), (1.5, 3), (10, 6)] {
                var topology = Self.topology(seed, nodeCount: 6, regionCount: 2)
                topology.trees = [
                    .init(
                        name: "t",
                        root: 0,
                        fanOut: .atMost(fanOut),
                        objective: objective,
                        mode: .init(mode)
                    )
                ]
                topology.trees[0].regionStretch = stretch
                guard
                    let tree = try? Planner.plan(topology, options: PlanOptions(effort: 0.3))
                        .trees[0]
                else { continue }
                try check(tree, of: topology, seed)
                let regions = try #require(tree.regions)
                let problem = try Network(topology).problem(for: topology.trees[0])
                let least = try #require(
                    Self.fewestCopies(problem, topology, within: regions.freeMs * stretch)
                )
                #expect(regions.leastCopies <= least && regions.copies >= least, "seed \(seed)")
                count += 1
                if regions.copies == least { bestCount += 1 }
            }
        }
        #expect(count >= 20 && bestCount * 10 >= count * 9, "\(bestCount) of \(count)")
    }

    /// By looking at every assignment of parents.
    private static func fewestCopies(
        _ problem: TreeProblem,
        _ topology: Topology,
        within limit: Double
    ) -> Int? {
        let count = CopyCount(problem, of: topology)
        var parent = [Int](repeating: 0, count: problem.nodeCount)
        var best: Int?
        while true {
            var tree = Arborescence(nodeCount: problem.nodeCount)
            var isPossible = true
            for node in parent.indices where node != problem.root {
                guard parent[node] != node,
                    let edge = problem.edgeDelay(from: parent[node], to: node)
                else {
                    isPossible = false
                    break
                }
                tree.attach(node, to: parent[node], edge: edge)
            }
            if isPossible, tree.isSpanning(root: problem.root),
                tree.excess(over: problem.capacity) == 0
            {
                let measure = TreeMeasure(tree, of: problem)
                let value = measure.value(for: problem.objective) / Picoseconds.perMillisecond
                if value <= limit + 1e-9 {
                    best = min(best ?? .max, count.copies(of: tree))
                }
            }
            var digit = 0
            while digit < parent.count {
                if digit != problem.root {
                    parent[digit] += 1
                    if parent[digit] < parent.count { break }
                    parent[digit] = 0
                }
                digit += 1
            }
            if digit == parent.count { return best }
        }
    }

    @Test func `with time enough every region has one head`() throws {
        for seed in UInt64(1)...4 {
            var topology = Self.topology(seed, nodeCount: 30, regionCount: 4)
            topology.trees = [.init(name: "t", fanOut: 4, mode: .mesh)]
            topology.trees[0].regionStretch = 5
            let tree = try Planner.plan(topology, options: PlanOptions(effort: 0.02)).trees[0]
            try check(tree, of: topology, seed)
            let regions = try #require(tree.regions)
            #expect(regions.copies == 3 && regions.leastCopies == 3, "seed \(seed)")
            #expect(regions.heads.allSatisfy { $0.nodes.count == 1 }, "seed \(seed)")
            #expect(regions.copies < regions.freeCopies, "seed \(seed)")
        }
    }

    @Test func `a wider stretch has no more copies`() throws {
        var topology = Self.topology(5, nodeCount: 24, regionCount: 4)
        topology.trees = [.init(name: "t", root: 0, fanOut: 5, mode: .mesh)]
        var copies: [Int] = []
        for stretch in [1, 1.3, 5] {
            topology.trees[0].regionStretch = stretch
            let tree = try Planner.plan(topology, options: PlanOptions(effort: 0.05)).trees[0]
            try check(tree, of: topology, 5)
            copies.append(try #require(tree.regions).copies)
        }
        #expect(zip(copies, copies.dropFirst()).allSatisfy { $0 >= $1 }, "\(copies)")
        #expect(copies.last == 3)
    }

    @Test func `what was done for regions is in text and JSON, and reads back`() throws {
        var topology = Self.topology(2, nodeCount: 9, regionCount: 3)
        topology.trees = [.init(name: "t", mode: .mesh)]
        #expect(!PlanJSON.render(try Planner.plan(topology)).contains("\"regions\":"))
        topology.trees[0].regionStretch = 1.5
        let plan = try Planner.plan(topology)
        let text = PlanText.render(plan, topology: topology)
        #expect(text.contains("between regions, no tree has fewer than 2"))
        #expect(text.contains("at most 1.500 ×"))
        let json = PlanJSON.render(plan)
        #expect(try JSONDecoder().decode(Plan.self, from: Data(json.utf8)) == plan)
        let encoded = try JSONEncoder().encode(plan)
        #expect(try JSONDecoder().decode(Plan.self, from: encoded) == plan)
    }

    @Test func `a change keeps count of the copies`() throws {
        var topology = Self.topology(3, nodeCount: 16, regionCount: 3)
        topology.trees = [.init(name: "t", fanOut: 4, mode: .mesh)]
        topology.trees[0].regionStretch = 2
        let plan = try Planner.plan(topology, options: PlanOptions(effort: 0.05))
        #expect(try plan.replan(for: topology).plan == plan)
        let leaf = try #require(plan.trees[0].nodes.last { $0.children.isEmpty })
        let after = try plan.replan(for: topology, without: [leaf.id]).plan.trees[0]
        let regions = try #require(after.regions)
        var regionOf: [String: String] = [:]
        for node in topology.nodes { regionOf[node.id] = node.region }
        #expect(
            regions.copies
                == after.nodes.count { node in
                    node.parent.map { regionOf[$0] != regionOf[node.id] } ?? false
                }
        )
    }
}
