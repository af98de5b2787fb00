import Foundation
import Testing
import Topology

@testable import TreeBuilder

/// Two trees to every node: whoever dies, nobody loses both feeds.
@Suite struct RedundancyTests {
    /// The nodes on the way from the root to a node, both left out, by id.
    private static func ways(_ parents: [String: String]) -> [String: Set<String>] {
        var ways: [String: Set<String>] = [:]
        for id in parents.keys {
            var way: Set<String> = []
            var node = parents[id]
            while let above = node, let next = parents[above] {
                way.insert(above)
                node = next
                if way.count > parents.count { break }
            }
            ways[id] = way
        }
        return ways
    }

    /// Who is cut off from the root when a node is gone, by looking.
    private static func cutOff(by gone: Int, in topology: Topology, root: Int) -> Set<Int> {
        var isReached = Set([root])
        var pending = [root]
        while let node = pending.popLast() {
            for link in topology.links {
                for (from, to) in [(link.a, link.b), (link.b, link.a)]
                where from == node && to != gone && isReached.insert(to).inserted {
                    pending.append(to)
                }
            }
        }
        return Set(topology.nodes.indices).subtracting(isReached).subtracting([gone])
    }

    /// For the death of every node: who loses both feeds.
    private func check(_ plan: TreePlan, of topology: Topology, _ seed: UInt64) throws {
        let second = try #require(plan.redundancy)
        #expect(second.nodes.map(\.id) == plan.nodes.map(\.id), "seed \(seed)")
        var parents: [[String: String]] = [[:], [:]]
        for node in plan.nodes { parents[0][node.id] = node.parent }
        for place in second.nodes { parents[1][place.id] = place.parent }
        for tree in parents {
            #expect(Set(tree.keys) == Set(plan.nodes.map(\.id)).subtracting([plan.root]))
        }
        let ways = parents.map(Self.ways)
        let index = Dictionary(
            uniqueKeysWithValues: topology.nodes.enumerated().map { ($1.id, $0) }
        )
        let root = try #require(index[plan.root])
        var cutNodes: Set<String> = []
        for dead in plan.nodes.map(\.id) where dead != plan.root {
            let place = try #require(index[dead])
            let apart =
                plan.mode == .link ? Self.cutOff(by: place, in: topology, root: root) : []
            for node in plan.nodes.map(\.id) where node != plan.root && node != dead {
                let losesBoth = ways.allSatisfy { $0[node]?.contains(dead) == true }
                let isApart = apart.contains(index[node] ?? -1)
                #expect(losesBoth == isApart, "seed \(seed): \(dead) dies, \(node)")
                if losesBoth { cutNodes.insert(dead) }
            }
        }
        #expect(second.cutNodes == plan.nodes.map(\.id).filter { cutNodes.contains($0) })
    }

    private func checkFigures(_ plan: TreePlan, of topology: Topology, limit: Int?) throws {
        let second = try #require(plan.redundancy)
        var delays: [String: Double] = [:]
        for place in second.nodes { delays[place.id] = place.delayMs }
        for (node, place) in zip(plan.nodes, second.nodes) {
            if let limit { #expect(node.children.count + place.children.count <= limit) }
            for child in place.children { #expect((delays[child] ?? 0) >= place.delayMs) }
        }
        #expect(second.radiusMs == second.nodes.map(\.delayMs).max())
        let value = plan.objective == .mean ? second.meanMs : second.radiusMs
        #expect(value >= plan.lowerBoundMs - 1e-9 && second.gap >= 0)
    }

    @Test(arguments: [Topology.Objective.radius, .mean])
    func `no node's death costs another both feeds, in mode mesh`(
        objective: Topology.Objective
    ) throws {
        for seed in UInt64(1)...6 {
            var topology = SampleTopologies.random(nodeCount: 22, chordCount: 14, seed: seed)
            for fanOut in [2, 4, nil] as [Int?] {
                topology.trees = [
                    .init(
                        name: "t",
                        fanOut: fanOut.map { .atMost($0) } ?? .unlimited,
                        objective: objective,
                        mode: .mesh
                    )
                ]
                topology.trees[0].redundancy = 2
                let plan = try Planner.plan(topology, options: PlanOptions(effort: 0.01)).trees[0]
                try check(plan, of: topology, seed)
                try checkFigures(plan, of: topology, limit: fanOut)
                // Nobody but the root has children in both.
                for (node, place) in zip(plan.nodes, plan.redundancy?.nodes ?? [])
                where node.id != plan.root {
                    #expect(node.children.isEmpty || place.children.isEmpty, "seed \(seed)")
                }
            }
        }
    }

    @Test func `along links only who has no way around a node loses both feeds with it`() throws {
        for seed in UInt64(1)...40 {
            let chords = Int(seed % 5) * 4
            var topology = SampleTopologies.random(nodeCount: 18, chordCount: chords, seed: seed)
            topology.links.removeAll { $0.a == $0.b }
            topology.trees = [
                .init(name: "t", objective: seed % 2 == 0 ? .mean : .radius, mode: .link)
            ]
            topology.trees[0].redundancy = 2
            let plan = try Planner.plan(topology, options: PlanOptions(effort: 0.1)).trees[0]
            try check(plan, of: topology, seed)
            try checkFigures(plan, of: topology, limit: nil)
        }
    }

    @Test func `limits of children hold for both trees together, along links`() throws {
        var plannedCount = 0
        for seed in UInt64(1)...20 {
            var topology = SampleTopologies.random(nodeCount: 16, chordCount: 40, seed: seed)
            topology.links.removeAll { $0.a == $0.b }
            topology.trees = [.init(name: "t", fanOut: 4, mode: .link)]
            topology.trees[0].redundancy = 2
            do throws(PlanError) {
                let plan = try Planner.plan(topology).trees[0]
                plannedCount += 1
                try? check(plan, of: topology, seed)
                try? checkFigures(plan, of: topology, limit: 4)
            } catch {
                #expect(error.code == .infeasible && error.message.contains("no two trees"))
            }
        }
        #expect(plannedCount >= 10)
    }

    @Test func `uplinks and links carry both trees`() throws {
        var topology = SampleTopologies.make(
            "ring",
            count: 4,
            links: [(0, 1, 1), (1, 2, 1), (2, 3, 1), (3, 0, 1)]
        )
        topology.trees = [.init(name: "t", root: 0, mode: .link, rateBitsPerSecond: 1e6)]
        topology.trees[0].redundancy = 2
        for node in topology.nodes.indices { topology.nodes[node].uplinkBitsPerSecond = 2e6 }
        try check(try Planner.plan(topology).trees[0], of: topology, 0)
        topology.nodes[0].uplinkBitsPerSecond = 1e6
        let refused = #expect(throws: PlanError.self) { try Planner.plan(topology) }
        #expect(refused?.code == .infeasible && refused?.message.contains("redundant: 2") == true)
    }

    @Test func `a second tree is in text and JSON, and reads back`() throws {
        var topology = SampleTopologies.quickstart
        topology.trees[0].fanOut = .unlimited
        topology.trees[0].redundancy = 2
        let plan = try Planner.plan(topology)
        let text = PlanText.render(plan, topology: topology)
        #expect(text.contains("second tree") && text.contains("relays follow the first tree"))
        #expect(plan.trees[0].redundancy?.cutNodes == ["rome"])
        #expect(text.contains("Rome: without it others lose both feeds"))
        let json = PlanJSON.render(plan)
        #expect(try JSONDecoder().decode(Plan.self, from: Data(json.utf8)) == plan)
        let encoded = try JSONEncoder().encode(plan)
        #expect(try JSONDecoder().decode(Plan.self, from: encoded) == plan)
        // One tree says nothing of a second.
        topology.trees[0].redundancy = 1
        #expect(!PlanJSON.render(try Planner.plan(topology)).contains("redundant"))
    }

    @Test func `pass-through nodes that forward in neither tree are left out`() throws {
        var topology = SampleTopologies.make(
            "ring and a stub",
            count: 5,
            links: [(0, 1, 1), (1, 2, 1), (2, 3, 1), (3, 0, 1), (2, 4, 1)]
        )
        for node in [1, 3, 4] { topology.nodes[node].isPassThrough = true }
        topology.trees = [.init(name: "t", root: 0, mode: .link)]
        topology.trees[0].redundancy = 2
        let plan = try Planner.plan(topology).trees[0]
        #expect(plan.leftOut == ["n4"] && plan.nodes.count == 4)
        #expect(plan.redundancy?.nodes.map(\.id) == plan.nodes.map(\.id))
        #expect(plan.redundancy?.cutNodes == [])
    }

    // MARK: Upkeep

    @Test func `a second tree stays while the first does, and is made anew around it in mode mesh`()
        throws
    {
        var topology = SampleTopologies.random(nodeCount: 20, chordCount: 20, seed: 4)
        topology.trees = [.init(name: "t", fanOut: 4, mode: .mesh)]
        topology.trees[0].redundancy = 2
        let plan = try Planner.plan(topology, options: PlanOptions(effort: 0.02))
        #expect(try plan.replan(for: topology).plan == plan)
        for node in plan.trees[0].nodes where node.parent != nil {
            let after = try plan.replan(for: topology, without: [node.id]).plan.trees[0]
            // A first tree that forwards at many nodes may leave none for a second.
            guard after.redundancy != nil else { continue }
            try check(after, of: topology, 4)
            try checkFigures(after, of: topology, limit: 4)
        }
    }

    @Test func `along links a change leaves no second tree`() throws {
        var topology = SampleTopologies.grid(side: 3)
        topology.trees = [.init(name: "t", root: 0, mode: .link)]
        topology.trees[0].redundancy = 2
        let plan = try Planner.plan(topology)
        #expect(try plan.replan(for: topology).plan == plan)
        let after = try plan.replan(for: topology, without: ["n8"]).plan
        #expect(after.trees[0].redundancy == nil)
        #expect(after.notes.contains { $0.contains("has no second tree any more") })
    }

    @Test func `kinds of trees that exclude each other are refused`() throws {
        var topology = SampleTopologies.quickstart
        var options = PlanOptions(objective: .cost)
        options.redundancy = 2
        let refused = #expect(throws: PlanError.self) {
            try Planner.plan(topology, options: options)
        }
        #expect(refused?.code == .invalidValue && refused?.message.contains("redundant: 2") == true)
        topology.trees[0].regionStretch = 1.2
        options = PlanOptions()
        options.redundancy = 2
        #expect(throws: PlanError.self) { try Planner.plan(topology, options: options) }
    }
}
