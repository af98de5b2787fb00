import Rendering

/// Numbers that arrived as repairs, twice, late, or out of line with the rest of the stream.
struct SequenceFindings {
    let stream: StreamReport

    var findings: [StreamFinding] {
        [repairedAtTap, duplicates, reordering, resets, strays].compactMap(\.self)
    }

    private var repairedAtTap: StreamFinding? {
        let count = stream.sequence.repairedAtTapCount
        guard count > 0 else { return nil }
        return StreamFinding(
            .note,
            "repaired-at-tap",
            stream,
            "\(Figures.count(count, "packet")) of \(Figures.count(stream.sequence.span)) "
                + "(\(Figures.percent(count, of: stream.sequence.span))) did not reach this tap at first and "
                + "came as \(count == 1 ? "a repair" : "repairs"): the loss is between the source and here.",
            count: count
        )
    }

    private var duplicates: StreamFinding? {
        let details = stream.details
        // The first packets of a new count look like doubles until it is clear that it is one.
        let ofResets = stream.sequence.resets.count * SequenceTracker.resetEvidenceMin
        guard details.duplicates.count > ofResets else { return nil }
        let isMirror =
            details.doubledCount * 10 >= details.duplicates.count * 9
            && details.duplicates.count * 2 >= stream.packets.odata - details.duplicates.count
        if isMirror {
            return StreamFinding(
                .note,
                "capture-doubled",
                stream,
                "Most packets are twice in this capture, within milliseconds: it was taken on several "
                    + "interfaces at once or on a mirror that copies both directions. Counts of packets and NAKs "
                    + "are doubled.",
                details.duplicates
            )
        }
        return StreamFinding(
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

    private var reordering: StreamFinding? {
        let details = stream.details
        guard details.reordered.count > 0 else { return nil }
        return StreamFinding(
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

    private var resets: StreamFinding? {
        guard stream.sequence.resets.count > 0 else { return nil }
        return StreamFinding(
            .warning,
            "sequence-reset",
            stream,
            "The source began to number anew \(Figures.count(stream.sequence.resets.count, "time")) without a "
                + "new session: receivers take the new numbers for old packets and drop them. A restarted "
                + "source must draw a new source port.",
            stream.sequence.resets
        )
    }

    private var strays: StreamFinding? {
        guard stream.details.strays.count > 0 else { return nil }
        return StreamFinding(
            .note,
            "stray-packets",
            stream,
            "\(Figures.count(stream.details.strays.count, "packet")) had numbers far from where the stream is "
                + "and were left aside: very old, forged, or of another stream.",
            stream.details.strays
        )
    }
}
