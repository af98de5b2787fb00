import Rendering

/// What was lost, who lost it, and how well it was repaired.
extension FindingMaker {
    mutating func addRepairFindings(_ stream: StreamReport) {
        guard stream.packets.odata + stream.packets.spm > 0 else {
            return addOnlyRequests(stream)
        }
        guard !isToldElsewhere(stream) else { return }
        addUnrepaired(stream)
        addUnanswered(stream)
        addStorm(stream)
        addRepairQuality(stream)
        addRepaired(stream)
    }

    /// Another tap saw the same requests and at least as many losses, so what is said of it is enough.
    func isToldElsewhere(_ stream: StreamReport) -> Bool {
        others(of: stream).contains { other in
            Self.tells(other, of: stream)
                && (!Self.tells(stream, of: other) || StreamReport.isBefore(other, stream))
        }
    }

    private static func tells(_ stream: StreamReport, of other: StreamReport) -> Bool {
        let summary = stream.repairSummary
        let known = other.repairSummary
        return summary.unrepairedCount >= known.unrepairedCount
            && summary.repairedCount >= known.repairedCount
            && summary.lostRepairs.count >= known.lostRepairs.count
            && other.receivers.filter(\.hasAsked).allSatisfy { receiver in
                stream.receivers.contains {
                    $0.address == receiver.address && $0.lostCount >= receiver.lostCount
                        && $0.unrepairedCount >= receiver.unrepairedCount
                }
            }
    }

    /// Requests are unicast; that they are here and the data is not tells where multicast ends.
    private mutating func addOnlyRequests(_ stream: StreamReport) {
        let asking = stream.receivers.filter(\.hasAsked).map { "\($0.address)" }
        guard !asking.isEmpty else { return }
        add(
            .warning,
            "data-not-here",
            stream,
            "\(Figures.list(asking)) asked for repairs of this stream, but none of its data is in this "
                + "capture: this tap does not get the group. Capture where the group is joined, or on a "
                + "mirror port.",
            first: firstRequest(stream),
            count: stream.packets.nak
        )
    }

    private mutating func addUnrepaired(_ stream: StreamReport) {
        let losses = stream.losses.filter { $0.kind != .missing }
        for receiver in stream.receivers where receiver.unrepairedCount > 0 {
            let own = losses.filter { $0.receivers.contains(receiver.address) }
            let which = own.isEmpty ? "" : " (\(Self.text(of: own)))"
            let late = own.filter { $0.kind == .tooLate }.reduce(0) { $0 + $1.count }
            add(
                .problem,
                "loss-unrepaired",
                stream,
                "\(receiver.address) lost \(Figures.count(receiver.unrepairedCount, "packet"))\(which) "
                    + "for good: it asked, and no repair followed. "
                    + reason(late: late, of: receiver.unrepairedCount, stream),
                first: own.map(\.nanoseconds).min() ?? receiver.firstNanoseconds,
                last: own.map(\.nanoseconds).max(),
                count: receiver.unrepairedCount,
                subject: "\(receiver.address)"
            )
        }
        // A tap that sees the source's confirmations, but not the receivers' unicast.
        let anonymous = losses.filter(\.receivers.isEmpty)
        let count = anonymous.reduce(0) { $0 + $1.count }
        guard count > 0 else { return }
        add(
            .problem,
            "loss-unrepaired",
            stream,
            "The source confirmed requests for \(Figures.count(count, "packet")) "
                + "(\(Self.text(of: anonymous))) and never repaired them. Who asked "
                + "is not in this capture, because requests are unicast; capture at the source to see it.",
            first: anonymous.map(\.nanoseconds).min(),
            last: anonymous.map(\.nanoseconds).max(),
            count: count
        )
    }

    private func reason(late: Int, of count: Int, _ stream: StreamReport) -> String {
        if late >= count {
            return "The source no longer had \(count == 1 ? "it" : "them") in its window; see "
                + "window-too-small."
        }
        if late > 0 {
            return "The source no longer had \(Figures.count(late)) of them in its window."
        }
        return stream.packets.ncf == 0
            ? "The source did not even confirm; see nak-unanswered."
            : "Its window still held \(count == 1 ? "it" : "them"): the source was overloaded, limited its "
                + "rate, or ended."
    }

    private mutating func addUnanswered(_ stream: StreamReport) {
        let unconfirmed = stream.repairSummary.unconfirmedRepairedCount
        if unconfirmed > 0 {
            add(
                .note,
                "ncf-missing",
                stream,
                "\(Figures.count(unconfirmed, "repair")) came without a confirmation (NCF) in front: confirmations "
                    + "are lost on the way here, or the source sends none.",
                first: firstRequest(stream),
                count: unconfirmed
            )
        }
        let count = stream.repairSummary.unconfirmedCount
        guard count > 0, stream.packets.nak > 0 else { return }
        if stream.packets.ncf == 0, stream.packets.rdata == 0 {
            let path = stream.announcements.otherPathAddress.map {
                ", which its SPMs name as \($0),"
            }
            add(
                .problem,
                "nak-unanswered",
                stream,
                "Nobody answers requests for repairs: \(Figures.count(stream.packets.nak, "NAK")) for "
                    + "\(Figures.count(count, "packet")) brought neither confirmation nor data. Check that "
                    + "NAKs reach the source\(path ?? "") (unicast, "
                    + "\(stream.transport == .epgm ? "UDP port \(stream.destinationPort)" : "IP protocol 113")), "
                    + "and that it is alive.",
                first: firstRequest(stream),
                count: count
            )
        } else {
            add(
                .warning,
                "nak-unanswered",
                stream,
                "\(Figures.count(count, "requested packet")) got no confirmation (NCF) from the source, "
                    + "others did: NAKs are lost on their way, or the source is overloaded.",
                first: firstRequest(stream),
                count: count
            )
        }
    }

    private mutating func addStorm(_ stream: StreamReport) {
        let summary = stream.repairSummary
        guard summary.nakBurstCount >= Self.stormCountMin else { return }
        let asking = stream.receivers.filter(\.hasAsked).count
        add(
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

    private mutating func addRepairQuality(_ stream: StreamReport) {
        let summary = stream.repairSummary
        let latency = summary.nakToRDATA
        if latency.quantile(0.5) > Self.slowMedian || latency.quantile(0.99) > Self.slowTail {
            add(
                .warning,
                "repair-slow",
                stream,
                "Repairs take \(Figures.duration(latency.quantile(0.5))) from request to data at the median "
                    + "and \(Figures.duration(latency.maximum)) at worst. libzmq sends one repair each time "
                    + "it wakes up; a publisher that sends more often, or another implementation, is quicker.",
                first: firstRequest(stream),
                count: latency.count
            )
        }
        if summary.lostRepairs.count > 0 {
            let who = stream.receivers.filter { $0.lostRepairCount > 0 }.map { "\($0.address)" }
            add(
                .note,
                "repair-lost",
                stream,
                "\(Figures.count(summary.lostRepairs.count, "repair")) "
                    + "\(summary.lostRepairs.count == 1 ? "was" : "were") lost as well and asked for again by "
                    + "\(Figures.list(who)).",
                summary.lostRepairs
            )
        }
        let repaired = summary.repairedCount
        if summary.sharedCount >= Self.sharedCountMin, summary.sharedCount * 4 >= repaired {
            add(
                .warning,
                "loss-shared",
                stream,
                "\(Figures.count(summary.sharedCount)) of \(Figures.count(repaired, "repaired packet")) were "
                    + "lost by several receivers at once: look for the loss near the source, on the way they "
                    + "share.",
                first: firstRequest(stream),
                count: summary.sharedCount
            )
        }
    }

    private mutating func addRepaired(_ stream: StreamReport) {
        let summary = stream.repairSummary
        guard summary.repairedCount > 0 else { return }
        let who = stream.receivers.filter { $0.repairedCount > 0 }.map { "\($0.address)" }
        let latency = summary.nakToRDATA
        let times =
            switch latency.count {
            case 0: ""
            case 1: ", \(Figures.duration(latency.maximum)) after the request"
            default:
                ", \(Figures.duration(latency.quantile(0.5))) after the request at the median, "
                    + "\(Figures.duration(latency.maximum)) at worst"
            }
        add(
            .note,
            "loss-repaired",
            stream,
            "\(Figures.count(summary.repairedCount, "packet")) lost by "
                + (who.isEmpty ? "receivers elsewhere" : Figures.list(who))
                + " \(summary.repairedCount == 1 ? "was" : "were") repaired\(times).",
            first: stream.repairs.first.map { $0.nakNanoseconds ?? $0.rdataNanoseconds },
            last: stream.repairs.last?.rdataNanoseconds,
            count: summary.repairedCount
        )
    }

    private func firstRequest(_ stream: StreamReport) -> Int64? {
        stream.receivers.filter(\.hasAsked).compactMap(\.firstNanoseconds).min()
    }

    private static let stormCountMin = 100
    private static let sharedCountMin = 5
    private static let slowMedian: Int64 = 200_000_000
    private static let slowTail: Int64 = 1_000_000_000
}
