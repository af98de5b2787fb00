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

    /// What happened to the data, the worst first.
    private static func sentence(_ report: InspectionReport) -> String {
        guard !report.streams.isEmpty else {
            return
                "No PGM in here. If there should be, name the port of the endpoint with --port, and check "
                + "that the capture was taken where the group is joined."
        }
        var parts = [lost(report), causes(report)].filter { !$0.isEmpty }
        let repaired = report.streams.reduce(0) { $0 + $1.repairSummary.repairedCount }
        let open = report.streams.reduce(0) { $0 + $1.repairSummary.openCount }
        let isAsked = report.streams.contains { $0.packets.nak + $0.packets.ncf > 0 }
        if repaired > 0 {
            let which = Figures.count(repaired, "packet")
            parts.append("\(which) that receivers lost \(repaired == 1 ? "was" : "were") repaired")
        } else if !isAsked {
            parts.append("no receiver asked for a repair")
        }
        if open > 0 {
            parts.append("\(Figures.count(open, "request")) still open when the capture ended")
        }
        let missing = report.streams.reduce(0) { $0 + $1.sequence.missingCount }
        if missing > 0 {
            parts.append(
                "\(Figures.count(missing, "packet")) \(missing == 1 ? "is" : "are") not in the capture"
            )
        }
        let text = parts.joined(separator: "; ")
        return text.prefix(1).uppercased() + text.dropFirst() + "."
    }

    private static func lost(_ report: InspectionReport) -> String {
        let count = report.streams.reduce(0) { $0 + $1.repairSummary.unrepairedCount }
        guard count > 0 else { return "" }
        let who = Set(
            report.streams.flatMap(\.receivers).filter { $0.unrepairedCount > 0 }.map(\.address)
        ).sorted().map { "\($0)" }
        let by = who.isEmpty ? "" : " by \(Figures.list(who))"
        return "\(Figures.count(count, "packet")) \(count == 1 ? "was" : "were") lost for good\(by)"
    }

    /// Causes of the worst kind that the sentence does not say otherwise.
    private static func causes(_ report: InspectionReport) -> String {
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
