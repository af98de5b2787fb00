import Dissection
import PGM
import Topology
import TreeBuilder
@testable import Inspector

/// A tree root → relay → leaf-1, leaf-2 whose connections a test lets captures see.
///
///     root 10.0.0.1 ── relay 10.0.0.2 ──┬── leaf-1 10.0.0.3
///                                       └── leaf-2 10.0.0.4
struct PlanLab {
    static let nodes = ["root", "relay", "leaf-1", "leaf-2"]
    static let parents = ["relay": "root", "leaf-1": "relay", "leaf-2": "relay"]

    let log = MessageLog()
    let table: SessionTable
    var captures: [CaptureReport] = []
    var taps: [VerdictOptions.NodeTap] = []
    private var skews: [Int64] = []

    init() {
        table = SessionTable(log: log)
    }

    /// With `group` the leaves are an island that the relay heads.
    static func plan(group: String? = nil) -> Plan {
        let places = nodes.enumerated().map { rank, id in
            TreePlan.TreeNode(
                id: id,
                label: id,
                parent: parents[id],
                backups: id == "leaf-1" ? ["root"] : [],
                rank: rank,
                level: min(rank, 2),
                delayMs: Double(rank),
                children: nodes.filter { parents[$0] == id }
            )
        }
        let islands = group.map { group in
            [
                IslandPlan(
                    segment: "floor",
                    carriage: .multicast,
                    reason: "",
                    head: "relay",
                    members: ["leaf-1", "leaf-2"],
                    group: group
                )
            ]
        }
        return Plan(
            name: "lab",
            nodes: nodes.enumerated().map { index, id in
                PlanNode(
                    id: id,
                    label: id,
                    publishersEndpoint: "tcp://10.0.0.\(index + 1):6001",
                    subscribersEndpoint: "tcp://10.0.0.\(index + 1):6002"
                )
            },
            trees: [
                TreePlan(
                    name: "main",
                    topics: [""],
                    overflow: nil,
                    root: "root",
                    mode: .link,
                    objective: .radius,
                    fanOut: nil,
                    hopDelayMs: 0,
                    radiusMs: 0,
                    meanMs: 0,
                    lowerBoundMs: 0,
                    gap: 0,
                    seed: 1,
                    nodes: places,
                    islands: islands ?? []
                )
            ]
        )
    }

    static func address(of node: String) -> IPAddress {
        IPAddress(v4: 0x0A00_0001 + UInt32(nodes.firstIndex(of: node) ?? 200))
    }

    mutating func addTap(_ name: String?, skew: Int64 = 0) -> Int {
        let index = captures.count
        captures.append(
            CaptureReport(
                name: "\(index).pcap",
                node: name,
                firstNanoseconds: skew,
                lastNanoseconds: 60_000_000_000 + skew
            )
        )
        if let name { taps.append(VerdictOptions.NodeTap(node: name, capture: index)) }
        skews.append(skew)
        return index
    }

    /// The feed from `server` to `client` as captures see it: the messages of these numbers, `delay` after their turn.
    func feed(
        from server: String,
        to client: String,
        at places: [Int],
        numbers: [Int],
        topics: [String] = [""],
        delay: Int64 = 1_000_000,
        isNamed: Bool = true,
        change: (inout Conversation) -> Void = { _ in }
    ) {
        for (order, place) in places.enumerated() {
            var conversation = Conversation.subscription(
                to: topics,
                properties: isNamed
                    ? ["X-Xylem-Node": client, "X-Xylem-Tree": "main"] : [:]
            )
            conversation.server = SocketAddress(address: Self.address(of: server), port: 6002)
            conversation.client = SocketAddress(address: Self.address(of: client), port: 41_000)
            for number in numbers {
                conversation.nanoseconds =
                    10_000_000_000 + Int64(number) * 10_000_000 + delay * Int64(order + 1)
                let topic = number.isMultiple(of: 2) ? "even" : "odd"
                conversation.say(
                    ZMTPBytes.message("\(topic).\(number)", "body"),
                    isFromClient: false
                )
            }
            change(&conversation)
            conversation.feed(table, capture: place, skew: skews[place])
        }
    }

    /// What the relay sends to the group of the island, as one capture sees it.
    func multicast(at place: Int, numbers: [Int]) {
        let flow = log.flow(
            .pgm(
                source: Self.address(of: "relay"),
                session: TransportSessionID(globalSourceID: 7, sourcePort: 8),
                group: IPAddress(v4: 0xEFC0_0101),
                destinationPort: 7500
            )
        )
        for number in numbers {
            let topic = number.isMultiple(of: 2) ? "even" : "odd"
            let time = 10_003_000_000 + Int64(number) * 10_000_000 + skews[place]
            log.handleStart(of: flow, at: Tap(capture: place), nanoseconds: time)
            log.append(
                ObservedMessage(
                    capture: place,
                    flow: flow,
                    index: number,
                    nanoseconds: time,
                    digest: MessageHashTests.digest([
                        Array("\(topic).\(number)".utf8), Array("body".utf8),
                    ]),
                    sequence: SequenceNumber(UInt32(number))
                )
            )
        }
    }

    func verdict(late: Int64? = nil, group: String? = nil) -> Verdict {
        table.finish()
        return Verdict.make(
            log: log,
            clocks: ClockTable(),
            captures: captures,
            options: VerdictOptions(
                taps: taps,
                plan: Self.plan(group: group),
                lateNanoseconds: late
            )
        )
    }
}
