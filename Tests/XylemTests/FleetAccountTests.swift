import Foundation
import RouterNode
import Testing

@testable import xylem

@Suite struct FleetAccountTests {
    /// A node's answer, as it comes over the wire.
    static func status(_ changes: [String: Any]) throws -> NodeStatus {
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
        var fields: [String: Any] = [
            "name": "core", "pid": 1, "version": "0", "uptimeSeconds": 5,
            "endpoints": [
                "publishers": "tcp://h:1", "subscribers": "tcp://h:2", "listening": [Any](),
            ],
            "dialled": [Any](),
            "totals": totals, "balance": balance, "memory": ["held": 0, "limit": 1],
            "restarts": changes["restarts"] ?? 0, "trees": changes["trees"] ?? [Any](), "peers": [],
            "departed": [],
            "lastDeparted": [], "holdUps": changes["holdUps"] ?? [], "islands": [],
        ]
        fields["plan"] = changes["plan"]
        let data = try JSONSerialization.data(withJSONObject: fields)
        return try JSONDecoder().decode(NodeStatus.self, from: data)
    }

    private static func report(_ nodes: [(String, [String: Any])]) throws -> FleetReport {
        FleetReport(
            name: "f",
            nodes: try nodes.map { name, changes in
                NodeReport(
                    id: name,
                    label: name,
                    control: "h:3",
                    isReachable: true,
                    status: try status(changes)
                )
            }
        )
    }

    private static func lines(_ changes: [String: Any]) throws -> [String] {
        FleetAccount.lines(try report([("core", changes)]))
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

    @Test func `no line is wider than the terminal`() throws {
        let totals: [String: Any] = [
            "droppedMessages": 90,
            "drops": ["no-parent": 20, "queue-full": 50, "disconnected": 20],
        ]
        let report = try Self.report([("core", ["totals": totals, "holdUps": [Self.holder]])])
        let whole = FleetAccount.lines(report)
        for width in [40, 60, 80] {
            let lines = FleetAccount.lines(report, width: width)
            #expect(lines.allSatisfy { $0.count <= width })
            let words = lines.joined(separator: " ").split(separator: " ")
            #expect(words == whole.joined(separator: " ").split(separator: " "))
        }
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
            Self.holder,
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

    private static var holder: [String: Any] {
        [
            "role": "subscriber", "peer": 7, "address": "10.0.0.9:51222", "seconds": 12,
            "queuedMessages": 100, "holds": [1, 2],
        ]
    }

    @Test func `a screen shows nothing of accounts that are in order`() throws {
        let report = try Self.report([("core", ["balance": ["received": 3, "routed": 3]])])
        #expect(FleetAccount.troubleLines(report, width: 60, height: 10).isEmpty)
    }

    @Test func `on a narrow screen nothing of drops and hold-ups is cut`() throws {
        let drops: [String: Any] = [
            "droppedMessages": 70, "drops": ["queue-full": 50, "no-parent": 20],
        ]
        let few: [String: Any] = ["droppedMessages": 1, "drops": ["memory-full": 1]]
        let report = try Self.report([
            ("leaf", ["totals": few]),
            ("core", ["totals": drops, "holdUps": [Self.holder], "balance": ["unaccounted": 3]]),
        ])
        let lines = FleetAccount.troubleLines(report, width: 60, height: 12)
        #expect(lines.allSatisfy { $0.count <= 60 })
        let text = lines.map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: " ")
        #expect(text.hasPrefix("accounts: 0 in ="))
        #expect(
            text.contains(
                "3 UNACCOUNTED FOR, a fault of xylem core: subscriber 10.0.0.9:51222's queue"
            )
        )
        #expect(
            text.contains(
                "(100 waiting); 2 peers not read from core dropped 70: 50 queue-full, 20 no-parent"
            )
        )
        #expect(text.hasSuffix("leaf dropped 1: 1 memory-full"))
    }

    @Test func `what a low screen has no room for is said`() throws {
        let report = try Self.report(
            (0..<9).map { index in
                (
                    "n\(index)",
                    ["totals": ["droppedMessages": index, "drops": ["queue-full": index]]]
                )
            }
        )
        #expect(
            FleetAccount.troubleLines(report, width: 60, height: 4) == [
                "n8 dropped 8: 8 queue-full", "n7 dropped 7: 7 queue-full",
                "n6 dropped 6: 6 queue-full", "… and 5 more; 'xylem status' tells all",
            ]
        )
        #expect(
            FleetAccount.troubleLines(report, width: 60, height: 1) == [
                "… and 8 more; 'xylem status' tells all"
            ]
        )
    }
}
