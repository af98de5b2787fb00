import RouterNode

/// A fleet as lines for a person.
struct FleetTable {
    /// What happened since the report before.
    private var rates: [String: Rate] = [:]
    /// By control endpoint: of nodes outside fleets, several may have one name.
    private var before: [String: NodeStatus] = [:]
    /// Whether the summary says of which version the nodes are.
    private let showsVersion: Bool

    init(showsVersion: Bool = false) {
        self.showsVersion = showsVersion
    }

    struct Rate: Equatable {
        /// Messages per second.
        var received: Double
        var sent: Double
    }

    /// Takes a report into account; from the second on, rates are known.
    mutating func update(_ report: FleetReport) {
        rates = [:]
        for node in report.nodes {
            if let old = before[node.control], let new = node.status {
                rates[node.control] = Rate(from: old, to: new)
            }
            before[node.control] = node.status
        }
    }

    /// A row per node, those with problems first, and a summary. `states` are the supervisor's words for nodes that do not
    /// answer. Where there are more than `height` lines, the last nodes are left out.
    func lines(
        _ report: FleetReport,
        states: [String: String] = [:],
        width: Int = .max,
        height: Int = .max
    ) -> [String] {
        let isRated = !rates.isEmpty
        var table = TextTable(
            columns: [.text("NODE"), .text("STATE")]
                + [
                    .number(isRated ? "IN/s" : "IN", worth: 4),
                    .number(isRated ? "OUT/s" : "OUT", worth: 5),
                    .number("DROPS", worth: 7), .number("QUEUE", worth: 3),
                    .number("PUBS", worth: 2), .number("SUBS", worth: 6),
                    .number("CHILDREN", worth: 1),
                ]
        )
        table.rows = Self.worstFirst(report.nodes).map {
            row($0, isRated: isRated, states: states)
        }
        let summary = Terminal.folded(
            Self.summary(report, showsVersion: showsVersion) + table.remark(width: width),
            width: width
        )
        var lines = table.lines(width: width)
        // One more line says what is left out.
        let left = lines.count + summary.count - height
        if left > 0, lines.count > 3 {
            let leftCount = min(left + 1, lines.count - 2)
            lines.removeLast(leftCount)
            lines.append("… and \(leftCount) more; 'xylem status' shows all")
        }
        return lines + summary
    }

    /// A row per multicast group that a node sends to or hears; none when there are no groups.
    static func islandLines(_ report: FleetReport, width: Int = .max) -> [String] {
        var table = TextTable(
            columns: [
                .text("TREE", worth: 7), .text("SEGMENT", worth: 6), .text("NODE"),
                .text("ROLE"), .text("STATE"), .number("MESSAGES", worth: 4),
                .number("PACKETS", worth: 3), .number("REPAIRS", worth: 5),
                .number("NAKS", worth: 2), .number("LOST", worth: 8),
                .number("SOURCES", worth: 1),
            ]
        )
        for node in report.nodes {
            for island in node.status?.islands ?? [] {
                table.rows.append(
                    [
                        island.tree, island.segment ?? "-", Figures.name(node.id, node.label),
                        island.role, island.state,
                    ]
                        + [
                            island.messages, island.dataPackets, island.repairPackets, island.naks,
                            island.lostPackets,
                        ].map(Figures.count)
                        + [island.role == "head" ? "-" : Figures.count(island.sources.count)]
                )
            }
        }
        return table.rows.isEmpty ? [] : [""] + table.lines(width: width)
    }

    /// One line for the whole fleet. Versions are news when there are several, and else shown on request.
    static func summary(_ report: FleetReport, showsVersion: Bool = false) -> String {
        let summary = report.summary
        var parts = ["\(summary.reachable) of \(Figures.plural(summary.nodes, "node")) up"]
        if summary.connected < summary.reachable {
            parts.append("\(summary.reachable - summary.connected) without a parent")
        }
        parts += [
            "\(Figures.count(summary.receivedMessages)) received",
            "\(Figures.count(summary.sentMessages)) sent",
            "\(Figures.count(summary.droppedMessages)) dropped",
            Figures.plural(summary.subscribers, "subscriber"),
        ]
        let versions = Set(report.nodes.compactMap { $0.status?.version }).sorted()
        if versions.count > 1 || showsVersion, !versions.isEmpty {
            parts.append("xylem \(versions.joined(separator: " and "))")
        }
        if report.nodes.contains(where: { $0.status?.islands.isEmpty == false }) {
            parts.append(
                "multicast: \(Figures.count(summary.repairedPackets)) packets repaired, "
                    + "\(Figures.count(summary.lostPackets)) lost"
            )
        }
        return parts.joined(separator: ", ")
    }

    /// Which nodes are not as they should be, for a log; `nil` when all are.
    static func troubles(_ report: FleetReport, states: [String: String]) -> String? {
        let troubled = report.nodes.filter { !$0.isConnected }
        guard !troubled.isEmpty else { return nil }
        let named = troubled.prefix(troubleCountMax).map { node in
            let state = node.isReachable ? "no parent" : state(of: node, states)
            return "\(node.id) \(state)"
        }
        let rest = troubled.count - named.count
        return named.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }

    /// Of a node that does not answer.
    private static func state(of node: NodeReport, _ states: [String: String]) -> String {
        if let state = states[node.id] { return state == "running" ? "silent" : state }
        return node.control.isEmpty ? "unknown" : "down"
    }

    private static let troubleCountMax = 10

    private func row(_ node: NodeReport, isRated: Bool, states: [String: String]) -> [String] {
        let name = Figures.name(node.id, node.label)
        guard let totals = node.status?.totals else {
            return [name, Self.state(of: node, states)] + Array(repeating: "-", count: 7)
        }
        let rate = rates[node.control]
        let traffic =
            isRated
            ? [rate?.received, rate?.sent].map { $0.map { Figures.count(Int($0)) } ?? "-" }
            : [Figures.count(totals.receivedMessages), Figures.count(totals.sentMessages)]
        return [name, node.isConnected ? "up" : "no parent"] + traffic
            + [
                totals.droppedMessages, totals.queuedMessages, totals.publishers,
                totals.subscribers, totals.children,
            ].map(Figures.count)
    }

    private static func worstFirst(_ nodes: [NodeReport]) -> [NodeReport] {
        nodes.filter { !$0.isReachable } + nodes.filter { $0.isReachable && !$0.isConnected }
            + nodes.filter { $0.isReachable && $0.isConnected }
    }
}

extension FleetTable.Rate {
    /// `nil` when the node was started anew in between.
    init?(from old: NodeStatus, to new: NodeStatus) {
        let seconds = new.uptimeSeconds - old.uptimeSeconds
        guard old.pid == new.pid, seconds > 0 else { return nil }
        received = Double(new.totals.receivedMessages - old.totals.receivedMessages) / seconds
        sent = Double(new.totals.sentMessages - old.totals.sentMessages) / seconds
    }
}
