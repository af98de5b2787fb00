/// The first lines of a report: whether all is well, in one sentence, and what that was made of.
enum ReportConclusion {
    static func lines(_ report: InspectionReport, width: Int) -> [String] {
        let word =
            switch report.findings.first?.severity {
            case .problem: "PROBLEM"
            case .warning: "WARNING"
            case .note, nil: report.streams.isEmpty ? "NOTHING" : "GOOD"
            }
        let head = word + String(repeating: " ", count: 9 - word.count)
        var lines = wrapped(sentence(report), width: width, indentation: "         ")
        if let first = lines.first { lines[0] = head + first.drop { $0 == " " } }
        return lines + wrapped(scale(report), width: width, indentation: "         ")
    }

    /// What happened to the data.
    private static func sentence(_ report: InspectionReport) -> String {
        guard !report.streams.isEmpty else {
            return
                "No PGM in here. If there should be, name the port of the endpoint with --port, and check "
                + "that the capture was taken where the group is joined."
        }
        let lost = report.streams.reduce(0) { $0 + $1.repairSummary.unrepairedCount }
        let repaired = report.streams.reduce(0) { $0 + $1.repairSummary.repairedCount }
        var parts: [String] = []
        if lost > 0 {
            let who = Set(
                report.streams.flatMap(\.receivers).filter { $0.unrepairedCount > 0 }.map(\.address)
            ).sorted().map { "\($0)" }
            let by = who.isEmpty ? "" : " (by \(Figures.list(who)))"
            parts.append("\(Figures.count(lost, "packet")) lost for good\(by)")
        }
        if repaired > 0 {
            parts.append("\(Figures.count(repaired, "packet")) lost by receivers and repaired")
        }
        if lost + repaired == 0 { parts.append("no receiver asked for a repair") }
        let missing = report.streams.reduce(0) { $0 + $1.sequence.missingCount }
        if missing > 0 {
            parts.append("\(Figures.count(missing, "packet")) missing in the capture")
        }
        let others = headline(report)
        if !others.isEmpty { parts.append(others) }
        let text = parts.joined(separator: "; ")
        return text.prefix(1).uppercased() + text.dropFirst() + "."
    }

    /// Causes of the worst kind that the sentence does not say already.
    private static func headline(_ report: InspectionReport) -> String {
        guard let worst = report.findings.first?.severity, worst > .note else { return "" }
        let said: Set<String> = ["loss-unrepaired", "missing-at-tap"]
        var codes: [String] = []
        for finding in report.findings where finding.severity == worst {
            if !said.contains(finding.code), !codes.contains(finding.code) {
                codes.append(finding.code)
            }
        }
        return codes.isEmpty ? "" : "see " + Figures.list(codes)
    }

    private static func scale(_ report: InspectionReport) -> String {
        let streams = report.streams
        guard !streams.isEmpty else {
            let packets = report.captures.reduce(0) { $0 + $1.packetCount }
            return Figures.count(packets, "packet") + " read."
        }
        let data = streams.reduce(0) { $0 + $1.packets.odata }
        let messages = streams.reduce(0) { $0 + $1.messages.count }
        let receivers = Set(streams.flatMap(\.receivers).map(\.address)).count
        var parts = [
            Figures.count(streams.count, "stream"), Figures.count(data, "data packet"),
        ]
        if messages > 0 { parts[1] += " with " + Figures.count(messages, "message") }
        parts.append(receivers == 0 ? "no receiver known" : Figures.count(receivers, "receiver"))
        let problems = report.findings.count { $0.severity == .problem }
        let warnings = report.findings.count { $0.severity == .warning }
        if problems > 0 { parts.append(Figures.count(problems, "problem")) }
        if warnings > 0 { parts.append(Figures.count(warnings, "warning")) }
        return parts.joined(separator: ", ") + "."
    }
}
