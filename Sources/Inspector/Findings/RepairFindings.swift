import Rendering

/// How losses were repaired: how fast, how surely, and whether several receivers shared them.
struct RepairFindings {
    let stream: StreamReport

    var findings: [StreamFinding] {
        [slowRepairs, lostRepairs, sharedLosses, repairedLosses].compactMap(\.self)
    }

    private var slowRepairs: StreamFinding? {
        let latency = stream.repairSummary.nakToRDATA
        guard latency.quantile(0.5) > Self.slowMedian || latency.quantile(0.99) > Self.slowTail
        else { return nil }
        return StreamFinding(
            .warning,
            "repair-slow",
            stream,
            "Repairs take \(Figures.duration(latency.quantile(0.5))) from request to data at the median "
                + "and \(Figures.duration(latency.maximum)) at worst. libzmq sends one repair each time "
                + "it wakes up; a publisher that sends more often, or another implementation, is quicker.",
            first: stream.firstRequestNanoseconds,
            count: latency.count
        )
    }

    private var lostRepairs: StreamFinding? {
        let summary = stream.repairSummary
        guard summary.lostRepairs.count > 0 else { return nil }
        let who = stream.receivers.filter { $0.lostRepairCount > 0 }.map { "\($0.address)" }
        return StreamFinding(
            .note,
            "repair-lost",
            stream,
            "\(Figures.count(summary.lostRepairs.count, "repair")) "
                + "\(summary.lostRepairs.count == 1 ? "was" : "were") lost as well and asked for again by "
                + "\(Figures.list(who)).",
            summary.lostRepairs
        )
    }

    private var sharedLosses: StreamFinding? {
        let summary = stream.repairSummary
        let repaired = summary.repairedCount
        guard summary.sharedCount >= Self.sharedCountMin, summary.sharedCount * 4 >= repaired else {
            return nil
        }
        return StreamFinding(
            .warning,
            "loss-shared",
            stream,
            "\(Figures.count(summary.sharedCount)) of \(Figures.count(repaired, "repaired packet")) were "
                + "lost by several receivers at once: look for the loss near the source, on the way they "
                + "share.",
            first: stream.firstRequestNanoseconds,
            count: summary.sharedCount
        )
    }

    private var repairedLosses: StreamFinding? {
        let summary = stream.repairSummary
        guard summary.repairedCount > 0 else { return nil }
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
        return StreamFinding(
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

    private static let sharedCountMin = 5
    private static let slowMedian: Int64 = 200_000_000
    private static let slowTail: Int64 = 1_000_000_000
}
