import PGM
import Rendering

/// Sequence numbers that are missing at the tap and that nobody asked for; whether the network or the capture is to blame.
struct MissingFindings {
    let stream: StreamReport
    /// What the stream's capture says that capturing lost.
    let captureDropCount: Int
    let relations: StreamRelations
    let names: ReportNames

    var findings: [StreamFinding] {
        let losses = stream.losses.filter { $0.kind == .missing }
        let listed = losses.reduce(0) { $0 + $1.count }
        let askedFor = stream.losses.filter { $0.kind != .missing && $0.isMissingAtTap }
            .reduce(0) { $0 + $1.count }
        // What was just missed when the capture ended may be asked for yet, unless the source has said that it ends.
        let openCount = stream.announcements.hasFinished ? 0 : stream.sequence.openCount
        let count = max(listed, stream.sequence.missingCount - askedFor) - openCount
        guard count > 0 else { return [] }
        let what =
            "\(Figures.count(count, "packet")) of \(Figures.count(stream.sequence.span)) "
            + "(\(Figures.percent(count, of: stream.sequence.span))) "
            + "\(count == 1 ? "is" : "are") not in this capture"
            + (losses.isEmpty ? "" : " (\(StreamReport.Loss.text(of: losses)))")
        let blame = blame(for: losses)
        return [
            StreamFinding(
                blame.severity,
                blame.code,
                stream,
                "\(what), and nobody asked for them. \(tail)\(blame.why)",
                first: losses.map(\.nanoseconds).min(),
                last: losses.map(\.nanoseconds).max(),
                count: count
            )
        ]
    }

    /// After the last number nothing shows a loss but an SPM, and the capture may have ended before the repair.
    private var tail: String {
        guard let tail = stream.sequence.tailNanoseconds, tail < Self.repairNanosecondsMax else {
            return ""
        }
        return
            "An SPM named the last of them \(Figures.duration(tail)) before the capture ended; a repair that "
            + "came later would not be in it. "
    }

    private struct Blame {
        var severity: Finding.Severity
        var code: String
        var why: String
    }

    /// Evidence, the strongest first.
    private func blame(for losses: [StreamReport.Loss]) -> Blame {
        if captureDropCount > 0 {
            return Blame(
                severity: .warning,
                code: "capture-loss",
                why:
                    "The capture itself says that it dropped \(Figures.count(captureDropCount, "packet")): these are its own "
                    + "losses, not the network's. Capture with a larger buffer (tcpdump -B) or a filter."
            )
        }
        if isSimultaneous(losses) {
            return Blame(
                severity: .warning,
                code: "capture-loss",
                why:
                    "Other streams of this capture have gaps at the same moments: the capture lost them, or the "
                    + "whole link did, not one source."
            )
        }
        let best = relations.others(of: stream).first {
            $0.sequence.missingCount < stream.sequence.missingCount
        }
        if let best { return blame(forLossesSince: best) }
        return Blame(
            severity: .warning,
            code: "missing-at-tap",
            why:
                "Either the capture lost them, or the network did before this tap and no receiver missed them. "
                + "A second capture, near the source, tells which."
        )
    }

    /// The stream is more complete at another tap.
    private func blame(forLossesSince best: StreamReport) -> Blame {
        let there = names.tap(best.capture, best.interface)
        if let hold = stream.window.holdNanosecondsMin, hold < WindowFindings.backOffNanosecondsMax
        {
            return Blame(
                severity: .problem,
                code: "missing-at-tap",
                why:
                    "\(there) has them, so they were lost between there and "
                    + "here. The source's window is too short to ask for them (see window-too-small): "
                    + "receivers behind this tap lost them for good."
            )
        }
        return Blame(
            severity: .warning,
            code: "missing-at-tap",
            why:
                "\(there) has them: they were lost between there and "
                + "here, or by this capture; no receiver behind this tap asked for them."
        )
    }

    /// Whether most gaps coincide with gaps of other streams at the same tap.
    private func isSimultaneous(_ losses: [StreamReport.Loss]) -> Bool {
        let siblings = relations.streams.filter { other in
            other.capture == stream.capture && other.interface == stream.interface
                && (other.session != stream.session || other.group != stream.group
                    || other.source != stream.source)
        }
        let times = siblings.flatMap { other in
            other.losses.filter { $0.kind == .missing }.map(\.nanoseconds)
        }.sorted()
        guard !times.isEmpty, !losses.isEmpty else { return false }
        let hits = losses.filter { loss in
            let index = times.partitioningIndex { $0 >= loss.nanoseconds &- Self.simultaneousMax }
            return index < times.count && times[index] <= loss.nanoseconds &+ Self.simultaneousMax
        }
        return hits.count * 2 > losses.count
    }

    private static let simultaneousMax: Int64 = 10_000_000
    /// A receiver that has got no repair after this time has given up.
    private static let repairNanosecondsMax: Int64 = 10_000_000_000
}

extension [Int64] {
    /// The first index whose element fulfils the condition, in an array where all those before do not.
    fileprivate func partitioningIndex(where condition: (Int64) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if condition(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
