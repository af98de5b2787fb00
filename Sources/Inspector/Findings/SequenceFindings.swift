import PGM
import Rendering

/// Gaps, doubles and disorder at the tap itself, and whether the network or the capture is to blame.
extension FindingMaker {
    mutating func addSequenceFindings(_ stream: StreamReport) {
        addMissing(stream)
        addRepairedAtTap(stream)
        addDuplicates(stream)
        addReordering(stream)
        if stream.sequence.resets.count > 0 {
            add(
                .warning,
                "sequence-reset",
                stream,
                "The source began to number anew \(Figures.count(stream.sequence.resets.count, "time")) without a "
                    + "new session: receivers take the new numbers for old packets and drop them. A restarted "
                    + "source must draw a new source port.",
                stream.sequence.resets
            )
        }
        if stream.details.strays.count > 0 {
            add(
                .note,
                "stray-packets",
                stream,
                "\(Figures.count(stream.details.strays.count, "packet")) had numbers far from where the stream is "
                    + "and were left aside: very old, forged, or of another stream.",
                stream.details.strays
            )
        }
    }

    /// Numbers that the tap lacks and nobody asked for.
    private mutating func addMissing(_ stream: StreamReport) {
        let losses = stream.losses.filter { $0.kind == .missing }
        let listed = losses.reduce(0) { $0 + $1.count }
        let askedFor = stream.losses.filter { $0.kind != .missing && $0.isMissingAtTap }
            .reduce(0) { $0 + $1.count }
        let count = max(listed, stream.sequence.missingCount - askedFor)
        guard count > 0 else { return }
        let what =
            "\(Figures.count(count, "packet")) of \(Figures.count(stream.sequence.span)) "
            + "(\(Figures.percent(count, of: stream.sequence.span))) "
            + "\(count == 1 ? "is" : "are") not in this capture"
            + (losses.isEmpty ? "" : " (\(Self.text(of: losses)))")
        let (severity, code, why) = blame(for: stream, losses)
        add(
            severity,
            code,
            stream,
            "\(what), and nobody asked for them. \(why)",
            first: losses.map(\.nanoseconds).min(),
            last: losses.map(\.nanoseconds).max(),
            count: count
        )
    }

    /// Evidence, the strongest first.
    private func blame(
        for stream: StreamReport,
        _ losses: [StreamReport.Loss]
    ) -> (Finding.Severity, String, String) {
        let drops = dropCount(of: stream)
        if drops > 0 {
            return (
                .warning, "capture-loss",
                "The capture itself says that it dropped \(Figures.count(drops, "packet")): these are its own "
                    + "losses, not the network's. Capture with a larger buffer (tcpdump -B) or a filter."
            )
        }
        if isSimultaneous(stream, losses) {
            return (
                .warning, "capture-loss",
                "Other streams of this capture have gaps at the same moments: the capture lost them, or the "
                    + "whole link did, not one source."
            )
        }
        if !others(of: stream).isEmpty {
            let there = others(of: stream).filter {
                $0.sequence.missingCount < stream.sequence.missingCount
            }
            if let best = there.first, let hold = stream.window.holdNanosecondsMin,
                hold < Self.backOffNanosecondsMax
            {
                return (
                    .problem, "missing-at-tap",
                    "\(names.tap(best.capture, best.interface)) has them, so they were lost between there and "
                        + "here. The source's window is too short to ask for them (see window-too-small): "
                        + "receivers behind this tap lost them for good."
                )
            }
            if let best = there.first {
                return (
                    .warning, "missing-at-tap",
                    "\(names.tap(best.capture, best.interface)) has them: they were lost between there and "
                        + "here, or by this capture; no receiver behind this tap asked for them."
                )
            }
        }
        return (
            .warning, "missing-at-tap",
            "Either the capture lost them, or the network did before this tap and no receiver missed them. "
                + "A second capture, near the source, tells which."
        )
    }

    /// Whether most gaps coincide with gaps of other streams at the same tap.
    private func isSimultaneous(_ stream: StreamReport, _ losses: [StreamReport.Loss]) -> Bool {
        let siblings = report.streams.filter { other in
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

    private mutating func addRepairedAtTap(_ stream: StreamReport) {
        let count = stream.sequence.repairedAtTapCount
        guard count > 0 else { return }
        add(
            .note,
            "repaired-at-tap",
            stream,
            "\(Figures.count(count, "packet")) of \(Figures.count(stream.sequence.span)) "
                + "(\(Figures.percent(count, of: stream.sequence.span))) did not reach this tap at first and "
                + "came as \(count == 1 ? "a repair" : "repairs"): the loss is between the source and here.",
            count: count
        )
    }

    private mutating func addDuplicates(_ stream: StreamReport) {
        let details = stream.details
        // The first packets of a new count look like doubles until it is clear that it is one.
        let ofResets = stream.sequence.resets.count * SequenceTracker.resetEvidenceMin
        guard details.duplicates.count > ofResets else { return }
        let isMirror =
            details.doubledCount * 10 >= details.duplicates.count * 9
            && details.duplicates.count * 2 >= stream.packets.odata - details.duplicates.count
        if isMirror {
            add(
                .note,
                "capture-doubled",
                stream,
                "Most packets are twice in this capture, within milliseconds: it was taken on several "
                    + "interfaces at once or on a mirror that copies both directions. Counts of packets and NAKs "
                    + "are doubled.",
                details.duplicates
            )
        } else {
            add(
                .warning,
                "duplicates",
                stream,
                "\(Figures.count(details.duplicates.count, "packet")) "
                    + "(\(Figures.percent(details.duplicates.count, of: stream.packets.odata))) came twice as "
                    + "original data: a loop in the network, a mirror that copies some packets twice, or a source "
                    + "that repeats instead of repairing.",
                details.duplicates
            )
        }
    }

    private mutating func addReordering(_ stream: StreamReport) {
        let details = stream.details
        guard details.reordered.count > 0 else { return }
        add(
            details.reordered.count * 100 > stream.packets.odata ? .warning : .note,
            "reordering",
            stream,
            "\(Figures.count(details.reordered.count, "packet")) "
                + "(\(Figures.percent(details.reordered.count, of: stream.packets.odata))) came after later ones, "
                + "at most \(Figures.count(details.reorderDistanceMax)) numbers late: several paths or queues on "
                + "the way. Receivers cope, but may ask for what is only late.",
            details.reordered
        )
    }

    private static let simultaneousMax: Int64 = 10_000_000
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
