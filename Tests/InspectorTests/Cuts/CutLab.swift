import Dissection
import Simulation
import TreeBuilder

@testable import Inspector

/// A fleet root → relay → leaf-1, leaf-2 with two plain subscribers and a publisher, all of whose packets are there to be
/// captured from any moment to any other.
///
///     publisher ─▶ root ─▶ relay ─┬─▶ leaf-1 ─▶ subscriber to everything
///                                 └─▶ leaf-2 ─▶ subscriber to "b"
///
/// Every connection has heartbeats. On loopback all have one address, so that only READY says who is who.
struct CutLab {
    struct Packet {
        var nanoseconds: Int64
        var order: Int
        var source: SocketAddress
        var destination: SocketAddress
        var segment: Conversation.Segment
    }

    struct Options {
        var isLoopback = false
        /// Topics are frames of their own; otherwise they are the beginning of the only frame.
        var isMultipart = true
        /// Messages, by number, that leaf-1 does not get.
        var lost: Set<Int> = []
        /// Messages published: their number tells their topic.
        var count = 300
        var stepNanoseconds: Int64 = 20_000_000
        /// leaf-2 wants everything, or only what its subscriber wants.
        var isNarrow = true
        /// leaf-2 never connects.
        var isLeafAbsent = false
    }

    let options: Options
    private(set) var packets: [Packet] = []
    private var random: SeededGenerator
    private var port: UInt16 = 41_000

    static let begin: Int64 = 10_000_000_000
    var end: Int64 { Self.begin + Int64(options.count) * options.stepNanoseconds }

    init(_ options: Options, seed: UInt64 = 1) {
        self.options = options
        random = SeededGenerator(seed: seed)
        let all = Array(0..<options.count)
        let narrow = all.filter { !options.isNarrow || Self.topic($0).hasPrefix("b") }
        connect("publisher", to: "root", isUp: true, all, ms: 0)
        connect("relay", to: "root", all, ms: 1)
        connect("leaf-1", to: "relay", all.filter { !options.lost.contains($0) }, ms: 2)
        if !options.isLeafAbsent {
            let topics = options.isNarrow ? ["b"] : [""]
            connect("leaf-2", to: "relay", narrow, topics: topics, ms: 3)
        }
        connect("wide", to: "leaf-1", all.filter { !options.lost.contains($0) }, ms: 4)
        if !options.isLeafAbsent {
            connect(
                "narrow",
                to: "leaf-2",
                narrow.filter { Self.topic($0) == "b.1" },
                topics: ["b.1"],
                ms: 5
            )
        }
        packets.sort { ($0.nanoseconds, $0.order) < ($1.nanoseconds, $1.order) }
    }

    static func topic(_ number: Int) -> String { ["a.1", "b.1", "a.2", "b.2"][number % 4] }

    private func message(_ number: Int) -> [UInt8] {
        let body = "value \(number) of the day"
        return options.isMultipart
            ? ZMTPBytes.message(Self.topic(number), body)
            : ZMTPBytes.message("\(Self.topic(number)) \(body)")
    }

    private func host(_ name: String) -> IPAddress {
        if options.isLoopback { return IPAddress(v4: 0x7F00_0001) }
        if let index = PlanLab.nodes.firstIndex(of: name) {
            return IPAddress(v4: 0x0A00_0001 + UInt32(index))
        }
        return IPAddress(v4: 0x0A00_0064 + UInt32(name.utf8.count))
    }

    private func port(_ node: String, isPublishers: Bool) -> UInt16 {
        let base = 6001 + 10 * UInt16(PlanLab.nodes.firstIndex(of: node) ?? 0)
        return isPublishers ? base : base + 1
    }

    private mutating func connect(
        _ client: String,
        to server: String,
        isUp: Bool = false,
        _ numbers: [Int],
        topics: [String] = [""],
        ms: Int64
    ) {
        let isNode = PlanLab.nodes.contains(client)
        var conversation =
            isUp
            ? Self.publication()
            : Conversation.subscription(
                to: topics,
                properties: isNode ? ["X-Xylem-Node": client, "X-Xylem-Tree": "main"] : [:]
            )
        port += 1
        conversation.client = SocketAddress(address: host(client), port: port)
        conversation.server = SocketAddress(
            address: host(server),
            port: port(server, isPublishers: isUp)
        )
        // Parents come first.
        for index in conversation.segments.indices {
            conversation.segments[index].nanoseconds += ms * 100_000_000
        }
        var pingNanoseconds = Self.begin - 5_000_000_000
        for number in numbers {
            let time = Self.begin + Int64(number) * options.stepNanoseconds + ms * 300_000
            while pingNanoseconds < time {
                conversation.nanoseconds = pingNanoseconds
                conversation.say(ZMTPBytes.command("PING", [0, 60]), isFromClient: true)
                conversation.say(ZMTPBytes.command("PONG"), isFromClient: false)
                pingNanoseconds += 2_000_000_000
            }
            conversation.nanoseconds = time
            conversation.say(message(number), isFromClient: isUp)
            conversation.acknowledge(isFromClient: !isUp)
        }
        for segment in conversation.segments {
            let isFromClient = segment.isFromClient
            packets.append(
                Packet(
                    nanoseconds: segment.nanoseconds,
                    order: packets.count,
                    source: isFromClient ? conversation.client : conversation.server,
                    destination: isFromClient ? conversation.server : conversation.client,
                    segment: segment
                )
            )
        }
    }

    private static func publication() -> Conversation {
        var conversation = Conversation()
        conversation.open()
        for isFromClient in [true, false] {
            conversation.say(ZMTPBytes.greeting(), isFromClient: isFromClient)
            conversation.say(
                ZMTPBytes.ready(["Socket-Type": isFromClient ? "PUB" : "XSUB"]),
                isFromClient: isFromClient
            )
        }
        conversation.say(ZMTPBytes.command("SUBSCRIBE"), isFromClient: false)
        return conversation
    }

    /// Ports of their own for each node, so that they may share an address.
    var plan: Plan {
        var plan = PlanLab.plan()
        for index in plan.nodes.indices {
            let id = plan.nodes[index].id
            let host = host(id)
            plan.nodes[index].publishersEndpoint =
                "tcp://\(host):\(port(id, isPublishers: true))"
            plan.nodes[index].subscribersEndpoint =
                "tcp://\(host):\(port(id, isPublishers: false))"
        }
        return plan
    }

    /// A capture: of what is sent to or by one host, or of all, from one moment to another, on its own clock.
    struct Tap {
        var node: String?
        var range: Range<Int64> = Int64.min..<Int64.max
        var skew: Int64 = 0
        /// Every so many packets one was not captured.
        var dropEvery: Int?
    }

    func judge(_ taps: [Tap], hasPlan: Bool = true) -> (verdict: Verdict, findings: [Finding]) {
        let log = MessageLog()
        let clocks = ClockTable()
        let table = SessionTable(log: log)
        var captures: [CaptureReport] = []
        var nodeTaps: [VerdictOptions.NodeTap] = []
        for (index, tap) in taps.enumerated() {
            let kept = packets.filter { packet in
                tap.range.contains(packet.nanoseconds)
                    && (tap.node.map {
                        packet.source.address == host($0)
                            || packet.destination.address == host($0)
                    } ?? true)
            }
            captures.append(
                CaptureReport(
                    name: "\(index).pcap",
                    node: tap.node,
                    firstNanoseconds: kept.first.map { $0.nanoseconds + tap.skew },
                    lastNanoseconds: kept.last.map { $0.nanoseconds + tap.skew }
                )
            )
            if let node = tap.node {
                nodeTaps.append(VerdictOptions.NodeTap(node: node, capture: index))
            }
            for (number, packet) in kept.enumerated() {
                if let every = tap.dropEvery, number % every == every - 1 { continue }
                packet.handle(table, clocks, capture: index, skew: tap.skew)
            }
        }
        table.finish()
        let verdict = Verdict.make(
            log: log,
            clocks: clocks,
            captures: captures,
            options: VerdictOptions(taps: nodeTaps, plan: hasPlan ? plan : nil)
        )
        var ends: [Int: Int64] = [:]
        for (index, capture) in captures.enumerated() { ends[index] = capture.lastNanoseconds }
        return (verdict, table.findings(captureEnds: ends))
    }
}

extension CutLab.Packet {
    fileprivate func handle(
        _ table: SessionTable,
        _ clocks: ClockTable,
        capture: Int,
        skew: Int64
    ) {
        segment.payload.withUnsafeBytes { payload in
            let tcp = TCPSegment(
                datagram: Datagram(
                    capture: capture,
                    interface: 0,
                    packetNumber: 1,
                    nanoseconds: nanoseconds + skew,
                    source: source.address,
                    destination: destination.address,
                    protocolNumber: 6,
                    timeToLive: 64,
                    trafficClass: 0,
                    isReassembled: false,
                    missingByteCount: 0,
                    payload: payload
                ),
                sourcePort: source.port,
                destinationPort: destination.port,
                sequence: segment.sequence,
                acknowledgement: segment.acknowledgement,
                flags: segment.flags,
                window: segment.window,
                payload: payload
            )
            clocks.handle(tcp)
            table.handle(tcp)
        }
    }
}
