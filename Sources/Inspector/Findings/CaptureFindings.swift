import Rendering

/// The captures themselves: what they lost and what could not be read.
extension FindingMaker {
    mutating func addCaptureFindings() {
        for (index, capture) in report.captures.enumerated() {
            addDrops(capture, index)
            addTruncation(capture, index)
            addTimes(capture, index)
            addSkips(capture, index)
        }
        addStrangers()
        if report.leftOutStreamPacketCount > 0 {
            add(
                Finding(
                    .warning,
                    "streams-left-out",
                    subject: "all captures",
                    text:
                        "\(Figures.count(report.leftOutStreamPacketCount, "packet")) belong to streams beyond "
                        + "the number that is followed; they were not analysed. So many sessions are a scan, a "
                        + "flood or a restart loop.",
                    count: report.leftOutStreamPacketCount
                )
            )
        }
    }

    private mutating func add(
        _ severity: Finding.Severity,
        _ code: String,
        _ capture: CaptureReport,
        _ index: Int,
        _ text: String,
        count: Int
    ) {
        add(
            Finding(
                severity,
                code,
                subject: capture.node.map { "\($0) (\(capture.name))" } ?? capture.name,
                text: text,
                firstNanoseconds: capture.firstNanoseconds,
                lastNanoseconds: capture.lastNanoseconds,
                count: count,
                capture: index
            )
        )
    }

    private mutating func addStrangers() {
        let all = "all captures"
        if report.strangeChecksumErrorCount > 0 {
            add(
                Finding(
                    .note,
                    "strange-checksums",
                    subject: all,
                    text:
                        "\(Figures.count(report.strangeChecksumErrorCount, "packet")) that look like PGM have a "
                        + "wrong checksum and belong to no known stream: damaged, or no PGM at all.",
                    count: report.strangeChecksumErrorCount
                )
            )
        }
        if report.strangeUpstreamCount > 0 {
            add(
                Finding(
                    .note,
                    "strange-requests",
                    subject: all,
                    text:
                        "\(Figures.count(report.strangeUpstreamCount, "packet")) (SPMR, POLR, NNAK or ACK) go to "
                        + "sessions of which nothing else is here.",
                    count: report.strangeUpstreamCount
                )
            )
        }
        if report.membershipChecksumErrorCount > 0 {
            let count = report.membershipChecksumErrorCount
            add(
                Finding(
                    .warning,
                    "membership-checksums",
                    subject: all,
                    text:
                        "\(Figures.count(count, "IGMP or MLD message")) with a wrong checksum: switches and "
                        + "routers ignore them, so the joins in them do nothing.",
                    count: count
                )
            )
        }
    }

    private mutating func addDrops(_ capture: CaptureReport, _ index: Int) {
        guard let drops = capture.dropCount, drops > 0 else { return }
        add(
            .warning,
            "capture-drops",
            capture,
            index,
            "The capture dropped \(Figures.count(drops, "packet")) "
                + "(\(Figures.percent(drops, of: drops + capture.packetCount))) that it could not keep up with: "
                + "missing packets may be its own. Capture with a larger buffer (tcpdump -B) or a filter.",
            count: drops
        )
    }

    private mutating func addTruncation(_ capture: CaptureReport, _ index: Int) {
        guard capture.truncatedCount > 0 else { return }
        add(
            .note,
            "capture-truncated",
            capture,
            index,
            "\(Figures.count(capture.truncatedCount, "packet")) were cut by the snap length: their checksums "
                + "and the messages in them cannot be checked. Capture with -s 0 to keep all.",
            count: capture.truncatedCount
        )
    }

    private mutating func addTimes(_ capture: CaptureReport, _ index: Int) {
        guard capture.backwardTimeCount > 0 else { return }
        add(
            .note,
            "time-backward",
            capture,
            index,
            "\(Figures.count(capture.backwardTimeCount, "packet")) \(capture.backwardTimeCount == 1 ? "is" : "are") "
                + "older than the one before: several interfaces or queues were merged, or the clock was set. "
                + "Times between packets may be wrong there.",
            count: capture.backwardTimeCount
        )
    }

    private mutating func addSkips(_ capture: CaptureReport, _ index: Int) {
        for skip in capture.skips where skip.count > 0 {
            let at =
                skip.firstPacketNumber.map { ", the first is packet \(Figures.count($0))" } ?? ""
            add(
                .note,
                "skipped-" + skip.code,
                capture,
                index,
                "\(Figures.count(skip.count, "time")) skipped: \(skip.reason)\(at).",
                count: skip.count
            )
        }
    }
}
