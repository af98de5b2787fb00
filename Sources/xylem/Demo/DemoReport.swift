/// What a demonstration has shown. The JSON keys are the property names.
struct DemoReport: Codable, Equatable, Sendable {
    struct Node: Codable, Equatable, Sendable {
        var id: String
        var label: String
        var sent: Int
        var received: Int
        var missing: Int
        var duplicated: Int
        /// Came after a message that was sent later.
        var late: Int
        /// Microseconds; `nil` when nothing was received.
        var latencyMedian: UInt64?
        var latencyP99: UInt64?

        init(_ node: FleetState.Node, sent: Int, tally: DeliveryTally) {
            id = node.id
            label = node.label
            self.sent = sent
            received = tally.receivedCount
            missing = sent - tally.receivedCount
            duplicated = tally.duplicateCount
            late = tally.lateCount
            latencyMedian = tally.latency(percentile: 50)
            latencyP99 = tally.latency(percentile: 99)
        }

        var isComplete: Bool { missing == 0 && duplicated == 0 && late == 0 }
    }

    var tree: String
    /// The id of the node where it was published.
    var publisher: String
    var nodes: [Node]

    /// Every message at every node, once and in order.
    var isComplete: Bool { nodes.allSatisfy(\.isComplete) }

    /// A table and a verdict.
    func lines(width: Int = .max) -> [String] {
        var table = TextTable(
            columns: [
                .text("NODE"), .number("SENT", worth: 2), .number("RECEIVED"),
                .number("MISSING"), .number("DUPLICATED"), .number("MEDIAN", worth: 1),
                .number("P99", worth: 0),
            ]
        )
        table.rows = nodes.map { node in
            [
                Figures.name(node.id, node.label), Figures.count(node.sent),
                Figures.count(node.received),
                Figures.count(node.missing), Figures.count(node.duplicated),
                node.latencyMedian.map(Figures.time) ?? "-",
                node.latencyP99.map(Figures.time) ?? "-",
            ]
        }
        return table.lines(width: width)
            + Terminal.folded(verdict + table.remark(width: width), width: width)
    }

    private var verdict: String {
        let sent = nodes.first?.sent ?? 0
        let messages = Figures.plural(sent, "message")
        guard !isComplete else {
            return
                "All \(messages) published at \(publisher) reached \(Figures.plural(nodes.count, "node")), "
                + "each once and in order."
        }
        let missing = nodes.reduce(0) { $0 + $1.missing }
        let duplicated = nodes.reduce(0) { $0 + $1.duplicated }
        let late = nodes.reduce(0) { $0 + $1.late }
        let count = nodes.count { !$0.isComplete }
        return "Of \(messages) published at \(publisher), \(Figures.count(missing)) missing, "
            + "\(Figures.count(duplicated)) duplicated and \(Figures.count(late)) out of order at "
            + "\(Figures.plural(count, "node"))."
    }
}
