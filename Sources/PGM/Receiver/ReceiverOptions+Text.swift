extension ReceiverOptions: CustomStringConvertible {
    /// Every value, one on each line.
    public var description: String {
        [
            "window: \(windowPacketCount) packets, on overflow \(overflow.rawValue)",
            "NAK back-off: \(backOffMinimum) to \(backOff)",
            "wait for NCF: \(confirmationWait), \(confirmationRetryCountMax) times",
            "wait for data: \(dataWait), \(dataRetryCountMax) times",
            "numbers per NAK: \(nakNumberCountMax), outstanding: \(outstandingCountMax)",
            "uses parity: \(usesParity), history: \(usesHistory)",
            "SPM request: after up to \(requestBackOff), again after \(requestRetry), then seldomer, "
                + "\(requestCountPerSecondMax) per second at most",
            "expiry: \(expiry), after the end: \(finishedExpiry), without an SPM: \(strangerExpiry)",
            "sources: \(peerCountMax)",
        ].joined(separator: "\n")
    }
}
