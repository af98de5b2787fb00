import PGM
import Rendering

/// Makes findings of a report: pure functions of what was counted, one file for each field.
///
/// A finding is made of *all* that was counted about a cause, so there is at most one of a code for each stream and
/// receiver, and no bound is needed beyond those of the report's lists. What an operator reads is made here and nowhere else.
struct FindingMaker {
    let report: InspectionReport
    let names: ReportNames
    private(set) var findings: [Finding] = []
    /// What findings of streams are about, by the same index: `nil` for others.
    private var origins: [Origin?] = []

    /// A stream's name without its tap, with the receiver if it is about one; and the tap.
    private struct Origin {
        var name: String
        var tap: String
    }

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
        maker.addReceiverFindings()
        maker.addSessionFindings()
        maker.addMemberFindings()
        return maker.merged().sorted(by: Finding.isBefore)
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
        let name = (subject.map { "\($0), " } ?? "") + names.shortName(stream)
        let tap = names.tap(stream.capture, stream.interface)
        origins.append(Origin(name: name, tap: tap))
        findings.append(
            Finding(
                severity,
                code,
                subject: names.namesTaps ? "\(name) at \(tap)" : name,
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
        origins.append(nil)
    }

    /// What is true of a stream at several taps, and not because of where they are, is said once.
    private func merged() -> [Finding] {
        var result: [Finding] = []
        var indexes: [String: Int] = [:]
        var taps: [String: [String]] = [:]
        for (finding, origin) in zip(findings, origins) {
            guard let origin, !Self.localCodes.contains(finding.code) else {
                result.append(finding)
                continue
            }
            let key = finding.code + " " + origin.name
            taps[key, default: []].append(origin.tap)
            guard let index = indexes[key], let seen = taps[key] else {
                indexes[key] = result.count
                result.append(finding)
                continue
            }
            result[index].subject = "\(origin.name) at \(Figures.list(seen))"
            result[index].severity = max(result[index].severity, finding.severity)
            result[index].capture = nil
        }
        return result
    }

    /// Findings whose place matters.
    private static let localCodes: Set<String> = [
        "loss-unrepaired", "missing-at-tap", "capture-loss", "repaired-at-tap", "data-not-here",
        "capture-doubled", "duplicates", "reordering", "checksum-errors", "ncf-missing",
        "scope-crossed",
    ]

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
