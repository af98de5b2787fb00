import Foundation
import Testing
import Topology

@testable import TreeBuilder

/// A node dies: who moves, where to, and what that does to the tree.
@Suite struct RepairTests {
    struct Bar {
        var ratios: [Double] = []
        var inflations: [Double] = []

        mutating func add(_ change: TreeChange, orphanCount: Int) {
            ratios.append(Double(change.moves.count) / Double(orphanCount))
            inflations.append(change.radiusMs.after / change.radiusMs.before)
        }

        func quantile(_ share: Double) -> Double {
            let sorted = inflations.sorted()
            return sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
        }
    }

    /// Every interior node dies in turn.
    private func crashAll(_ topology: Topology, fanOut: Int, effort: Double) throws -> Bar {
        let plan = try Planner.plan(
            topology,
            options: PlanOptions(
                mode: .mesh,
                fanOut: .atMost(fanOut),
                hopDelayMilliseconds: 0.2,
                effort: effort
            )
        )
        let upkeep = try Upkeep(plan, of: topology)
        var bar = Bar()
        for node in plan.trees[0].nodes where !node.children.isEmpty {
            let isRoot = node.parent == nil
            var trial = upkeep
            let change = try trial.repair(without: [node.id])
            if !isRoot { bar.add(change.trees[0], orphanCount: node.children.count) }
            let comment = "death of \(node.id)"
            #expect(
                Set(change.trees[0].moves.map(\.node)) == Set(node.children),
                "\(comment) moves others"
            )
            #expect(change.trees[0].spareSlots.isEmpty)
            MoveReplay(
                plan.trees[0],
                change.plan.trees[0],
                change.trees[0],
                dead: [node.id],
                limit: { _ in fanOut }
            ).check(comment)
        }
        return bar
    }

    @Test(
        .enabled(
            if: ZooTests.isPresent,
            "SKIPPED: the folder with the Topology Zoo is not beside the repository"
        ),
        arguments: ["Geant2012", "Interoute", "Cogentco"]
    )
    func `real networks move the children of the dead and keep their radius`(_ name: String) throws
    {
        let file = ZooTests.folder.appending(path: "\(name).graphml")
        let topology = try TopologyReader.read([UInt8](Data(contentsOf: file)), file: name)
        let bar = try crashAll(topology, fanOut: 4, effort: 0.05)
        print(
            "\(name): \(bar.ratios.count) deaths, radius after/before median \(bar.quantile(0.5)), "
                + "p95 \(bar.quantile(0.95)), most \(bar.quantile(1))"
        )
        #expect(bar.ratios.allSatisfy { $0 == 1 })
        #expect(bar.quantile(0.5) <= 1.0001)
        #expect(bar.quantile(0.95) <= 1.25)
    }

    @Test(arguments: [2, 3, 4, 8])
    func `made networks move the children of the dead and nobody else`(fanOut: Int) throws {
        for seed in UInt64(1)...3 {
            let topology = SampleTopologies.backbone(nodeCount: 60, ringCount: 20, seed: seed)
            let bar = try crashAll(topology, fanOut: fanOut, effort: 0.02)
            #expect(bar.ratios.count > 5 && bar.ratios.allSatisfy { $0 == 1 })
        }
    }

    /// Where few nodes are to be placed, all places can be tried: the ones that were found are hardly ever beaten.
    @Test func `places of the orphans are nearly the best there are`() throws {
        var shares: [Double] = []
        for seed in UInt64(1)...12 {
            let topology = SampleTopologies.backbone(nodeCount: 14, ringCount: 5, seed: seed)
            let plan = try Planner.plan(
                topology,
                options: PlanOptions(mode: .mesh, fanOut: 3, effort: 0.05)
            )
            let upkeep = try Upkeep(plan, of: topology)
            for (dead, node) in plan.trees[0].nodes.enumerated()
            where node.parent != nil && (1...3).contains(node.children.count) {
                let settlement = try upkeep.repaired(0, without: [dead])
                let radius = TreeMeasure(settlement.state.tree, of: settlement.problem).radius
                let best = leastRadius(settlement, moving: upkeep.states[0].tree, dead)
                #expect(radius >= best)
                shares.append(Double(radius) / Double(best))
            }
        }
        #expect(shares.count > 40)
        #expect(shares.sorted()[shares.count / 2] == 1)
        #expect(shares.reduce(0, +) / Double(shares.count) < 1.05)
    }

    /// Over all places for the children of the dead.
    private func leastRadius(
        _ settled: Settlement,
        moving old: Arborescence,
        _ dead: Int
    )
        -> Picoseconds
    {
        let problem = settled.problem
        let orphans = old.parent.indices.filter { old.parent[$0] == Int32(dead) }
        var choice = [Int](repeating: 0, count: orphans.count)
        var least = Picoseconds.max
        while true {
            var tree = settled.state.tree
            for (orphan, parent) in zip(orphans, choice) where parent != orphan && parent != dead {
                tree.attach(
                    orphan,
                    to: parent,
                    edge: problem.edgeDelay(from: parent, to: orphan) ?? 0
                )
            }
            if !zip(orphans, choice).contains(where: { $0 == $1 || $1 == dead }),
                tree.excess(over: problem.capacity) == 0,
                tree.breadthFirst(root: problem.root).count == problem.presentCount
            {
                least = min(least, TreeMeasure(tree, of: problem).radius)
            }
            var digit = 0
            while digit < choice.count {
                choice[digit] += 1
                if choice[digit] < problem.nodeCount { break }
                choice[digit] = 0
                digit += 1
            }
            if digit == choice.count { return least }
        }
    }

    /// The least number of moves, by looking at every tree of the survivors.
    @Test(arguments: Topology.Mode.allCases)
    func `no tree of the survivors needs fewer moves`(mode: Topology.Mode) throws {
        var repairs = 0
        for seed in UInt64(1)...(mode == .mesh ? 40 : 60) {
            var topology = SampleTopologies.random(nodeCount: 6, chordCount: 4, seed: seed)
            topology.nodes[Int(seed) % 6].maxChildren = Int(seed) % 3
            let options = PlanOptions(
                mode: .init(mode),
                fanOut: mode == .mesh ? 2 : 3,
                effort: 0.02
            )
            guard let plan = try? Planner.plan(topology, options: options) else { continue }
            let upkeep = try Upkeep(plan, of: topology)
            for (dead, node) in plan.trees[0].nodes.enumerated()
            where node.id != plan.trees[0].root {
                var trial = upkeep
                let least = try leastMoves(upkeep, dead: dead)
                do throws(PlanError) {
                    let change = try trial.repair(without: [node.id]).trees[0]
                    guard change.cutOff.isEmpty else {
                        #expect(least == nil, "seed \(seed) \(node.id): a tree was there")
                        continue
                    }
                    repairs += 1
                    #expect(change.moves.count == least, "seed \(seed) \(node.id)")
                } catch {
                    #expect(least == nil, "seed \(seed) \(node.id): \(error)")
                }
            }
        }
        #expect(repairs > 50)
    }

    private func leastMoves(_ upkeep: Upkeep, dead: Int) throws -> Int? {
        var state = upkeep.states[0]
        let old = state.tree.parent
        state.absent[dead] = true
        let problem = try upkeep.network.problem(for: state, budgets: try upkeep.budgets(for: 0))
        let nodes = (0..<problem.nodeCount).filter { $0 != dead && $0 != problem.root }
        var choice = [Int](repeating: 0, count: nodes.count)
        var least: Int?
        while true {
            var tree = Arborescence(nodeCount: problem.nodeCount)
            var isTree = true
            for (position, node) in nodes.enumerated() {
                let parent = choice[position]
                guard parent != node, parent != dead,
                    let edge = problem.edgeDelay(from: parent, to: node)
                else {
                    isTree = false
                    break
                }
                tree.attach(node, to: parent, edge: edge)
            }
            if isTree, tree.excess(over: problem.capacity) == 0,
                tree.breadthFirst(root: problem.root).count == nodes.count + 1
            {
                let moves = nodes.count { tree.parent[$0] != old[$0] }
                least = min(least ?? moves, moves)
            }
            var digit = 0
            while digit < choice.count {
                choice[digit] += 1
                if choice[digit] < problem.nodeCount { break }
                choice[digit] = 0
                digit += 1
            }
            if digit == choice.count { return least }
        }
    }
}
