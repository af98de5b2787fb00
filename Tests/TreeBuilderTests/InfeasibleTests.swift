import Testing
import Topology

@testable import TreeBuilder

/// Input that has no tree is refused with the node and the way out; the messages are part of the contract.
@Suite struct InfeasibleTests {
    private func refusal(
        _ topology: Topology,
        _ options: PlanOptions = PlanOptions()
    ) -> PlanError? {
        do throws(PlanError) {
            _ = try Planner.plan(topology, options: options)
            return nil
        } catch {
            return error
        }
    }

    @Test func aHubWithTooManyPendantsNamesItselfAndTheSmallestFanOut() {
        var topology = SampleTopologies.star(leafCount: 5)
        topology.nodes[0].position = SourcePosition(line: 7, column: 5)
        #expect(
            refusal(topology, PlanOptions(mode: .link, fanOut: 3))
                == PlanError(
                    code: .infeasible,
                    message:
                        "tree 'main' cannot be built in link mode: node 'n0' is the only way to "
                        + "5 parts of the network, but may have only 3 children; "
                        + "the smallest feasible fan-out is 5",
                    position: SourcePosition(line: 7, column: 5),
                    nodeID: "n0",
                    smallestFanOut: 5
                )
        )
    }

    @Test func aHubThatIsNotTheRootNeedsOneSlotLess() throws {
        let topology = SampleTopologies.star(leafCount: 5)
        let refused = refusal(topology, PlanOptions(root: "n1", mode: .link, fanOut: 3))
        #expect(refused?.smallestFanOut == 4)
        let plan = try Planner.plan(
            topology,
            options: PlanOptions(root: "n1", mode: .link, fanOut: 4)
        )
        #expect(plan.trees[0].nodes[0].children.count == 4)
    }

    @Test func aNodesOwnLimitIsNotCuredByFanOut() {
        var topology = SampleTopologies.star(leafCount: 4)
        topology.nodes[0].maxChildren = 2
        let refused = refusal(topology, PlanOptions(mode: .link))
        #expect(refused?.nodeID == "n0")
        #expect(refused?.smallestFanOut == nil)
        #expect(refused?.message.contains("raise max-children") == true)
    }

    @Test func obstaclesThatAreNotCutNodesAreFoundByTheSearch() {
        // K(2,5): no cut node, but five nodes share two neighbours: 2 + 3 slots suffice, 2 + 2 do not.
        let links = (2...6).flatMap { [(0, $0, 1.0), (1, $0, 1.0)] }
        let topology = SampleTopologies.make("K2,5", count: 7, links: links)
        let refused = refusal(topology, PlanOptions(root: "n0", mode: .link, fanOut: 2))
        #expect(refused?.smallestFanOut == 3)
        #expect(refused.map { ["n0", "n1"].contains($0.nodeID) } == true)
    }

    @Test func meshModeCountsSlots() {
        var topology = SampleTopologies.path(count: 5)
        for node in 1...4 { topology.nodes[node].maxChildren = 0 }
        #expect(
            refusal(topology, PlanOptions(mode: .mesh, fanOut: 3))
                == PlanError(
                    code: .infeasible,
                    message: "tree 'main' cannot be built in mesh mode: 4 nodes need a parent, "
                        + "but all nodes together may have only 3 children; "
                        + "the smallest feasible fan-out is 4",
                    nodeID: "n0",
                    smallestFanOut: 4
                )
        )
    }

    @Test func aRootWithoutChildren() {
        var topology = SampleTopologies.path(count: 3)
        topology.nodes[1].maxChildren = 0
        let refused = refusal(topology, PlanOptions(root: "n1", mode: .mesh))
        #expect(
            refused?.message
                == "tree 'main' cannot be built in mesh mode: its root 'n1' may have no children; "
                + "no fan-out helps: raise max-children of the nodes, choose another root, "
                + "or loosen fixed parents"
        )
    }

    @Test func partsAreNamedInBothModes() {
        var topology = SampleTopologies.make(
            "parts",
            count: 7,
            links: [(0, 1, 1), (1, 2, 1), (2, 3, 1), (4, 5, 1)]
        )
        topology.nodes[4].position = SourcePosition(line: 12, column: 3)
        for mode in Topology.Mode.allCases {
            let refused = refusal(topology, PlanOptions(mode: .init(mode)))
            #expect(refused?.code == .disconnected)
            #expect(
                refused?.description
                    == "12:3: the links leave the network in 3 parts: "
                    + "{'n0', 'n1', 'n2' and 1 more}, {'n4', 'n5'}, {'n6'}; "
                    + "add links between them, or remove the parts that do not belong"
            )
        }
    }

    @Test func valuesOutOfRange() {
        let empty = Topology(name: "empty")
        #expect(refusal(empty)?.code == .invalidValue)
        let path = SampleTopologies.path(count: 3)
        #expect(refusal(path, PlanOptions(fanOut: 0))?.code == .invalidValue)
        #expect(refusal(path, PlanOptions(hopDelayMilliseconds: -1))?.code == .invalidValue)
        #expect(refusal(path, PlanOptions(hopDelayMilliseconds: .nan))?.code == .invalidValue)
        for delay in [-1, .nan, .infinity, 1e300] {
            var bad = path
            bad.links[1].delayMilliseconds = delay
            #expect(refusal(bad)?.code == .invalidValue, "delay \(delay)")
        }
        var bad = path
        bad.nodes[1].weight = -1
        #expect(refusal(bad)?.nodeID == "n1")
        bad = path
        bad.nodes[2].maxChildren = -1
        #expect(refusal(bad)?.nodeID == "n2")
    }

    @Test func unknownTreesAndRoots() {
        let topology = SampleTopologies.quickstart
        #expect(refusal(topology, PlanOptions(root: "nowhere"))?.code == .unknownNode)
        #expect(
            refusal(topology, PlanOptions(tree: "news"))?.message
                == "there is no tree 'news'; this topology has 'all' (a name, or a position from 1 to 1)"
        )
        #expect(refusal(topology, PlanOptions(tree: "1")) == nil)
        #expect(refusal(topology, PlanOptions(tree: "2"))?.code == .unknownTree)
    }

    @Test func twoNodesOrTreesOfOneNameAreRefused() {
        var topology = SampleTopologies.star(leafCount: 3)
        topology.nodes[3].id = "n1"
        topology.nodes[3].position = SourcePosition(line: 9, column: 3)
        let refused = refusal(topology)
        #expect(refused?.code == .invalidValue)
        #expect(refused?.message == "nodes 1 and 3 have the same id, 'n1'; an id names one node")
        #expect(refused?.position == SourcePosition(line: 9, column: 3))
        topology.nodes[3].id = "n3"
        topology.trees = [Topology.Tree(name: "a"), Topology.Tree(name: "a")]
        #expect(refusal(topology)?.message == "two trees have the name 'a'; a name is one tree's")
    }
}
