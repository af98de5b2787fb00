import Rendering

/// How the source answers requests for repairs, and how many it gets.
struct RequestFindings {
    let stream: StreamReport

    var findings: [StreamFinding] {
        [missingConfirmations, unanswered, storm].compactMap(\.self)
    }

    private var missingConfirmations: StreamFinding? {
        let unconfirmed = stream.repairSummary.unconfirmedRepairedCount
        guard unconfirmed > 0 else { return nil }
        return StreamFinding(
            .note,
            "ncf-missing",
            stream,
            "\(Figures.count(unconfirmed, "repair")) came without a confirmation (NCF) in front: confirmations "
                + "are lost on the way here, or the source sends none.",
            first: stream.firstRequestNanoseconds,
            count: unconfirmed
        )
    }

    private var unanswered: StreamFinding? {
        let count = stream.repairSummary.unconfirmedCount
        guard count > 0, stream.packets.nak > 0 else { return nil }
        guard stream.packets.ncf == 0, stream.packets.rdata == 0 else {
            return StreamFinding(
                .warning,
                "nak-unanswered",
                stream,
                "\(Figures.count(count, "requested packet")) got no confirmation (NCF) from the source, "
                    + "others did: NAKs are lost on their way, or the source is overloaded.",
                first: stream.firstRequestNanoseconds,
                count: count
            )
        }
        let path = stream.announcements.otherPathAddress.map {
            ", which its SPMs name as \($0),"
        }
        return StreamFinding(
            .problem,
            "nak-unanswered",
            stream,
            "Nobody answers requests for repairs: \(Figures.count(stream.packets.nak, "NAK")) for "
                + "\(Figures.count(count, "packet")) brought neither confirmation nor data. Check that "
                + "NAKs reach the source\(path ?? "") (unicast, "
                + "\(stream.transport == .epgm ? "UDP port \(stream.destinationPort)" : "IP protocol 113")), "
                + "and that it is alive.",
            first: stream.firstRequestNanoseconds,
            count: count
        )
    }

    private var storm: StreamFinding? {
        let summary = stream.repairSummary
        guard summary.nakBurstCount >= Self.stormCountMin else { return nil }
        let asking = stream.receivers.filter(\.hasAsked).count
        return StreamFinding(
            summary.nakBurstCount >= 10 * Self.stormCountMin ? .problem : .warning,
            "nak-storm",
            stream,
            "\(Figures.count(summary.nakBurstCount, "NAK")) within 100 ms from "
                + "\(Figures.count(asking, "receiver")): the source spends its time on requests. "
                + (asking > 1
                    ? "Many receivers lose the same packets; look for the loss on the way they share, and "
                        + "lower the source's rate."
                    : "Lower the source's rate, or find out why this receiver loses so much."),
            first: summary.nakBurstNanoseconds,
            last: summary.nakBurstNanoseconds &+ 100_000_000,
            count: summary.nakBurstCount
        )
    }

    private static let stormCountMin = 100
}
