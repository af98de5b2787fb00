extension SourceOptions: CustomStringConvertible {
    /// Every value, one on each line.
    public var description: String {
        let rate = rateByteCountPerSecond.map { "\($0) octets/s" } ?? "unlimited"
        return [
            "rate: \(rate)",
            "burst: \(burstByteCount) octets, at least 1 ms of the rate",
            "share of repairs: \(repairShare)",
            "overhead per packet: \(overheadByteCount) octets",
            "window: \(windowPacketCount) packets, \(windowByteCount) octets, \(windowDuration)",
            "ambient interval: \(ambientInterval)",
            "heartbeat intervals: " + heartbeatIntervals.map { "\($0)" }.joined(separator: ", "),
            "announcements: \(announcementCount)",
            "interval of requested SPMs: \(requestedInterval)",
            "repair delay: \(repairDelay), hold: \(repairHold)",
            "interval of equal NCFs: \(confirmationInterval)",
            "NAKs per second: \(nakCountPerSecondMax)",
            "checks addresses in NAKs: \(checksNAKAddresses)",
            "offers history: \(offersHistory), announces start: \(announcesStart)",
            "parity: \(parity.map { "\($0)" } ?? "off")",
            "adaptive rate: \(adaptiveRate.map { "\($0)" } ?? "off")",
        ].joined(separator: "\n")
    }
}

extension ParityOptions: CustomStringConvertible {
    public var description: String {
        "groups of \(groupSize), \(proactiveCount) proactive\(isOnDemand ? ", on demand" : "")"
    }
}

extension AdaptiveRateOptions: CustomStringConvertible {
    public var description: String {
        "\(minimumByteCountPerSecond)…\(maximumByteCountPerSecond) octets/s, every \(interval):"
            + " × \(decrease) above \(lossRatioMax) lost, else + \(increase) of the maximum"
    }
}
