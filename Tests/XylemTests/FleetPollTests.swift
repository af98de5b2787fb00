import Foundation
import RouterNode
import SocketTestSupport
import Testing

@testable import xylem

/// Whether who answers at a node's address is the node.
@Suite(.timeLimit(.minutes(1))) struct FleetPollTests {
    /// A fleet of one node, which has its control endpoint there.
    private static func fleet(at control: String, planID: String?) -> FleetState {
        FleetState(
            name: "mine",
            topologyFile: "mine.yaml",
            planFile: "mine.plan",
            planID: planID,
            supervisorPID: 1,
            startedAt: 0,
            nodes: [
                .init(
                    id: "oslo",
                    label: "oslo",
                    publishers: "tcp://127.0.0.1:1",
                    subscribers: "tcp://127.0.0.1:2",
                    control: control
                )
            ],
            trees: []
        )
    }

    /// A relay that was started by hand follows no plan, and a state file of an older xylem says none.
    private static let cases: [(String?, String?, Bool)] = [
        ("aaaabbbbccccdddd", "aaaabbbbccccdddd", true), (nil, "aaaabbbbccccdddd", true),
        ("aaaabbbbccccdddd", nil, true), ("aaaabbbbccccdddd", "ffffeeeeddddcccc", false),
    ]

    @Test(arguments: cases)
    func `a relay of another fleet is told from one's own node`(
        own: String?,
        answering: String?,
        isOurs: Bool
    ) async throws {
        var changes: [String: Any] = [:]
        if let answering { changes["plan"] = ["id": answering, "epoch": 3] }
        let status = try FleetAccountTests.status(changes)
        let server = try await ControlServer.start(at: "127.0.0.1:0") { status }
        let report = await FleetPoll(Self.fleet(at: server.address, planID: own)).report()
        await server.stop()
        let node = try #require(report.nodes.first)
        #expect(node.isReachable == isOurs)
        #expect((node.status != nil) == isOurs)
        #expect(
            node.problem
                == (isOurs
                    ? nil
                    : "a node of another fleet answers at \(server.address), core of plan ffffeeeedddd (epoch 3): "
                        + "two fleets have the same ports")
        )
    }
}
