public import Inspector
import Rendering

/// A verdict for a person: the outcome, why, then who got what, and which hop carried what.
public enum VerdictText {
    private static let receiverCountMax = 60
    private static let hopCountMax = 60
    private static let lossCountMax = 12

    public static func lines(
        _ verdict: Verdict,
        width: Int = 100,
        tableWidth: Int = .max
    ) -> [String] {
        var lines = head(verdict, width: width)
        lines += [""] + receivers(verdict, tableWidth)
        let losses = losses(verdict)
        if !losses.isEmpty { lines += [""] + losses }
        let hops = hops(verdict, tableWidth)
        if !hops.isEmpty { lines += [""] + hops }
        let clocks = clocks(verdict)
        if !clocks.isEmpty { lines += [""] + clocks }
        return lines
    }

    static func word(_ outcome: Verdict.Outcome) -> String {
        switch outcome {
        case .asPlanned: "AS PLANNED"
        case .notAsPlanned: "NOT AS PLANNED"
        case .undecided: "CANNOT TELL"
        }
    }

    /// One sentence for the whole.
    static func sentence(_ verdict: Verdict) -> String {
        let judged = verdict.receivers.count { $0.expectedCount > 0 && $0.parent != nil }
        let what = Figures.count(verdict.messageCount, "message")
        let plan = verdict.plan.map { " of plan '\($0)'" } ?? ""
        switch verdict.outcome {
        case .asPlanned:
            return "\(what) reached \(Figures.count(judged, "receiver"))\(plan), each once."
        case .notAsPlanned, .undecided:
            let first = verdict.reasons.first { $0.effect != .note }
            return first.map { $0.text + "." } ?? "\(what), \(Figures.count(judged, "receiver"))."
        }
    }

    private static func head(_ verdict: Verdict, width: Int) -> [String] {
        var lines = ["VERDICT: \(word(verdict.outcome))"]
        lines += wrapped(sentence(verdict), width: width, indentation: "  ")
        let rest =
            verdict.outcome == .asPlanned
            ? verdict.reasons
            : verdict.reasons.filter { $0.text + "." != sentence(verdict) }
        for reason in rest.prefix(40) {
            let mark =
                switch reason.effect {
                case .failure: "✗ "
                case .doubt: "? "
                case .note: "· "
                }
            let text = wrapped(mark + reason.text, width: width, indentation: "    ")
            lines += text.enumerated().map { $0 == 0 ? "  " + $1.drop { $0 == " " } : $1 }
        }
        if rest.count > 40 { lines.append("  and \(Figures.count(rest.count - 40)) more") }
        return lines
    }

    private static func receivers(_ verdict: Verdict, _ width: Int) -> [String] {
        guard !verdict.receivers.isEmpty else { return [] }
        let hasTrees = Set(verdict.receivers.map(\.tree)).count > 1
        var table = TextColumns([
            .text("receiver"), .text("tree", worth: 4), .text("from", worth: 5),
            .number("expected", worth: 7), .number("delivered", worth: 8), .number("lost"),
            .number("unsure"), .number("repaired", worth: 1), .number("twice"), .number("late"),
            .number("latency median", worth: 3), .number("worst", worth: 2),
        ])
        for receiver in verdict.receivers.prefix(receiverCountMax) {
            let isRoot = receiver.parent == nil
            let latency = receiver.latency
            let indentation = String(repeating: " ", count: min(receiver.level, 12))
            table.add([
                indentation + receiver.name,
                hasTrees ? receiver.tree ?? TextColumns.nothing : TextColumns.nothing,
                receiver.parent ?? TextColumns.nothing,
                receiver.isObserved ? Figures.count(receiver.expectedCount) : "not seen",
                receiver.isObserved ? Figures.count(receiver.deliveredCount) : "",
                isRoot && receiver.lostCount == 0
                    ? TextColumns.nothing : Figures.count(receiver.lostCount),
                number(receiver.undecidedCount), number(receiver.repairedCount),
                number(receiver.duplicatedCount), number(receiver.lateCount),
                latency.isEmpty ? TextColumns.nothing : Figures.duration(latency.quantile(0.5)),
                latency.isEmpty ? TextColumns.nothing : Figures.duration(latency.maximum),
            ])
        }
        var lines = ["WHO GOT WHAT"] + table.lines(width: width)
        if verdict.receivers.count > receiverCountMax {
            lines.append(
                "and \(Figures.count(verdict.receivers.count - receiverCountMax)) more, all in --format json"
            )
        }
        return lines
    }

    private static func number(_ count: Int) -> String {
        count == 0 ? TextColumns.nothing : Figures.count(count)
    }

    private static func losses(_ verdict: Verdict) -> [String] {
        var lines: [String] = []
        for receiver in verdict.receivers where !receiver.losses.isEmpty {
            if lines.isEmpty {
                lines.append("LOST (message numbers are those of the root's order)")
            }
            for loss in receiver.losses.prefix(lossCountMax) {
                let numbers =
                    loss.count == 1
                    ? Figures.count(loss.first)
                    : "\(Figures.count(loss.first))–\(Figures.count(loss.last))"
                let topic = loss.topic.isEmpty ? "" : ", “\(loss.topic)”"
                lines.append(
                    "\(receiver.name)  \(numbers) at \(CalendarTime(loss.nanoseconds).timeText())"
                        + "\(topic), first at \(loss.hop)"
                )
            }
            let hidden =
                receiver.losses.count - min(receiver.losses.count, lossCountMax)
                + receiver.leftOutLossCount
            if hidden > 0 { lines.append("\(receiver.name)  and \(Figures.count(hidden)) more") }
        }
        return lines
    }

    private static func hops(_ verdict: Verdict, _ width: Int) -> [String] {
        guard !verdict.hops.isEmpty else { return [] }
        var table = TextColumns([
            .text("hop"), .text("by", worth: 3), .number("offered", worth: 5),
            .number("carried", worth: 6), .number("lost here first"), .text("where", worth: 7),
            .number("latency median", worth: 4), .number("99 %", worth: 1),
            .number("worst", worth: 2),
        ])
        for hop in verdict.hops.prefix(hopCountMax) {
            let latency = hop.latency
            table.add([
                "\(hop.from) → \(hop.to)", hop.transport ?? TextColumns.nothing,
                Figures.count(hop.offeredCount), Figures.count(hop.carriedCount),
                Figures.count(hop.lostCount), place(hop),
                latency.isEmpty ? TextColumns.nothing : Figures.duration(latency.quantile(0.5)),
                latency.isEmpty ? TextColumns.nothing : Figures.duration(latency.quantile(0.99)),
                latency.isEmpty ? TextColumns.nothing : Figures.duration(latency.maximum),
            ])
        }
        var lines = ["HOPS"] + table.lines(width: width)
        if verdict.hops.count > hopCountMax {
            lines.append("and \(Figures.count(verdict.hops.count - hopCountMax)) more")
        }
        return lines
    }

    /// Whether the sender or the network lost it, as far as that is known.
    static func place(_ hop: Verdict.Hop) -> String {
        guard hop.lostCount > 0 else { return TextColumns.nothing }
        var parts: [String] = []
        if hop.neverSentCount > 0 {
            parts.append("\(Figures.count(hop.neverSentCount)) never left \(hop.from)")
        }
        if hop.lostOnTheWayCount > 0 {
            parts.append("\(Figures.count(hop.lostOnTheWayCount)) left \(hop.from)")
        }
        return parts.isEmpty ? TextColumns.nothing : parts.joined(separator: ", ")
    }

    private static func clocks(_ verdict: Verdict) -> [String] {
        var lines: [String] = []
        var names: [String] = []
        for receiver in verdict.receivers {
            guard let clock = receiver.clock, receiver.hasTap, !names.contains(receiver.name) else {
                continue
            }
            names.append(receiver.name)
            guard clock.method != .reference else { continue }
            lines.append("\(receiver.name)  \(text(clock))")
        }
        return lines.isEmpty ? [] : ["CLOCKS against the first tap's"] + lines
    }

    static func text(_ clock: ClockEstimate) -> String {
        let offset = Figures.duration(clock.offsetNanoseconds)
        switch clock.method {
        case .reference: return "the reference"
        case .sameCapture: return "the same clock"
        case .bothWays:
            let doubt = Figures.duration(clock.uncertaintyNanoseconds ?? 0)
            return "\(offset) ± \(doubt), from packets both ways"
        case .oneWay: return "\(offset), from the shortest way one way: no bound on its error"
        }
    }
}
