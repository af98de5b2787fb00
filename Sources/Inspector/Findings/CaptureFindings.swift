import Dissection
import Rendering

/// A capture itself: what it lost and what could not be read.
struct CaptureFindings {
    let capture: CaptureReport
    /// Its place among the report's captures.
    let index: Int

    var findings: [Finding] {
        [drops, truncation, backwardTimes, excessLengths, unfilledSums, copies, leftOutTunnels]
            .compactMap(\.self) + skips
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

    private var excessLengths: Finding? {
        let count = capture.excessLengthCount
        guard count > 0 else { return nil }
        return finding(
            .note,
            "capture-lengths",
            "The records of \(Figures.count(count, "packet")) say that more octets were captured than were on the "
                + "wire: whoever wrote the file counted one of them wrong. All that was captured is read.",
            count: count
        )
    }

    private var unfilledSums: Finding? {
        let sums = capture.unfilledSums
        // One in 65,536 right sums looks like this, too.
        let transport = sums.udpCount + sums.tcpCount >= 3 ? sums.udpCount + sums.tcpCount : 0
        guard sums.ipCount + transport > 0 else { return nil }
        let kinds = [(sums.ipCount, "IP"), (sums.udpCount, "UDP"), (sums.tcpCount, "TCP")]
            .filter { $0.0 > 0 }.map { "\(Figures.count($0.0)) \($0.1)" }
        return finding(
            .note,
            "checksum-offload",
            "\(Figures.list(kinds)) headers of \(Figures.list(sums.senders.map { "\($0)" })) have no checksum "
                + "yet: their sender leaves it to its network card, and the capture was taken before that. They "
                + "are read as if it were right.",
            count: sums.ipCount + transport
        )
    }

    private var copies: Finding? {
        guard capture.copyCount > 0 else { return nil }
        let several =
            capture.interfaces.count > 1
            ? " To judge interfaces as places of their own, name them: \(capture.name)#0 \(capture.name)#1."
            : ""
        return finding(
            .note,
            "capture-copies",
            "\(Figures.count(capture.copyCount, "packet")) came here in several ways, through several interfaces "
                + "or tunnels; each counts once.\(several)",
            count: capture.copyCount
        )
    }

    private var leftOutTunnels: Finding? {
        let count = capture.leftOutTunnelPacketCount + capture.leftOutUnreadCount
        guard count > 0 else { return nil }
        return finding(
            .note,
            "headers-left-out",
            "\(Figures.count(count, "packet")) came in tunnels, or carried protocols, beyond those that are "
                + "listed. They were read like the others.",
            count: count
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
