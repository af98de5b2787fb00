import Dissection
import Inspector
import Rendering

/// The first lines of a report: whether all is well, in one sentence, and what that was made of.
enum ReportConclusion {
    static func lines(_ report: InspectionReport, width: Int) -> [String] {
        let word =
            switch report.conclusion {
            case .good: "GOOD"
            case .warning: "WARNING"
            case .problem: "PROBLEM"
            case .nothing: "NOTHING"
            }
        let head = word + String(repeating: " ", count: 9 - word.count)
        var lines = wrapped(sentence(report), width: width, indentation: "         ")
        if let first = lines.first { lines[0] = head + first.drop { $0 == " " } }
        return lines + wrapped(scale(report), width: width, indentation: "         ")
    }

    private static func zmtp(_ report: InspectionReport) -> [SessionReport] {
        report.sessions.filter { $0.content == .zmtp }
    }

    /// What happened to the data, the worst first.
    private static func sentence(_ report: InspectionReport) -> String {
        guard !report.streams.isEmpty else { return sentenceWithoutStreams(report) }
        let sums = StreamSums(report)
        var parts = [lost(report, sums), causes(report)].filter { !$0.isEmpty }
        if sums.repairedCount > 0 {
            let which = Figures.count(sums.repairedCount, "packet")
            parts.append(
                "\(which) that receivers lost \(sums.repairedCount == 1 ? "was" : "were") repaired"
            )
        } else if !sums.isAsked {
            parts.append("no receiver asked for a repair")
        }
        if sums.openCount > 0 {
            parts.append(
                "\(Figures.count(sums.openCount, "request")) still open when the capture ended"
            )
        }
        if sums.missingCount > 0 {
            let which = Figures.count(sums.missingCount, "packet")
            parts.append("\(which) \(sums.missingCount == 1 ? "is" : "are") not in the capture")
        }
        let text = parts.joined(separator: "; ")
        return text.prefix(1).uppercased() + text.dropFirst() + "."
    }

    private static func sentenceWithoutStreams(_ report: InspectionReport) -> String {
        let sessions = zmtp(report)
        let messageCount = sessions.reduce(0) {
            $0 + ($1.fromClient.zmtp?.messageCount ?? 0) + ($1.fromServer.zmtp?.messageCount ?? 0)
        }
        var parts: [String] = []
        if !sessions.isEmpty {
            parts.append(
                "\(Figures.count(sessions.count, "ZMTP connection")) with "
                    + Figures.count(messageCount, "message")
            )
        }
        if !report.radio.isEmpty {
            parts.append(
                "\(Figures.count(report.radio.count, "RADIO/DISH flow")) with "
                    + Figures.count(report.radio.reduce(0) { $0 + $1.messageCount }, "message")
            )
        }
        guard parts.isEmpty else { return parts.joined(separator: "; ") + "; no PGM." }
        switch report.chosenPacketCount {
        case 0?:
            return "The expression of --where chooses none of the packets that were read."
        case let count?:
            return
                "No PGM in the \(Figures.count(count, "packet")) that --where chooses; without it "
                + "all packets are looked at."
        case nil:
            return
                "No PGM in here. If there should be, name the port of the endpoint with --port, and check "
                + "that the capture was taken where the group is joined.\(unread(report))"
        }
    }

    /// It may be in what was not read.
    private static func unread(_ report: InspectionReport) -> String {
        var counts: [(name: String, count: Int)] = []
        for unread in report.captures.flatMap(\.unread) {
            if let index = counts.firstIndex(where: { $0.name == unread.what.name }) {
                counts[index].count += unread.count
            } else {
                counts.append((unread.what.name, unread.count))
            }
        }
        guard !counts.isEmpty else { return "" }
        let names = counts.sorted { $0.count > $1.count }
            .map { "\(Figures.count($0.count)) \($0.name)" }
        return " Not read any further: \(Figures.list(names))."
    }

    private static func lost(_ report: InspectionReport, _ sums: StreamSums) -> String {
        let count = sums.unrepairedCount
        guard count > 0 else { return "" }
        let who = Set(
            report.streams.flatMap(\.receivers).filter { $0.unrepairedCount > 0 }.map(\.address)
        ).sorted().map { "\($0)" }
        let by = who.isEmpty ? "" : " by \(Figures.list(who))"
        return "\(Figures.count(count, "packet")) \(count == 1 ? "was" : "were") lost for good\(by)"
    }

    /// Causes of the worst kind that the sentence does not say otherwise, in words.
    private static func causes(_ report: InspectionReport) -> String {
        guard let worst = report.findings.first?.severity, worst > .note else { return "" }
        var codes: [String] = []
        for finding in report.findings where finding.severity == worst {
            if phrases[finding.code] != "", !codes.contains(finding.code) {
                codes.append(finding.code)
            }
        }
        let shown = codes.prefix(3).map { phrases[$0] ?? $0 }
        let rest = codes.count - shown.count
        return (shown + (rest > 0 ? ["and \(Figures.count(rest)) more"] : [])).joined(
            separator: "; "
        )
    }

    /// An empty one is said by the numbers.
    private static let phrases = [
        "loss-unrepaired": "", "missing-at-tap": "",
        "capture-drops": "the capture dropped packets",
        "capture-loss": "the capture itself lost packets",
        "checksum-absent": "data without a checksum",
        "checksum-errors": "damaged packets",
        "crying-receiver": "one receiver loses far more than the others",
        "data-not-here": "requests for a stream whose data is not here",
        "duplicates": "data comes twice",
        "fatal-packets": "packets that end libzmq subscribers",
        "framing-broken": "messages that do not fit their packets",
        "heartbeat-silence": "a source that fell silent after data",
        "loss-shared": "several receivers lose the same packets",
        "micro-burst": "bursts with losses",
        "nak-storm": "a storm of requests",
        "nak-unanswered": "requests that nobody answers",
        "no-querier": "no querier, so switches will forget members",
        "reordering": "packets change places",
        "repair-slow": "repairs take long",
        "scope-crossed": "a group left its scope",
        "scope-link-local": "a group that no router forwards",
        "scope-source-specific": "a group for source-specific multicast",
        "sequence-reset": "a source numbers anew",
        "session-collision": "two sources under one session",
        "slow-join": "data comes late after joining",
        "source-restart": "a source was killed and came back",
        "source-silent": "a source stood still",
        "source-vanished": "a source vanished",
        "streams-left-out": "too many streams",
        "ttl-differs": "a source's packets come by different ways",
        "ttl-too-small": "TTL 1 with receivers in another network",
        "window-too-small": "the source's window is too small",
    ]

    private static func scale(_ report: InspectionReport) -> String {
        let streams = report.streams
        guard !streams.isEmpty else {
            let packets = report.captures.reduce(0) { $0 + $1.packetCount }
            return Figures.count(packets, "packet") + " read."
        }
        let sums = StreamSums(report)
        let receivers = Set(streams.flatMap(\.receivers).map(\.address)).count
        let taps = sums.tapCount > 1 ? " at \(sums.tapCount) taps" : ""
        var parts = [
            Figures.count(sums.streamCount, "stream") + taps,
            Figures.count(sums.dataCount, "data packet"),
        ]
        if sums.messageCount > 0 {
            parts[1] += " with " + Figures.count(sums.messageCount, "message")
        }
        parts.append(receivers == 0 ? "no receiver known" : Figures.count(receivers, "receiver"))
        let problems = report.findings.count { $0.severity == .problem }
        let warnings = report.findings.count { $0.severity == .warning }
        if problems > 0 { parts.append(Figures.count(problems, "problem")) }
        if warnings > 0 { parts.append(Figures.count(warnings, "warning")) }
        return parts.joined(separator: ", ") + "."
    }
}
