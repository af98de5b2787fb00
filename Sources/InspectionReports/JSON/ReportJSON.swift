public import Inspector
public import Rendering

/// A report for programs. The keys are a promise: docs/inspect.md lists every one.
public enum ReportJSON {
    /// One document.
    public static func render(_ report: InspectionReport) -> String { value(of: report).pretty }

    /// One line for each capture, stream, group and finding, with its kind under `type`.
    public static func renderLines(_ report: InspectionReport) -> String {
        let names = ReportNames(report)
        var lines: [JSONValue] = []
        lines += report.captures.map { typed("capture", value(of: $0)) }
        lines += report.streams.map { typed("stream", value(of: $0, names)) }
        lines += report.groups.map { typed("group", GroupJSON.value(of: $0)) }
        lines += report.sessions.map { typed("session", SessionJSON.value(of: $0)) }
        lines += report.radio.map { typed("radio", SessionJSON.value(of: $0)) }
        lines += report.findings.map { typed("finding", value(of: $0)) }
        if let verdict = report.verdict {
            lines.append(typed("verdict", VerdictJSON.value(of: verdict)))
        }
        return lines.map { $0.compact + "\n" }.joined()
    }

    public static func value(of report: InspectionReport) -> JSONValue {
        let names = ReportNames(report)
        return .object([
            "captures": .array(report.captures.map { value(of: $0) }),
            "streams": .array(report.streams.map { value(of: $0, names) }),
            "streamsLeftOutPackets": .integer(report.leftOutStreamPacketCount),
            "groups": .array(report.groups.map { GroupJSON.value(of: $0) }),
            "queriers": .array(
                report.queriers.map {
                    .object([
                        "capture": .integer($0.capture),
                        "interface": .integer($0.interface),
                        "address": .string("\($0.address)"),
                        "queries": .integer($0.queryCount),
                    ])
                }
            ),
            "findings": .array(report.findings.map { value(of: $0) }),
            "sessions": .array(report.sessions.map { SessionJSON.value(of: $0) }),
            "radio": .array(report.radio.map { SessionJSON.value(of: $0) }),
            "verdict": report.verdict.map { VerdictJSON.value(of: $0) } ?? .null,
        ])
    }

    private static func typed(_ type: String, _ value: JSONValue) -> JSONValue {
        guard case .object(let members) = value else { return value }
        return .object([(key: "type", value: .string(type))] + members)
    }

    static func value(of finding: Finding) -> JSONValue {
        .object([
            "severity": .string(finding.severity.text),
            "code": .string(finding.code),
            "subject": .string(finding.subject),
            "text": .string(finding.text),
            "first": .time(finding.firstNanoseconds),
            "last": .time(finding.lastNanoseconds),
            "count": .integer(finding.count),
            "capture": .optional(finding.capture),
        ])
    }

    /// Quantiles of times, in milliseconds.
    static func value(of histogram: LogHistogram, withBuckets: Bool = false) -> JSONValue {
        guard !histogram.isEmpty else { return .null }
        var members: [(key: String, value: JSONValue)] = [
            ("count", .integer(histogram.count)),
            ("minMs", .milliseconds(histogram.minimum)),
            ("medianMs", .milliseconds(histogram.quantile(0.5))),
            ("p90Ms", .milliseconds(histogram.quantile(0.9))),
            ("p99Ms", .milliseconds(histogram.quantile(0.99))),
            ("maxMs", .milliseconds(histogram.maximum)),
            ("meanMs", .milliseconds(histogram.mean)),
        ]
        if withBuckets {
            let buckets = histogram.filledBuckets.map { bucket in
                JSONValue.array([
                    .milliseconds(bucket.lower), .milliseconds(bucket.upper),
                    .integer(bucket.count),
                ])
            }
            members.append(("buckets", .array(buckets)))
        }
        return .object(members)
    }
}
