import Dissection
import Rendering

/// A finding about one stream at one tap, before it is known whether other taps say the same.
struct StreamFinding {
    let severity: Finding.Severity
    let code: String
    let stream: StreamReport
    /// Whom it is about, if it is about one receiver of the stream and not about all of it.
    let receiver: IPAddress?
    let text: String
    let firstNanoseconds: Int64?
    let lastNanoseconds: Int64?
    let count: Int

    /// Without a time it is about all of the stream.
    init(
        _ severity: Finding.Severity,
        _ code: String,
        _ stream: StreamReport,
        _ text: String,
        first: Int64? = nil,
        last: Int64? = nil,
        count: Int = 1,
        receiver: IPAddress? = nil
    ) {
        self.severity = severity
        self.code = code
        self.stream = stream
        self.receiver = receiver
        self.text = text
        firstNanoseconds = first
        lastNanoseconds = last
        self.count = count
    }

    /// One that happened at certain times.
    init(
        _ severity: Finding.Severity,
        _ code: String,
        _ stream: StreamReport,
        _ text: String,
        _ occurrences: Occurrences
    ) {
        self.init(
            severity,
            code,
            stream,
            text,
            first: occurrences.firstNanoseconds,
            last: occurrences.lastNanoseconds,
            count: occurrences.count
        )
    }

    /// The same findings as a reader gets them: what is true of a stream at several taps, and not because of where they are, is said once.
    static func merged(_ findings: [StreamFinding], _ names: ReportNames) -> [Finding] {
        var result: [Finding] = []
        var indexes: [String: Int] = [:]
        var taps: [String: [String]] = [:]
        for finding in findings {
            guard !localCodes.contains(finding.code) else {
                result.append(finding.finding(names))
                continue
            }
            let name = finding.subject(names)
            let key = finding.code + " " + name
            taps[key, default: []].append(finding.tap(names))
            guard let index = indexes[key], let seen = taps[key] else {
                indexes[key] = result.count
                result.append(finding.finding(names))
                continue
            }
            result[index].subject = "\(name) at \(Figures.list(seen))"
            result[index].severity = max(result[index].severity, finding.severity)
            result[index].capture = nil
        }
        return result
    }

    private func finding(_ names: ReportNames) -> Finding {
        let name = subject(names)
        return Finding(
            severity,
            code,
            subject: names.namesTaps ? "\(name) at \(tap(names))" : name,
            text: text,
            firstNanoseconds: firstNanoseconds,
            lastNanoseconds: lastNanoseconds,
            count: count,
            capture: stream.capture
        )
    }

    /// The stream's name without its tap, after the receiver if it is about one.
    private func subject(_ names: ReportNames) -> String {
        (receiver.map { "\($0), " } ?? "") + names.shortName(stream)
    }

    private func tap(_ names: ReportNames) -> String {
        names.tap(stream.capture, stream.interface)
    }

    /// Findings whose place matters.
    private static let localCodes: Set<String> = [
        "loss-unrepaired", "missing-at-tap", "capture-loss", "repaired-at-tap", "data-not-here",
        "capture-doubled", "duplicates", "reordering", "checksum-errors", "ncf-missing",
        "scope-crossed",
    ]
}
