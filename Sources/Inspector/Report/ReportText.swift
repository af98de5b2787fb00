/// A report for a person: the conclusion first, then streams, receivers and findings, and last what was read.
public enum ReportText {
    /// How many receivers are shown of a stream; the rest is counted.
    private static let receiverCountMax = 20
    private static let streamCountMax = 50

    public static func render(_ report: InspectionReport, width: Int = 100) -> String {
        let names = ReportNames(report)
        let sections = [
            ReportConclusion.lines(report, width: width),
            streams(report, names),
            receivers(report, names),
            findings(report, width: width),
            captures(report),
        ]
        return sections.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") + "\n" }
            .joined(separator: "\n")
    }

    // MARK: - Streams

    static func streams(_ report: InspectionReport, _ names: ReportNames) -> [String] {
        guard !report.streams.isEmpty else { return [] }
        var table = TextColumns([
            .text("stream"), .text("at"), .text(""), .number("data"), .number("messages"),
            .number("rate"), .number("peak"), .number("missing"), .number("repaired"),
            .number("lost"),
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
        var lines = ["STREAMS"] + table.lines
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
            let prefix = report.streams.count > 1 ? "\(names.name(stream)) topics: " : "topics: "
            return prefix + Figures.list(listed, limit: 6)
        }
    }

    // MARK: - Receivers

    static func receivers(_ report: InspectionReport, _ names: ReportNames) -> [String] {
        var lines: [String] = []
        for stream in report.streams.prefix(streamCountMax) where !stream.receivers.isEmpty {
            if !lines.isEmpty { lines.append("") }
            lines.append("RECEIVERS of \(names.name(stream))")
            lines += table(of: stream)
        }
        return lines
    }

    private static func table(of stream: StreamReport) -> [String] {
        var table = TextColumns([
            .text("receiver"), .text("joined"), .text("left"), .number("first data after"),
            .number("requests"), .number("packets"), .number("repaired"), .number("lost"),
            .number("repair time"), .number("worst"),
        ])
        // Who lost most comes first; the others by address.
        let receivers = stream.receivers.sorted { left, right in
            left.lostCount != right.lostCount
                ? left.lostCount > right.lostCount : left.address < right.address
        }
        for receiver in receivers.prefix(receiverCountMax) {
            let latency = receiver.repairLatency
            table.add([
                "\(receiver.address)",
                receiver.joinedNanoseconds.map { CalendarTime($0).timeText() }
                    ?? (receiver.isMember ? "before" : TextColumns.nothing),
                receiver.leftNanoseconds.map { CalendarTime($0).timeText() } ?? TextColumns.nothing,
                receiver.joinToDataNanoseconds.map(Figures.duration) ?? TextColumns.nothing,
                Figures.count(receiver.nakCount),
                Figures.count(receiver.lostCount),
                Figures.count(receiver.repairedCount),
                Figures.count(receiver.unrepairedCount),
                latency.isEmpty ? TextColumns.nothing : Figures.duration(latency.quantile(0.5)),
                latency.isEmpty ? TextColumns.nothing : Figures.duration(latency.maximum),
            ])
        }
        var lines = table.lines
        if receivers.count > receiverCountMax {
            lines.append("and \(Figures.count(receivers.count - receiverCountMax)) more")
        }
        return lines
    }

    // MARK: - Findings

    static func findings(_ report: InspectionReport, width: Int) -> [String] {
        guard !report.findings.isEmpty else { return [] }
        var lines = ["FINDINGS"]
        for finding in report.findings {
            let time = finding.firstNanoseconds.map { CalendarTime($0).timeText() + "  " } ?? ""
            lines.append(
                "\(padded(finding.severity.text))\(time)\(finding.code)  \(finding.subject)"
            )
            lines += wrapped(finding.text, width: width, indentation: padded(""))
        }
        return lines
    }

    private static func padded(_ text: String) -> String {
        text + String(repeating: " ", count: max(0, 9 - text.count))
    }

    // MARK: - Captures

    static func captures(_ report: InspectionReport) -> [String] {
        guard !report.captures.isEmpty else { return [] }
        var lines = [report.captures.count == 1 ? "CAPTURE" : "CAPTURES"]
        for capture in report.captures {
            let node = capture.node.map { "\($0): " } ?? ""
            var parts = [node + capture.name]
            if !capture.format.isEmpty { parts.append(capture.format) }
            if capture.interfaces.count > 1 {
                parts.append(Figures.count(capture.interfaces.count, "interface"))
            }
            parts.append(Figures.count(capture.packetCount, "packet"))
            parts.append(Figures.byteCount(capture.byteCount))
            if let first = capture.firstNanoseconds, let last = capture.lastNanoseconds {
                let time = CalendarTime(first)
                parts.append("\(time.dateText) \(time.timeText()) UTC")
                parts.append(Figures.duration(max(0, last &- first)))
            }
            if let drops = capture.dropCount {
                parts.append(drops == 0 ? "none dropped" : "\(Figures.count(drops)) dropped")
            }
            lines.append(parts.joined(separator: ", "))
        }
        return lines
    }
}
