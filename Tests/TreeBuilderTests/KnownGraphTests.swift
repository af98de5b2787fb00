import Testing
import Topology

@testable import TreeBuilder

/// Graphs whose answer is known by thinking.
@Suite struct KnownGraphTests {
    @Test func oneNodeIsATree() throws {
        let tree = try Planner.plan(SampleTopologies.make("one", count: 1, links: [])).trees[0]
        #expect(tree.root == "n0" && tree.radiusMs == 0 && tree.meanMs == 0 && tree.gap == 0)
    }

    @Test func twoNodes() throws {
        let topology = SampleTopologies.make("two", count: 2, links: [(0, 1, 2)])
        let tree = try Planner.plan(topology, options: PlanOptions(fanOut: 1)).trees[0]
        #expect(tree.radiusMs == 2.2 && tree.lowerBoundMs == 2.2 && tree.gap == 0)
    }

    @Test func aPathIsRootedInItsMiddle() throws {
        let topology = SampleTopologies.path(count: 9)
        let tree = try Planner.plan(
            topology,
            options: PlanOptions(mode: .link, hopDelayMilliseconds: 0)
        ).trees[0]
        #expect(tree.root == "n4" && tree.radiusMs == 4 && tree.gap == 0)
    }

    @Test func theMedianServesWhereTheWeightIs() throws {
        var topology = SampleTopologies.path(count: 9)
        topology.nodes[7].weight = 100
        let tree = try Planner.plan(
            topology,
            options: PlanOptions(mode: .link, objective: .mean)
        ).trees[0]
        #expect(tree.root == "n7")
    }

    @Test func aStarUnderACapBecomesAShallowTreeInMeshMode() throws {
        // 12 leaves around a hub, cap 3: 3 at 1 ms, 9 behind one of them at 1 + 2 ms.
        let tree = try Planner.plan(
            SampleTopologies.star(leafCount: 12),
            options: PlanOptions(mode: .mesh, fanOut: 3, hopDelayMilliseconds: 0)
        ).trees[0]
        #expect(tree.root == "n0" && tree.radiusMs == 3)
        #expect(tree.nodes.map(\.level).max() == 2)
    }

    @Test func aGridReachesItsCornersAtTheBound() throws {
        let tree = try Planner.plan(
            SampleTopologies.grid(side: 7),
            options: PlanOptions(mode: .link, fanOut: 2)
        ).trees[0]
        // The centre has four neighbours and may feed two: the other two are reached by a detour of two.
        #expect(tree.root == "n24")
        #expect(tree.radiusMs < 11)
    }

    @Test func ties() throws {
        // All delays zero: everything is optimal, nothing may loop.
        let links = (1..<10).map { ($0 - 1, $0, 0.0) } + [(0, 9, 0)]
        let topology = SampleTopologies.make("zero", count: 10, links: links)
        for mode in Topology.Mode.allCases {
            let options = PlanOptions(mode: .init(mode), fanOut: 1, hopDelayMilliseconds: 0)
            let tree = try Planner.plan(topology, options: options).trees[0]
            #expect(tree.radiusMs == 0 && tree.lowerBoundMs == 0 && tree.gap == 0)
            #expect(tree.nodes.map(\.rank).sorted() == Array(0..<10))
        }
    }

    @Test func linkModeFindsTheOnlyHamiltonianPath() throws {
        // A ladder with one rung missing at each end but the first: fan-out 1 leaves one way through.
        let count = 12
        var links: [(Int, Int, Double)] = (1..<count).map { ($0 - 1, $0, 5) }
        links += [(0, 5, 1), (2, 9, 1), (3, 7, 1), (4, 11, 1), (1, 8, 1), (6, 10, 1)]
        let topology = SampleTopologies.make("ladder", count: count, links: links)
        let tree = try Planner.plan(
            topology,
            options: PlanOptions(root: "n0", mode: .link, fanOut: 1)
        ).trees[0]
        #expect(tree.nodes.map(\.level).max() == count - 1)
    }

    @Test func combOfCrowdedHubsIsSolvedInLinkMode() throws {
        // Each hub has two pendants and two ring neighbours: fan-out 3 is enough only if the ring is walked one way.
        let hubCount = 10
        var links: [(Int, Int, Double)] = []
        for hub in 0..<hubCount {
            links.append((hub, (hub + 1) % hubCount, 1))
            links.append((hub, hubCount + 2 * hub, 1))
            links.append((hub, hubCount + 2 * hub + 1, 1))
        }
        let topology = SampleTopologies.make("comb", count: 3 * hubCount, links: links)
        let three = try Planner.plan(
            topology,
            options: PlanOptions(root: "n0", mode: .link, fanOut: 3)
        ).trees[0]
        #expect(three.nodes.allSatisfy { $0.children.count <= 3 })
    }

    @Test func largeGraphsArePlannedWithoutTheMatrix() throws {
        let topology = SampleTopologies.random(nodeCount: 5000, chordCount: 5000, seed: 2)
        for mode in Topology.Mode.allCases {
            let options = PlanOptions(
                mode: .init(mode),
                fanOut: mode == .mesh ? 4 : 16,
                effort: 0
            )
            let tree = try Planner.plan(topology, options: options).trees[0]
            #expect(tree.nodes.count == 5000)
            #expect(tree.nodes.allSatisfy { $0.children.count <= 16 })
            #expect(tree.lowerBoundMs <= tree.radiusMs)
        }
    }
}
