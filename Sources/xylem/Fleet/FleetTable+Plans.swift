import RouterNode

extension FleetTable {
    /// What stands above the table: the plan, and who is without a parent and why.
    static func headLines(_ report: FleetReport, width: Int = .max) -> [String] {
        (planLines(report) + parentLines(report)).flatMap { Terminal.folded($0, width: width) }
    }

    /// What stands below it: groups, and peers that are dialled.
    static func detailLines(_ report: FleetReport, width: Int = .max) -> [String] {
        FleetAccount.lines(report, width: width) + islandLines(report, width: width)
            + dialledLines(report, width: width)
    }

    private static func planLines(_ report: FleetReport) -> [String] {
        planLines(
            report.nodes.compactMap { node in
                node.status.map { (Figures.name(node.id, node.label), $0.plan) }
            }
        )
    }

    /// Which plan nodes follow; when they follow several, who follows which. None when nobody follows any.
    static func planLines(_ nodes: [(name: String, plan: NodeStatus.Plan?)]) -> [String] {
        var followers: [(plan: NodeStatus.Plan?, nodes: [String])] = []
        for (name, plan) in nodes {
            if let place = followers.firstIndex(where: { $0.plan == plan }) {
                followers[place].nodes.append(name)
            } else {
                followers.append((plan, [name]))
            }
        }
        let planCount = followers.count { $0.plan != nil }
        guard planCount > 0 else { return [] }
        if followers.count == 1 { return [text(followers[0].plan)] }
        let title =
            planCount > 1 ? ["nodes follow different plans, and do not connect across them:"] : []
        return title
            + followers.map { plan, nodes in
                let shown = nodes.prefix(nodeCountMax).joined(separator: ", ")
                let more =
                    nodes.count > nodeCountMax ? " and \(nodes.count - nodeCountMax) more" : ""
                return "\(planCount > 1 ? "  " : "")\(text(plan)): \(shown)\(more)"
            }
    }

    /// A row per publisher or subscriber that a relay dials; none when there are no such.
    static func dialledLines(_ report: FleetReport, width: Int = .max) -> [String] {
        var table = TextTable(
            columns: [
                .text("NODE"), .text("CONNECTS TO"), .text("ENDPOINT"), .text("TREE"),
                .text("STATE"),
            ]
        )
        for node in report.nodes {
            for peer in node.status?.dialled ?? [] {
                table.rows.append([
                    Figures.name(node.id, node.label),
                    peer.side == "publishers" ? "publisher" : "subscriber",
                    peer.endpoint, peer.tree ?? "-",
                    peer.isConnected ? "up" : peer.problem ?? "connecting",
                ])
            }
        }
        return table.rows.isEmpty ? [] : [""] + table.lines(width: width)
    }

    /// A line per tree whose parent a node is missing, with the reason as far as it is known.
    static func parentLines(_ report: FleetReport) -> [String] {
        report.nodes.flatMap { node in
            (node.status?.trees ?? []).compactMap { tree in
                guard !tree.isConnected, let problem = tree.problem else { return nil }
                return "\(Figures.name(node.id, node.label)) has no parent in tree '\(tree.name)': "
                    + "\(tree.parent ?? "?"): \(problem)"
            }
        }
    }

    private static func text(_ plan: NodeStatus.Plan?) -> String {
        plan?.text ?? "no plan (started by hand)"
    }

    private static let nodeCountMax = 8
}

extension NodeStatus.Plan {
    /// `plan 4f1c09a2b7de (epoch 3)`: as much of the identity as tells plans apart.
    var text: String { "plan \(id.prefix(12)) (epoch \(epoch))" }
}
