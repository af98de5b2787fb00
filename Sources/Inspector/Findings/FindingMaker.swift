import PGM

/// Makes findings of a report: pure functions of what was counted, one file for each field.
///
/// A finding is made of *all* that was counted about a cause, so there is at most one of a code for each stream and
/// receiver, and no bound is needed beyond those of the report's lists. What an operator reads is made here and nowhere else.
struct FindingMaker {
    let report: InspectionReport
    let names: ReportNames
    private(set) var findings: [Finding] = []

    /// All findings about captures, streams and groups, the worst first.
    static func findings(of report: InspectionReport) -> [Finding] {
        var maker = FindingMaker(report: report, names: ReportNames(report))
        maker.addCaptureFindings()
        for stream in report.streams {
            maker.addRepairFindings(stream)
            maker.addWindowFindings(stream)
            maker.addSequenceFindings(stream)
            maker.addSourceFindings(stream)
            maker.addScopeFindings(stream)
            maker.addTrafficFindings(stream)
        }
        maker.addSessionFindings()
        maker.addMemberFindings()
        return maker.findings.sorted(by: Finding.isBefore)
    }

    /// A finding about a stream. Without a time it is about all of it.
    mutating func add(
        _ severity: Finding.Severity,
        _ code: String,
        _ stream: StreamReport,
        _ text: String,
        first: Int64? = nil,
        last: Int64? = nil,
        count: Int = 1,
        subject: String? = nil
    ) {
        add(
            Finding(
                severity,
                code,
                subject: subject.map { "\($0), \(names.name(stream))" } ?? names.name(stream),
                text: text,
                firstNanoseconds: first,
                lastNanoseconds: last,
                count: count,
                capture: stream.capture
            )
        )
    }

    mutating func add(_ finding: Finding) {
        findings.append(finding)
    }

    /// One that happened at certain times.
    mutating func add(
        _ severity: Finding.Severity,
        _ code: String,
        _ stream: StreamReport,
        _ text: String,
        _ occurrences: Occurrences
    ) {
        add(
            severity,
            code,
            stream,
            text,
            first: occurrences.firstNanoseconds,
            last: occurrences.lastNanoseconds,
            count: occurrences.count
        )
    }

    /// `number 179`, `numbers 200–203 and 207`.
    static func text(of losses: [StreamReport.Loss]) -> String {
        let isOne = losses.count == 1 && losses[0].count == 1
        return (isOne ? "number " : "numbers ") + Figures.list(losses.map(Self.text))
    }

    /// `179`, `200–203`.
    static func text(of loss: StreamReport.Loss) -> String {
        loss.first == loss.last ? "\(loss.first)" : "\(loss.first)–\(loss.last)"
    }

    /// The same stream at other taps.
    func others(of stream: StreamReport) -> [StreamReport] {
        report.streams.filter { other in
            other.session == stream.session && other.source == stream.source
                && other.group == stream.group && other.destinationPort == stream.destinationPort
                && (other.capture != stream.capture || other.interface != stream.interface)
        }
    }

    /// When the capture of a stream ended.
    func end(of stream: StreamReport) -> Int64 {
        guard report.captures.indices.contains(stream.capture) else {
            return stream.lastNanoseconds
        }
        return report.captures[stream.capture].lastNanoseconds ?? stream.lastNanoseconds
    }

    /// What the capture of a stream says that capturing lost.
    func dropCount(of stream: StreamReport) -> Int {
        guard report.captures.indices.contains(stream.capture) else { return 0 }
        return report.captures[stream.capture].dropCount ?? 0
    }
}
