import Rendering

/// A capture itself: what it lost and what could not be read.
struct CaptureFindings {
    let capture: CaptureReport
    /// Its place among the report's captures.
    let index: Int

    var findings: [Finding] {
        [drops, truncation, backwardTimes].compactMap(\.self) + skips
    }

    private func finding(
        _ severity: Finding.Severity,
        _ code: String,
        _ text: String,
        count: Int
    ) -> Finding {
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
    }

    private var drops: Finding? {
        guard let drops = capture.dropCount, drops > 0 else { return nil }
        return finding(
            .warning,
            "capture-drops",
            "The capture dropped \(Figures.count(drops, "packet")) "
                + "(\(Figures.percent(drops, of: drops + capture.packetCount))) that it could not keep up with: "
                + "missing packets may be its own. Capture with a larger buffer (tcpdump -B) or a filter.",
            count: drops
        )
    }

    private var truncation: Finding? {
        guard capture.truncatedCount > 0 else { return nil }
        return finding(
            .note,
            "capture-truncated",
            "\(Figures.count(capture.truncatedCount, "packet")) were cut by the snap length: their checksums "
                + "and the messages in them cannot be checked. Capture with -s 0 to keep all.",
            count: capture.truncatedCount
        )
    }

    private var backwardTimes: Finding? {
        guard capture.backwardTimeCount > 0 else { return nil }
        return finding(
            .note,
            "time-backward",
            "\(Figures.count(capture.backwardTimeCount, "packet")) \(capture.backwardTimeCount == 1 ? "is" : "are") "
                + "older than the one before: several interfaces or queues were merged, or the clock was set. "
                + "Times between packets may be wrong there.",
            count: capture.backwardTimeCount
        )
    }

    private var skips: [Finding] {
        capture.skips.filter { $0.count > 0 }.map { skip in
            let at =
                skip.firstPacketNumber.map { ", the first is packet \(Figures.count($0))" } ?? ""
            return finding(
                .note,
                "skipped-" + skip.code,
                "\(Figures.count(skip.count, "time")) skipped: \(skip.reason)\(at).",
                count: skip.count
            )
        }
    }
}
