public import Inspector
import Rendering

/// A report for a person: the conclusion first, then streams, receivers and findings, and last what was read.
public enum ReportText {
    private static let streamCountMax = 50

    /// Sentences are folded at `width`. Tables wider than `tableWidth` are without columns of little worth, and say so; what else is a line
    /// of its own is folded there.
    public static func render(
        _ report: InspectionReport,
        width: Int = 100,
        tableWidth: Int = .max
    ) -> String {
        let names = ReportNames(report)
        let sections = [
            report.verdict.map { VerdictText.lines($0, width: width, tableWidth: tableWidth) }
                ?? [],
            ReportConclusion.lines(report, width: width),
            streams(report, names, width: tableWidth),
            ReceiverText.lines(report, names, width: tableWidth),
            SessionText.lines(report.sessions, report.radio, width: tableWidth),
            findings(report, width: width, headWidth: tableWidth),
            CaptureText.lines(report, width: width, headWidth: tableWidth),
        ]
        return sections.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") + "\n" }
            .joined(separator: "\n")
    }

    // MARK: - Streams

    static func streams(
        _ report: InspectionReport,
        _ names: ReportNames,
        width: Int = .max
    ) -> [String] {
        guard !report.streams.isEmpty else { return [] }
        var table = TextColumns([
            .text("stream"), .text("at"), .text("", worth: 1), .number("data", worth: 5),
            .number("messages", worth: 4), .number("rate", worth: 3), .number("peak", worth: 2),
            .number("missing", worth: 6), .number("repaired", worth: 7), .number("lost"),
        ])
        for stream in report.streams.prefix(streamCountMax) {
            let missing = stream.sequence.missingCount
            table.add([
                names.shortName(stream),
                names.namesTaps ? names.tap(stream.capture, stream.interface) : TextColumns.nothing,
                stream.transport.rawValue,
                Figures.count(stream.packets.odata),
                stream.messages.count > 0
                    ? Figures.count(stream.messages.count) : TextColumns.nothing,
                Figures.bitRate(stream.rate.bitsPerSecond),
                Figures.bitRate(stream.rate.peakBitsPerSecond),
                missing == 0 ? "0" : Figures.count(missing),
                Figures.count(stream.repairSummary.repairedCount),
                Figures.count(stream.repairSummary.unrepairedCount),
            ])
        }
        var lines = ["STREAMS"] + table.lines(width: width)
        if report.streams.count > streamCountMax {
            lines.append("and \(Figures.count(report.streams.count - streamCountMax)) more")
        }
        return lines + topics(report, names)
    }

    private static func topics(_ report: InspectionReport, _ names: ReportNames) -> [String] {
        report.streams.prefix(streamCountMax).compactMap { stream in
            let topics = stream.messages.topics
            guard !topics.isEmpty else { return nil }
            let listed = topics.map { "\($0.text) (\(Figures.count($0.count)))" }
            let prefix = report.streams.count > 1 ? "topics of \(names.name(stream)): " : "topics: "
            guard topics[0].count > 1 || topics.count == 1 else {
                let atLeast = stream.messages.hasMoreTopics ? "more than " : ""
                return prefix + "\(atLeast)\(Figures.count(topics.count)), each once"
            }
            return prefix + Figures.list(listed, limit: 6)
        }
    }

    // MARK: - Findings

    static func findings(
        _ report: InspectionReport,
        width: Int,
        headWidth: Int = .max
    ) -> [String] {
        guard !report.findings.isEmpty else { return [] }
        var lines = ["FINDINGS"]
        for finding in report.findings {
            let time = finding.firstNanoseconds.map { CalendarTime($0).timeText() + "  " } ?? ""
            let head = "\(padded(finding.severity.text))\(time)\(finding.code)"
            if head.count + 2 + finding.subject.count <= headWidth {
                lines.append("\(head)  \(finding.subject)")
            } else {
                lines += [head]
                lines += wrapped(finding.subject, width: headWidth, indentation: padded(""))
            }
            lines += wrapped(finding.text, width: width, indentation: padded(""))
        }
        return lines
    }

    private static func padded(_ text: String) -> String {
        text + String(repeating: " ", count: max(0, 9 - text.count))
    }
}
