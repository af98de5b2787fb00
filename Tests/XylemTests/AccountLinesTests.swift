import Foundation
import RouterNode
import Testing

@testable import xylem

@Suite struct AccountLinesTests {
    /// A node's answer, as it comes over the wire.
    private static func status(_ changes: [String: Any]) throws -> NodeStatus {
        var totals: [String: Any] = ["drops": [String: Int]()]
        for key in [
            "receivedMessages", "receivedBytes", "sentMessages", "sentBytes", "droppedMessages",
            "unwantedMessages", "unroutableMessages", "orphanedMessages", "limitDisconnects",
            "queuedMessages", "queuedBytes", "topics", "subscriptions", "publishers", "subscribers",
            "children", "acceptPauses",
        ] { totals[key] = 0 }
        totals.merge(changes["totals"] as? [String: Any] ?? [:]) { $1 }
        var balance: [String: Any] = [:]
        for key in [
            "received", "routed", "filtered", "droppedOnArrival", "deliveries", "sent", "dropped",
            "queued", "unaccounted",
        ] { balance[key] = 0 }
        balance.merge(changes["balance"] as? [String: Any] ?? [:]) { $1 }
        let fields: [String: Any] = [
            "name": "core", "pid": 1, "version": "0", "uptimeSeconds": 5,
            "endpoints": [
                "publishers": "tcp://h:1", "subscribers": "tcp://h:2", "listening": [Any](),
            ],
            "dialled": [Any](),
            "totals": totals, "balance": balance, "memory": ["held": 0, "limit": 1],
            "restarts": changes["restarts"] ?? 0, "trees": [], "peers": [], "departed": [],
            "lastDeparted": [], "holdUps": changes["holdUps"] ?? [], "islands": [],
        ]
        let data = try JSONSerialization.data(withJSONObject: fields)
        return try JSONDecoder().decode(NodeStatus.self, from: data)
    }

    private static func lines(_ changes: [String: Any]) throws -> [String] {
        let node = NodeReport(
            id: "core",
            label: "core",
            control: "h:3",
            isReachable: true,
            status: try status(changes)
        )
        return FleetTable.accountLines(FleetReport(name: "f", nodes: [node]))
    }

    @Test func `accounts that balance are one line`() throws {
        let balance = ["received": 30, "routed": 29, "filtered": 1, "deliveries": 58, "sent": 58]
        #expect(
            try Self.lines(["balance": balance]) == [
                "accounts: 30 in = 29 routed + 1 filtered + 0 dropped; 58 deliveries = 58 sent + 0 dropped + "
                    + "0 queued: balanced"
            ]
        )
        let wrong = try Self.lines(["balance": ["unaccounted": 3]])
        #expect(wrong[0].hasSuffix("3 UNACCOUNTED FOR, a fault of xylem"))
    }

    @Test func `drops are told by reason, the most frequent first`() throws {
        let totals: [String: Any] = [
            "droppedMessages": 90,
            "drops": ["no-parent": 20, "queue-full": 50, "disconnected": 20],
        ]
        #expect(
            try Self.lines(["totals": totals])[..<2] == [
                "", "core dropped 90: 50 queue-full, 20 disconnected, 20 no-parent",
            ]
        )
    }

    @Test func `who holds whom up is told, and restarts`() throws {
        let holdUps: [[String: Any]] = [
            [
                "role": "subscriber", "peer": 7, "address": "10.0.0.9:51222", "seconds": 12,
                "queuedMessages": 100, "holds": [1, 2],
            ],
            ["role": "child-feed", "node": "edge", "tree": "t", "seconds": 3, "holds": [1]],
        ]
        let lines = try Self.lines(["holdUps": holdUps, "restarts": 2])
        #expect(
            lines[1]
                == "core: subscriber 10.0.0.9:51222's queue has been full for 12.0 s (100 waiting); 2 peers not read from"
        )
        #expect(
            lines[2]
                == "core: child-feed edge is away, and its queue has been full for 3.0 s; 1 peer not read from"
        )
        #expect(lines[3] == "core was started anew 2 times; its counts are those since")
    }
}
