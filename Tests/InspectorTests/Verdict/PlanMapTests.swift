import Dissection
import Testing
import Topology
import TreeBuilder

@testable import Inspector

/// Which node an address of a capture belongs to.
@Suite struct PlanMapTests {
    private static func address(_ last: UInt32, port: UInt16) -> SocketAddress {
        SocketAddress(address: IPAddress(v4: 10 << 24 | last), port: port)
    }

    @Test func `a node is found where it binds and where others connect`() {
        let plan = Plan(
            name: "nat",
            nodes: [
                PlanNode(
                    id: "inside",
                    label: "inside",
                    publishersEndpoint: "tcp://10.0.0.1:7001",
                    subscribersEndpoint: "tcp://10.0.0.1:7002",
                    bind: Topology.BindEndpoints(
                        publishers: "tcp://10.0.0.9:6001",
                        subscribers: "tcp://*:6002"
                    )
                ),
                PlanNode(
                    id: "outside",
                    label: "outside",
                    publishersEndpoint: "tcp://10.0.0.2:7001",
                    subscribersEndpoint: "tcp://10.0.0.2:7002"
                ),
            ],
            trees: []
        )
        let map = PlanMap(plan)
        for (last, port) in [(UInt32(1), UInt16(7001)), (9, 6001), (200, 6002)] {
            #expect(map.endpoint(at: Self.address(last, port: port), tap: nil)?.node == "inside")
        }
        #expect(map.endpoint(at: Self.address(2, port: 7001), tap: nil)?.node == "outside")
        #expect(map.node(at: IPAddress(v4: 10 << 24 | 9)) == "inside")
    }
}
