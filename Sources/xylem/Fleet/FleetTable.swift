import RouterNode

/// A fleet as lines for a person.
struct FleetTable {
    /// What happened since the report before.
    private var rates: [String: Rate] = [:]
    private var before: [String: NodeStatus] = [:]

    struct Rate: Equatable {
        /// Messages per second.
        var received: Double
        var sent: Double
    }

    /// Takes a report into account; from the second on, rates are known.
    mutating func update(_ report: FleetReport) {
        rates = [:]
        for node in report.nodes {
            if let old = before[node.id], let new = node.status {
                rates[node.id] = Rate(from: old, to: new)
            }
            before[node.id] = node.status
        }
    }

    /// A row per node and a summary. `states` are the supervisor's words for nodes that do not answer; of more than
    /// `rowCountMax` nodes those with problems are listed first.
    func lines(
        _ report: FleetReport,
        states: [String: String] = [:],
        width: Int = .max,
        rowCountMax: Int = .max
    ) -> [String] {
        let isRated = !rates.isEmpty
        var table = TextTable(
            columns: [.text("NODE"), .text("STATE")]
                + (isRated
                    ? [.number("IN/s"), .number("OUT/s")] : [.number("IN"), .number("OUT")])
                + [
                    .number("DROPS"), .number("QUEUE"), .number("PUBS"), .number("SUBS"),
                    .number("CHILDREN"),
                ]
        )
        let shown = Self.chosen(report.nodes, count: rowCountMax)
        table.rows = shown.map { row($0, isRated: isRated, states: states) }
        var lines = table.lines(width: width)
        let left = report.nodes.count - shown.count
        if left > 0 { lines.append("… and \(left) more; 'xylem status' shows all") }
        return lines + [Self.summary(report)]
    }

    /// A row per multicast group that a node sends to or hears; none when there are no groups.
    static func islandLines(_ report: FleetReport, width: Int = .max) -> [String] {
        var table = TextTable(
            columns: [
                .text("TREE"), .text("SEGMENT"), .text("NODE"), .text("ROLE"), .text("STATE"),
                .number("MESSAGES"), .number("PACKETS"), .number("REPAIRS"), .number("NAKS"),
                .number("LOST"), .number("SOURCES"),
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

    /// One line for the whole fleet.
    static func summary(_ report: FleetReport) -> String {
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
        if report.nodes.contains(where: { $0.status?.islands.isEmpty == false }) {
            parts.append(
                "multicast: \(Figures.count(summary.repairedPackets)) packets repaired, "
                    + "\(Figures.count(summary.lostPackets)) lost"
            )
        }
        return parts.joined(separator: ", ")
    }

    private func row(_ node: NodeReport, isRated: Bool, states: [String: String]) -> [String] {
        let name = Figures.name(node.id, node.label)
        guard let totals = node.status?.totals else {
            let state = states[node.id].map { $0 == "running" ? "silent" : $0 }
            return [name, state ?? "down"] + Array(repeating: "-", count: 7)
        }
        let rate = rates[node.id]
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

    private static func chosen(_ nodes: [NodeReport], count: Int) -> [NodeReport] {
        guard nodes.count > count else { return nodes }
        return Array((nodes.filter { !$0.isConnected } + nodes.filter(\.isConnected)).prefix(count))
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
