import Testing
import Topology

@testable import TreeBuilder

/// Every fault that a plan could have is seen.
@Suite struct PlanCheckTests {
    private static func plan() throws -> (Plan, Topology) {
        var topology = SampleTopologies.random(nodeCount: 14, chordCount: 14, seed: 2)
        for node in topology.nodes.indices { topology.nodes[node].maxChildren = 4 }
        topology.trees = [.init(name: "t", mode: .mesh)]
        topology.trees[0].redundancy = 2
        return (try Planner.plan(topology, options: PlanOptions(effort: 0.01)), topology)
    }

    @Test func `a plan as it should be has no faults`() throws {
        let (plan, topology) = try Self.plan()
        #expect(PlanCheck.faults(of: plan, topology).isEmpty)
    }

    @Test func `each change of a plan that breaks a promise is seen`() throws {
        let (plan, topology) = try Self.plan()
        let inner = try #require(
            plan.trees[0].nodes.firstIndex { $0.parent != nil && !$0.children.isEmpty }
        )
        let leaf = try #require(plan.trees[0].nodes.firstIndex { $0.children.isEmpty })
        let id = plan.trees[0].nodes[inner].id
        let breaks: [(String, (inout TreePlan) -> Void)] = [
            ("only root", { $0.nodes[inner].parent = nil }),
            ("ranks are not", { $0.nodes[inner].rank = 0 }),
            ("is not of", { $0.nodes[leaf].children = [$0.root] }),
            ("does not know", { $0.nodes[inner].children = [] }),
            ("left out and has", { $0.leftOut = [id] }),
            ("the level", { $0.nodes[inner].level += 1 }),
            ("the radius", { $0.radiusMs += 1 }),
            ("earlier than its parent", { $0.nodes[leaf].delayMs = -1 }),
            ("the gap", { $0.gap = -0.1 }),
            ("the bound", { $0.lowerBoundMs = $0.radiusMs + 1 }),
            ("no child of the root", { $0.standbys = [$0.root] }),
            ("cannot turn to", { $0.nodes[leaf].backups = [$0.nodes[leaf].id] }),
            ("has no place when", { $0.nodes[leaf].backups = [] }),
            ("other nodes", { $0.redundancy?.nodes.removeLast() }),
        ]
        for (fault, change) in breaks {
            var broken = plan
            change(&broken.trees[0])
            let faults = PlanCheck.faults(of: broken, topology)
            #expect(faults.contains { $0.contains(fault) }, "\(fault): \(faults)")
        }
        var narrow = topology
        let most = plan.trees[0].nodes.map(\.children.count).max() ?? 0
        for node in narrow.nodes.indices { narrow.nodes[node].maxChildren = most - 1 }
        #expect(PlanCheck.faults(of: plan, narrow).contains { $0.contains("more children") })
    }

    @Test func `two feeds by way of one node are seen`() throws {
        var topology = SampleTopologies.path(count: 4)
        topology.trees = [.init(name: "t", root: 0, mode: .link)]
        topology.trees[0].redundancy = 2
        var plan = try Planner.plan(topology)
        #expect(plan.trees[0].redundancy?.cutNodes == ["n1", "n2"])
        plan.trees[0].redundancy?.cutNodes = ["n1"]
        #expect(PlanCheck.faults(of: plan, topology).contains { $0.contains("by way of one node") })
    }
}
