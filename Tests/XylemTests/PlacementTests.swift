import Foundation
import Testing
import Topology
import TreeBuilder

@testable import xylem

/// Where the nodes of a fleet run, and what becomes of their islands there.
@Suite struct PlacementTests {
    private static func plan() throws -> Plan {
        let text = """
            name: floor
            nodes: [root, a, b, c, d]
            links: [[root, a], [a, b], [a, c], [a, d]]
            segments:
              - {name: lan, group: "239.1.1.1:7500", interface: eth1, members: [a, b, c, d]}
            trees:
              one: {root: root, topics: x}
              two: {root: root, topics: y}
            """
        return try Planner.plan(try TopologyReader.read(text, file: "floor.yaml"))
    }

    private static let placement = Placement(
        nodes: ["root", "a", "b", "c", "d"].enumerated().map { number, id in
            .init(
                id: id,
                namespace: "lab-\(number)",
                publishers: "tcp://10.0.0.\(number):1",
                subscribers: "tcp://10.0.0.\(number):2",
                control: "10.0.0.\(number):3"
            )
        },
        segments: [
            .init(
                name: "lan",
                interfaces: ["a", "b", "c", "d", "e"].map { .init(node: $0, interface: "s-\($0)") }
            )
        ]
    )

    @Test func `a placement gives every node its addresses, and every member its interface`() throws
    {
        let plan = try Self.plan().placed(by: Self.placement)
        #expect(plan.nodes[2].publishersEndpoint == "tcp://10.0.0.2:1")
        #expect(plan.nodes[2].subscribersEndpoint == "tcp://10.0.0.2:2")
        #expect(plan.nodes[2].controlEndpoint == "10.0.0.2:3")
        let island = plan.trees[1].islands[0]
        #expect(island.endpoint(at: "a") == "epgm://s-a;239.1.1.1:7501")
        #expect(island.interfaces.map(\.node) == ["a", "b", "c", "d"])
        #expect(Self.placement.namespaces["c"] == "lab-3")
    }

    @Test func `a placement of another topology is refused`() throws {
        var placement = Self.placement
        placement.nodes.removeLast()
        #expect(throws: CommandError.self) { try Self.plan().placed(by: placement) }
    }

    @Test func `on one machine, islands are on its loopback, each at a port of its own`() throws {
        var port = UInt16(40_000)
        let plan = try Self.plan().sharingOneMachine { () throws(CommandError) in
            port += 1
            return port
        }
        #expect(
            plan.trees.map { $0.islands[0].endpoint(at: "c") } == [
                "epgm://127.0.0.1;239.1.1.1:40001", "epgm://127.0.0.1;239.1.1.1:40002",
            ]
        )
    }
}
