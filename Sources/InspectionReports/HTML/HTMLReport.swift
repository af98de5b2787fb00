public import Inspector
import Rendering

/// An inspection as one page that needs nothing else: figures are SVG, the style is inside, nothing is loaded.
public enum HTMLReport {
    static let streamCountMax = 24

    public static func render(_ report: InspectionReport) -> String {
        let names = ReportNames(report)
        var markup = Markup()
        markup.raw(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                + "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
                + "<meta http-equiv=\"Content-Security-Policy\" "
                + "content=\"default-src 'none';style-src 'unsafe-inline'\"><title>"
        )
        markup.escaped(title(report))
        markup.raw("</title><style>\(HTMLStyle.sheet)</style></head><body><main>\n")
        writeHead(report, &markup)
        if let verdict = report.verdict {
            writeTrees(verdict, &markup)
            HTMLTables.writeVerdict(verdict, &markup)
            writeLatencies(verdict, &markup)
        }
        writeStreams(report, names, &markup)
        HTMLTables.writeFindings(report, &markup)
        HTMLTables.writeSessions(report, &markup)
        HTMLTables.writeCaptures(report, &markup)
        markup.raw(
            "<footer>Made by xylem inspect. All times are UTC.</footer></main></body></html>\n"
        )
        return markup.text
    }

    private static func title(_ report: InspectionReport) -> String {
        let files = report.captures.map {
            $0.name.split(separator: "/").last.map(String.init) ?? $0.name
        }
        return "xylem inspect: " + Figures.list(files, limit: 2)
    }

    // MARK: - The first screen

    private static func writeHead(_ report: InspectionReport, _ markup: inout Markup) {
        markup.raw("<header>")
        markup.element("h1", title(report))
        var place = ""
        if let span = report.span {
            place =
                CalendarTime(span.lowerBound).dateText + " "
                + CalendarTime(span.lowerBound).timeText() + " – "
                + CalendarTime(span.upperBound).timeText() + " UTC, "
                + Figures.duration(span.upperBound &- span.lowerBound)
        }
        markup.element("p", place, class: "where")
        markup.raw("</header>")
        if let verdict = report.verdict {
            writeBanner(verdict, &markup)
        } else {
            writeBanner(report, &markup)
        }
        writeTiles(report, &markup)
    }

    private static func writeBanner(_ verdict: Verdict, _ markup: inout Markup) {
        let className =
            switch verdict.outcome {
            case .asPlanned: "good"
            case .notAsPlanned: "bad"
            case .undecided: "doubt"
            }
        let word = VerdictText.word(verdict.outcome)
        markup.raw("<section class=\"banner \(className)\">")
        markup.element("div", word.prefix(1) + word.dropFirst().lowercased(), class: "word")
        let sentence = VerdictText.sentence(verdict)
        markup.element("p", sentence, class: "sentence")
        let others = verdict.reasons.filter { $0.text + "." != sentence }
        if !others.isEmpty {
            markup.raw("<ul>")
            for reason in others.prefix(12) {
                let sign =
                    switch reason.effect {
                    case .failure: "✗"
                    case .doubt: "?"
                    case .note: "·"
                    }
                markup.raw("<li><b>\(sign)</b>")
                markup.escaped(reason.text)
                markup.raw("</li>")
            }
            if others.count > 12 {
                markup.element(
                    "li",
                    "and \(Figures.count(others.count - 12)) more, all in --format json"
                )
            }
            markup.raw("</ul>")
        }
        markup.raw("</section>")
    }

    private static func writeBanner(_ report: InspectionReport, _ markup: inout Markup) {
        let severity = report.findings.first?.severity
        let (className, word) =
            switch severity {
            case .problem: ("bad", "Problem")
            case .warning: ("doubt", "Warning")
            case .note, nil:
                (
                    "good",
                    report.streams.isEmpty && report.sessions.isEmpty ? "Nothing found" : "Good"
                )
            }
        markup.raw("<section class=\"banner \(className)\">")
        markup.element("div", word, class: "word")
        let lines = ReportConclusion.lines(report, width: 100_000)
        let words = ["PROBLEM", "WARNING", "GOOD", "NOTHING"]
        for (index, line) in lines.enumerated() {
            var text = line.drop { $0 == " " }
            if index == 0, let head = words.first(where: { text.hasPrefix($0) }) {
                text = text.dropFirst(head.count).drop { $0 == " " }
            }
            markup.element("p", String(text), class: "sentence")
        }
        markup.raw("</section>")
    }

    private static func writeTiles(_ report: InspectionReport, _ markup: inout Markup) {
        var tiles: [(value: String, title: String, isBad: Bool)] = []
        if let verdict = report.verdict {
            let judged = verdict.receivers.filter { $0.parent != nil }
            let lost = judged.reduce(0) { $0 + $1.lostCount }
            let delivered = judged.reduce(0) { $0 + $1.deliveredCount }
            tiles.append((Figures.count(verdict.messageCount), "messages", false))
            tiles.append(
                (Figures.count(judged.count), judged.count == 1 ? "receiver" : "receivers", false)
            )
            tiles.append((Figures.count(delivered), "deliveries", false))
            tiles.append((Figures.count(lost), lost == 1 ? "loss" : "losses", lost > 0))
        }
        let streams = report.streams
        if !streams.isEmpty {
            let repaired = streams.reduce(0) { $0 + $1.repairSummary.repairedCount }
            let lost = streams.reduce(0) { $0 + $1.repairSummary.unrepairedCount }
            tiles.append(
                (
                    Figures.count(streams.count), streams.count == 1 ? "PGM stream" : "PGM streams",
                    false
                )
            )
            tiles.append(
                (Figures.count(streams.reduce(0) { $0 + $1.packets.odata }), "data packets", false)
            )
            tiles.append((Figures.count(repaired), "packets repaired", false))
            tiles.append((Figures.count(lost), "packets lost for good", lost > 0))
            let peak = streams.map(\.rate.peakBitsPerSecond).max() ?? 0
            tiles.append((Figures.bitRate(peak), "in the busiest millisecond", false))
        }
        let zmtp = report.sessions.filter { $0.content == .zmtp }
        if !zmtp.isEmpty {
            tiles.append((Figures.count(zmtp.count), "ZMTP connections", false))
        }
        let worst = report.findings.count { $0.severity == .problem }
        tiles.append(
            (Figures.count(worst), worst == 1 ? "problem found" : "problems found", worst > 0)
        )
        markup.raw("<div class=\"tiles\">")
        for tile in tiles {
            markup.raw("<div class=\"tile\(tile.isBad ? " bad" : "")\">")
            markup.element("b", tile.value)
            markup.element("span", tile.title)
            markup.raw("</div>")
        }
        markup.raw("</div>\n")
    }

    // MARK: - Figures

    private static func writeTrees(_ verdict: Verdict, _ markup: inout Markup) {
        var trees: [String?] = []
        for receiver in verdict.receivers where !trees.contains(receiver.tree) {
            trees.append(receiver.tree)
        }
        markup.element("h2", verdict.plan == nil ? "The taps" : "The tree")
        markup.element(
            "p",
            "Green has everything it should have, red lacks something, yellow could not be told. "
                + "A red edge is where messages were lost first.",
            class: "note"
        )
        for tree in trees.prefix(12) {
            let figure = TreeFigure(verdict, tree: tree)
            guard !figure.isEmpty else { continue }
            if trees.count > 1, let tree { markup.element("h3", tree) }
            figure.write(to: &markup)
        }
    }

    private static func writeLatencies(_ verdict: Verdict, _ markup: inout Markup) {
        let timed = verdict.receivers.filter { $0.latency.count > 1 }
        guard !timed.isEmpty else { return }
        markup.element("h2", "Latency")
        markup.element(
            "p",
            "From the root, or the first tap, to the receiver, on corrected clocks; the scale is "
                + "logarithmic.",
            class: "note"
        )
        // The slowest tell most.
        let slowest = timed.sorted { $0.latency.quantile(0.99) > $1.latency.quantile(0.99) }
        for receiver in slowest.prefix(6) {
            let clock = receiver.clock.map { ", clock: " + VerdictText.text($0) } ?? ""
            markup.element("h3", receiver.name + (receiver.hasTap ? clock : ""))
            HistogramFigure(receiver.latency).write(to: &markup)
        }
        if timed.count > 6 {
            markup.element(
                "p",
                "The other \(Figures.count(timed.count - 6)) are faster.",
                class: "note"
            )
        }
    }

    private static func writeStreams(
        _ report: InspectionReport,
        _ names: ReportNames,
        _ markup: inout Markup
    ) {
        guard !report.streams.isEmpty else { return }
        markup.element("h2", "Streams")
        HTMLTables.writeStreams(report, names, &markup)
        for stream in report.streams.prefix(streamCountMax) {
            markup.element("h3", names.name(stream))
            if !stream.timeline.bins.isEmpty { TimelineFigure(stream).write(to: &markup) }
            HTMLTables.writeReceivers(of: stream, &markup)
            HTMLTables.writeLosses(of: stream, &markup)
            let repairs = stream.repairSummary.nakToRDATA
            if repairs.count > 1 {
                markup.element("h3", "From the first NAK to the repair")
                HistogramFigure(repairs).write(to: &markup)
            }
        }
        if report.streams.count > streamCountMax {
            let rest = Figures.count(report.streams.count - streamCountMax)
            markup.element("p", "\(rest) more streams are in --format json.", class: "note")
        }
    }
}
