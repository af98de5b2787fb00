import Testing
import Topology

@testable import TreeBuilder

/// Parents the operator fixed are kept, and contradictions among them are refused where they stand.
@Suite struct FixedParentTests {
    private func topology(
        _ fixed: [(child: Int, parent: Int)],
        root: Int? = nil,
        mode: Topology.ModeChoice = .mesh,
        fanOut: Topology.FanOut = 2
    ) -> Topology {
        var topology = SampleTopologies.random(nodeCount: 12, chordCount: 20, seed: 5)
        topology.trees = [
            .init(
                name: "t",
                root: root,
                fanOut: fanOut,
                mode: mode,
                fixedParents: fixed.enumerated().map { line, pair in
                    .init(
                        child: pair.child,
                        parent: pair.parent,
                        position: SourcePosition(line: line + 1, column: 1)
                    )
                }
            )
        ]
        return topology
    }

    private func refusal(_ topology: Topology) -> PlanError? {
        do throws(PlanError) {
            _ = try Planner.plan(topology, options: PlanOptions(effort: 0.02))
            return nil
        } catch {
            return error
        }
    }

    @Test func meshModeKeepsThem() throws {
        let topology = topology([(3, 4), (5, 4), (4, 9)], root: 0)
        let tree = try Planner.plan(topology).trees[0]
        #expect(tree.nodes[3].parent == "n4")
        #expect(tree.nodes[5].parent == "n4")
        #expect(tree.nodes[4].parent == "n9")
        #expect(tree.nodes.allSatisfy { $0.children.count <= 2 })
    }

    @Test func linkModeKeepsThem() throws {
        for link in topology([]).links.prefix(8) where link.a != link.b {
            let topology = topology([(link.b, link.a)], mode: .link, fanOut: 4)
            let tree = try Planner.plan(topology, options: PlanOptions(effort: 0.1)).trees[0]
            #expect(tree.nodes[link.b].parent == "n\(link.a)")
        }
    }

    @Test func anAutomaticRootIsNeverAFixedChild() throws {
        let free = try Planner.plan(topology([])).trees[0].root
        let center = try #require(Int(free.dropFirst()))
        let tree = try Planner.plan(topology([(center, center == 0 ? 1 : 0)])).trees[0]
        #expect(tree.root != free)
    }

    @Test func contradictionsAreRefusedAtTheirLine() {
        let cycle = refusal(topology([(3, 4), (4, 5), (5, 3)], root: 0))
        #expect(
            cycle?.description
                == "3:1: tree 't' fixes 'n3' as the parent of 'n5', "
                + "which closes a cycle of fixed parents; remove one of them"
        )
        #expect(refusal(topology([(3, 3)], root: 0))?.code == .invalidFixedParent)
        #expect(refusal(topology([(3, 4), (3, 5)], root: 0))?.position?.line == 2)
        #expect(refusal(topology([(3, 4)], root: 3))?.code == .invalidFixedParent)
        let crowd = refusal(topology([(3, 1), (4, 1), (5, 1)], root: 0))
        #expect(crowd?.code == .infeasible && crowd?.nodeID == "n1")
        #expect(crowd?.position?.line == 3)
    }

    @Test func linkModeNeedsALinkForAFixedParent() {
        var path = SampleTopologies.path(count: 4)
        path.trees = [
            .init(name: "t", root: 0, mode: .link, fixedParents: [.init(child: 3, parent: 0)])
        ]
        #expect(refusal(path)?.code == .invalidFixedParent)
    }

    @Test func aFixedParentThatOnlyItsChildLeadsToIsRefused() {
        var path = SampleTopologies.path(count: 4)
        path.trees = [
            .init(name: "t", root: 0, mode: .link, fixedParents: [.init(child: 1, parent: 2)])
        ]
        let error = refusal(path)
        #expect(error?.code == .infeasible && error?.nodeID == "n1")
        #expect(error?.message.contains("but through the node itself") == true)
    }
}
