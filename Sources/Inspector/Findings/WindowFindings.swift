import Rendering

/// Whether the source keeps packets long enough to repair them.
struct WindowFindings {
    let stream: StreamReport

    var findings: [StreamFinding] {
        let late = stream.repairSummary.tooLateCount
        guard let packetCount = stream.window.packetCount,
            let hold = stream.window.holdNanosecondsMin
        else { return [] }
        let usual = stream.repairSummary.nakToRDATA.quantile(0.99)
        // A receiver waits before it asks, so that one request serves all, and asks again when nothing comes.
        let need = max(Self.repairNanosecondsMin, 2 &* min(usual, 60_000_000_000))
        guard late > 0 || hold < need else { return [] }
        let mean = stream.window.holdNanosecondsMean ?? hold
        let held =
            "The source keeps \(Figures.count(packetCount, "packet")), which is "
            + "\(Figures.duration(hold)) at its busiest and \(Figures.duration(mean)) on average. "
        let advice =
            "Keep at least \(Figures.duration(max(need, 1_000_000_000))): raise ZMQ_RECOVERY_IVL or ZMQ_RATE "
            + "at the publisher (libzmq's window is rate × interval ÷ packet size), and both at the "
            + "subscribers."
        if late > 0 {
            return [
                StreamFinding(
                    .problem,
                    "window-too-small",
                    stream,
                    held
                        + "\(Figures.count(late, "requested packet")) had left it before a repair was possible. "
                        + (hold < WindowFindings.backOffNanosecondsMax
                            ? "Receivers wait up to 50 ms before they ask, so most losses are never asked for: "
                                + "few requests here do not mean few losses. " : "") + advice,
                    count: late
                )
            ]
        }
        return [
            StreamFinding(
                .warning,
                "window-too-small",
                stream,
                held
                    + (hold < WindowFindings.backOffNanosecondsMax
                        ? "Receivers wait up to 50 ms before they ask, so a lost packet cannot be repaired, and "
                            + "no request shows it. "
                        : "A repair may take \(Figures.duration(need)), so some losses cannot be repaired. ")
                    + advice,
                count: packetCount
            )
        ]
    }

    /// libzmq's receivers: up to 50 ms of back-off, then 200 ms until they ask again.
    private static let repairNanosecondsMin: Int64 = 250_000_000
    static let backOffNanosecondsMax: Int64 = 50_000_000
}
