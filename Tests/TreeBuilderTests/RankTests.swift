import Testing
import Topology

@testable import TreeBuilder

/// Ranks and backups under the crashes they are for.
@Suite struct RankTests {
    /// Every interior relay crashes in turn; its children move to their first usable backup and nobody else moves.
    @Test(arguments: [2, 4])
    func orphansReattachWithoutALoop(fanOut: Int) throws {
        let topology = SampleTopologies.random(nodeCount: 60, chordCount: 50, seed: 11)
        let tree = try Planner.plan(
            topology,
            options: PlanOptions(mode: .mesh, fanOut: .atMost(fanOut), effort: 0.02)
        ).trees[0]
        let index = Dictionary(uniqueKeysWithValues: tree.nodes.enumerated().map { ($1.id, $0) })
        var crashes = 0
        for (lost, node) in tree.nodes.enumerated()
        where !node.children.isEmpty && node.id != tree.root {
            crashes += 1
            var parent = tree.nodes.map { $0.parent.flatMap { index[$0] } }
            parent[lost] = nil
            for child in node.children.compactMap({ index[$0] }) {
                let backups = tree.nodes[child].backups.compactMap { index[$0] }
                let next = try #require(backups.first, "\(tree.nodes[child].id) has no backup")
                parent[child] = next
            }
            for start in tree.nodes.indices where start != lost {
                var current = start
                var steps = 0
                while let above = parent[current], steps <= tree.nodes.count {
                    current = above
                    steps += 1
                }
                #expect(tree.nodes[current].id == tree.root, "n\(start) lost after n\(lost)")
            }
        }
        #expect(crashes > 5)
    }

    @Test func aFullBackupComesFirstOnlyWhenNobodyHasRoom() throws {
        let topology = SampleTopologies.random(nodeCount: 60, chordCount: 50, seed: 12)
        let tree = try Planner.plan(
            topology,
            options: PlanOptions(mode: .mesh, fanOut: 2, effort: 0.02)
        ).trees[0]
        let index = Dictionary(uniqueKeysWithValues: tree.nodes.enumerated().map { ($1.id, $0) })
        func isBelow(_ node: TreePlan.TreeNode, _ top: String) -> Bool {
            var current: TreePlan.TreeNode? = node
            while let here = current {
                if here.id == top { return true }
                current = here.parent.flatMap { index[$0] }.map { tree.nodes[$0] }
            }
            return false
        }
        for node in tree.nodes {
            // Only children share their choice with no sibling.
            guard let parent = node.parent, let above = index[parent],
                tree.nodes[above].children.count == 1, let first = node.backups.first,
                let backup = index[first].map({ tree.nodes[$0] })
            else { continue }
            let withRoom = tree.nodes.filter {
                $0.rank < node.rank && $0.children.count < 2 && !isBelow($0, parent)
            }
            if !withRoom.isEmpty {
                // The slot of the dead is free again.
                let freed = backup.id == tree.nodes[above].parent ? 1 : 0
                #expect(
                    backup.children.count < 2 + freed && !isBelow(backup, parent),
                    "\(node.id)"
                )
            }
        }
    }

    @Test func nodesThatMayHaveNoChildrenAreNobodysBackup() throws {
        var topology = SampleTopologies.random(nodeCount: 30, chordCount: 30, seed: 4)
        for node in [3, 5, 8] { topology.nodes[node].maxChildren = 0 }
        let tree = try Planner.plan(
            topology,
            options: PlanOptions(mode: .mesh, fanOut: 3, effort: 0.02)
        ).trees[0]
        for node in tree.nodes {
            #expect(!node.backups.contains { ["n3", "n5", "n8"].contains($0) })
        }
    }

    @Test func linkModePrefersLinksOfTheFile() throws {
        // A ring: when a node loses its parent, its other neighbour is the natural way back.
        let links = (0..<8).map { ($0, ($0 + 1) % 8, 1.0) } + [(1, 7, 1.5)]
        let topology = SampleTopologies.make("ring", count: 8, links: links)
        let tree = try Planner.plan(
            topology,
            options: PlanOptions(root: "n0", mode: .link)
        ).trees[0]
        #expect(tree.nodes[7].parent == "n0")
        #expect(tree.nodes[7].backups == ["n1"])
    }
}
