import RouterNode

/// What a fleet dropped and why, who holds whom up, and whether the accounts balance.
enum FleetAccount {
    static func lines(_ report: FleetReport, width: Int = .max) -> [String] {
        let texts = dropLines(report) + holdUpLines(report) + restartLines(report)
        let lines = (texts + [balanceLine(report)].compactMap(\.self))
            .flatMap { folded($0, width: width) }
        return (texts.isEmpty ? [] : [""]) + lines
    }

    /// What of it must be known while it happens, for a screen: what is wrong with the accounts, who holds whom up now, and
    /// who dropped how much and why, the most first. None while there is nothing of the kind.
    ///
    /// No line is wider than `width`. There are no more than `height` of them; how much did not fit is said.
    static func troubleLines(_ report: FleetReport, width: Int, height: Int) -> [String] {
        let mostDropped = report.nodes.sorted { left, right in
            let counts = [left, right].map { $0.status?.totals.droppedMessages ?? 0 }
            return counts[0] != counts[1] ? counts[0] > counts[1] : left.id < right.id
        }
        let faults = report.summary.unaccounted == 0 ? [] : [balanceLine(report)].compactMap(\.self)
        let drops = dropLines(FleetReport(name: report.name, nodes: mostDropped))
        let texts = faults + holdUpLines(report) + drops + restartLines(report)
        var lines = texts.flatMap { folded($0, width: width) }
        guard lines.count > height else { return lines }
        // Whole texts, as far as there is room for them and for one line more.
        var (shown, count) = (0, 0)
        for text in texts {
            let added = folded(text, width: width).count
            guard count + added < height else { break }
            (shown, count) = (shown + 1, count + added)
        }
        lines.removeLast(lines.count - count)
        let rest = texts.count - shown
        return lines
            + Terminal.folded("… and \(rest) more; 'xylem status' tells all", width: width).prefix(
                1
            )
    }

    private static func folded(_ text: String, width: Int) -> [String] {
        guard text.count > width else { return [text] }
        let lines = Terminal.folded(text, width: width - indent.count)
        return lines.prefix(1) + lines.dropFirst().map { indent + $0 }
    }

    private static let indent = "  "

    /// A line for each node that dropped something: `core dropped 12,525: 9,000 queue-full, 3,525 no-parent`.
    private static func dropLines(_ report: FleetReport) -> [String] {
        report.nodes.compactMap { node in
            guard let totals = node.status?.totals, totals.droppedMessages > 0 else { return nil }
            let name = Figures.name(node.id, node.label)
            return
                "\(name) dropped \(Figures.count(totals.droppedMessages)): \(words(totals.drops))"
        }
    }

    /// The largest first, and those of one size in the order of the alphabet.
    private static func words(_ drops: [String: Int]) -> String {
        drops.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { "\(Figures.count($0.value)) \($0.key)" }
            .joined(separator: ", ")
    }

    /// `core: subscriber 10.0.0.9:51222 has taken nothing for 12 s (100,000 waiting); 2 peers are not read from`.
    private static func holdUpLines(_ report: FleetReport) -> [String] {
        report.nodes.flatMap { node in
            (node.status?.holdUps ?? []).map { holdUp in
                let who = [holdUp.role, holdUp.node, holdUp.address].compactMap(\.self)
                let isAway = holdUp.peer == nil && holdUp.role != "segment"
                let waiting = holdUp.queuedMessages.map { " (\(Figures.count($0)) waiting)" } ?? ""
                return "\(Figures.name(node.id, node.label)): \(who.joined(separator: " "))"
                    + (isAway ? " is away, and its queue" : "'s queue")
                    + " has been full for \(Figures.seconds(holdUp.seconds))\(waiting); "
                    + "\(Figures.plural(holdUp.holds.count, "peer")) not read from"
            }
        }
    }

    private static func restartLines(_ report: FleetReport) -> [String] {
        report.nodes.compactMap { node in
            guard let status = node.status, status.restarts > 0 else { return nil }
            let name = Figures.name(node.id, node.label)
            return "\(name) was started anew \(Figures.plural(status.restarts, "time")); "
                + "its counts are those since"
        }
    }

    /// One line for the whole fleet; `nil` when no node answers.
    private static func balanceLine(_ report: FleetReport) -> String? {
        let balances = report.nodes.compactMap(\.status?.balance)
        guard !balances.isEmpty else { return nil }
        func sum(_ value: (NodeStatus.Balance) -> Int) -> String {
            Figures.count(balances.reduce(0) { $0 + value($1) })
        }
        let unaccounted = balances.reduce(0) { $0 + $1.unaccounted }
        let verdict =
            unaccounted == 0
            ? "balanced" : "\(Figures.count(unaccounted)) UNACCOUNTED FOR, a fault of xylem"
        return
            "accounts: \(sum(\.received)) in = \(sum(\.routed)) routed + \(sum(\.filtered)) filtered + "
            + "\(sum(\.droppedOnArrival)) dropped; \(sum(\.deliveries)) deliveries = \(sum(\.sent)) sent + "
            + "\(sum(\.dropped)) dropped + \(sum(\.queued)) queued: \(verdict)"
    }
}
