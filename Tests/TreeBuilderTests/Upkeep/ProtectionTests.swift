import Foundation
import Testing
import Topology

@testable import TreeBuilder

/// After the death of any one node its children find places by their own lists, at once, within all limits, without a loop.
@Suite struct ProtectionTests {
    @Test(arguments: [1, 2, 3, 4, 8])
    func `every node of a mesh is protected, whoever dies`(fanOut: Int) throws {
        for seed in UInt64(1)...4 {
            var topology = SampleTopologies.random(nodeCount: 40, chordCount: 40, seed: seed)
            topology.nodes[5].maxChildren = 0
            topology.nodes[Int(seed) + 6].maxChildren = 1
            let plan = try Planner.plan(
                topology,
                options: PlanOptions(mode: .mesh, fanOut: .atMost(fanOut), seed: seed, effort: 0.02)
            )
            #expect(plan.trees[0].unprotected.isEmpty, "seed \(seed)")
            let limits = ["n5": 0, "n\(Int(seed) + 6)": 1]
            let deaths = DeathCheck(plan.trees[0], limits: limits)
                .checkAll(seed: seed, "seed \(seed)")
            #expect(deaths >= 5)
        }
    }

    /// A chain has one slot free, at its end: the child of a dead node takes the dead one's slot.
    @Test func `a chain closes over its dead`() throws {
        let topology = SampleTopologies.random(nodeCount: 12, chordCount: 10, seed: 2)
        let tree = try Planner.plan(
            topology,
            options: PlanOptions(mode: .mesh, fanOut: 1, effort: 0.02)
        ).trees[0]
        #expect(tree.unprotected.isEmpty)
        #expect(DeathCheck(tree, limits: [:]).checkAll(seed: 1, "chain") == 11)
    }

    /// Thirty children of one parent, which is not the root, and hardly a slot anywhere else.
    @Test(arguments: [1, 2, 3])
    func `thirty children that lose one parent all find places`(limit: Int) throws {
        var topology = SampleTopologies.star(leafCount: 40)
        for node in topology.nodes.indices { topology.nodes[node].maxChildren = limit }
        topology.nodes[0].maxChildren = 3
        topology.nodes[1].maxChildren = 30
        topology.trees = [
            .init(
                name: "t",
                root: 0,
                fanOut: .unlimited,
                mode: .mesh,
                fixedParents: (2...31).map { .init(child: $0, parent: 1) }
            )
        ]
        let tree = try Planner.plan(topology, options: PlanOptions(effort: 0.02)).trees[0]
        #expect(tree.nodes[1].children.count == 30)
        #expect(tree.unprotected.isEmpty)
        let limits = Dictionary(
            uniqueKeysWithValues: topology.nodes.map { ($0.id, $0.maxChildren ?? 0) }
        )
        #expect(DeathCheck(tree, limits: limits).checkAll(seed: 3, "star") > 1)
    }

    @Test func `a tree of links is protected where a way is left, and says where none is`() throws {
        var unprotectedCount = 0
        for seed in UInt64(1)...6 {
            let topology = SampleTopologies.random(nodeCount: 30, chordCount: 60, seed: seed)
            let tree = try Planner.plan(
                topology,
                options: PlanOptions(mode: .link, fanOut: 6, seed: seed, effort: 0.02)
            ).trees[0]
            let check = DeathCheck(tree, limits: [:])
            _ = check.checkAll(seed: seed, "seed \(seed)")
            // The first of a list is a link; what has none to an earlier node is unprotected, and only that.
            for (index, node) in tree.nodes.enumerated() {
                guard let parent = node.parent, !check.standbys.prefix(1).contains(index) else {
                    continue
                }
                let ways = earlierNeighbours(of: index, tree, topology).filter { $0 != parent }
                if tree.unprotected.contains(where: { $0.node == node.id }) {
                    unprotectedCount += 1
                } else {
                    #expect(node.backups.first.map { ways.contains($0) } == true)
                }
            }
        }
        #expect(unprotectedCount > 0)
    }

    private func earlierNeighbours(
        of index: Int,
        _ tree: TreePlan,
        _ topology: Topology
    ) -> [String] {
        topology.links.compactMap { link in
            let other = link.a == index ? link.b : link.b == index ? link.a : index
            return tree.nodes[other].rank < tree.nodes[index].rank ? tree.nodes[other].id : nil
        }
    }

    @Test func `without standbys the children of the root are unprotected, and the plan says so`()
        throws
    {
        var topology = SampleTopologies.random(nodeCount: 20, chordCount: 20, seed: 1)
        topology.trees = [.init(name: "t", fanOut: 3, mode: .mesh)]
        topology.trees[0].standbyCount = 0
        let tree = try Planner.plan(topology, options: PlanOptions(effort: 0.02)).trees[0]
        let children = tree.nodes.first { $0.parent == nil }?.children ?? []
        #expect(tree.standbys.isEmpty && !children.isEmpty)
        #expect(Set(tree.unprotected.map(\.node)) == Set(children))
    }

    /// Standbys are children of the root, rank next to it, and no other child would be the better root.
    @Test(arguments: [1, 2, 3])
    func `standbys rank next to the root and are its best children`(count: Int) throws {
        for seed in UInt64(1)...4 {
            var topology = SampleTopologies.random(nodeCount: 30, chordCount: 30, seed: seed)
            topology.trees = [.init(name: "t", fanOut: 4, mode: .mesh)]
            topology.trees[0].standbyCount = count
            let tree = try Planner.plan(topology, options: PlanOptions(effort: 0.02)).trees[0]
            let root = try #require(tree.nodes.first { $0.parent == nil })
            #expect(tree.standbys.count == min(count, root.children.count))
            for (position, standby) in tree.standbys.enumerated() {
                let node = try #require(tree.nodes.first { $0.id == standby })
                #expect(node.parent == root.id && node.rank == position + 1)
            }
        }
    }

    @Test func `two nodes have nobody to be saved`() throws {
        let tree = try Planner.plan(SampleTopologies.path(count: 2)).trees[0]
        #expect(tree.standbys.isEmpty && tree.unprotected.count == 1)
        let alone = try Planner.plan(SampleTopologies.path(count: 1)).trees[0]
        #expect(alone.standbys.isEmpty && alone.unprotected.isEmpty)
    }

    @Test(
        .enabled(
            if: ZooTests.isPresent,
            "SKIPPED: the folder with the Topology Zoo is not beside the repository"
        ),
        arguments: ZooTests.networks
    )
    func `real networks in mesh mode are protected whole`(_ name: String, nodeCount: Int) throws {
        let file = ZooTests.folder.appending(path: "\(name).graphml")
        let topology = try TopologyReader.read([UInt8](Data(contentsOf: file)), file: name)
        for fanOut in nodeCount > 100 ? [4] : [2, 4, 8] {
            let tree = try Planner.plan(
                topology,
                options: PlanOptions(mode: .mesh, fanOut: .atMost(fanOut), effort: 0.02)
            ).trees[0]
            #expect(tree.unprotected.isEmpty, "fan-out \(fanOut)")
            _ = DeathCheck(tree, limits: [:]).checkAll(seed: 1, "\(name), fan-out \(fanOut)")
        }
    }
}
