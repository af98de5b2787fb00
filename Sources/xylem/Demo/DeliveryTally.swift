import Histogram

/// What one subscriber has received of a numbered stream.
struct DeliveryTally {
    private(set) var receivedCount = 0
    private(set) var duplicateCount = 0
    /// Messages that came after one with a higher number.
    private(set) var lateCount = 0
    /// Of each message's first arrival, in microseconds; two digits are kept, up to ten minutes.
    private var latencies = Histogram<UInt32>(
        highestTrackableValue: 600_000_000,
        numberOfSignificantValueDigits: .two
    )
    private var highest = -1
    /// One bit per number.
    private var seen: [UInt64] = []

    /// Message `number`, counted from 0, has arrived.
    mutating func handleArrival(_ number: Int, latencyMicroseconds: UInt64) {
        precondition(number >= 0, "numbers count from 0")
        let (word, bit) = (number >> 6, UInt64(1) << UInt64(number & 63))
        while seen.count <= word { seen.append(0) }
        guard seen[word] & bit == 0 else {
            duplicateCount += 1
            return
        }
        seen[word] |= bit
        receivedCount += 1
        if number < highest { lateCount += 1 }
        highest = max(highest, number)
        _ = latencies.record(min(latencyMicroseconds, 600_000_000))
    }

    /// The latency, in microseconds, that so many percent of the messages did not exceed; `nil` when none has arrived.
    func latency(percentile: Double) -> UInt64? {
        receivedCount > 0 ? latencies.valueAtPercentile(percentile) : nil
    }
}
