import Wire

/// Follows the losses that receivers report: down by a factor after a lossy interval, up by a step after a clean one.
///
///     rate
///      ▲      ╱╲      ╱╲            additive increase
///      │   ╱╱   │  ╱╱   │  ╱        multiplicative decrease
///      │ ╱      │╱      │╱
///      └──────────────────────▶ intervals
struct AdaptiveRate: Sendable {
    private let options: AdaptiveRateOptions
    private(set) var rate: Int
    private var sentCount = 0
    private var lostCount = 0
    private(set) var intervalEnd: Int64

    init(_ options: AdaptiveRateOptions, at now: Int64) {
        self.options = options
        rate = options.maximumByteCountPerSecond
        intervalEnd = now
    }

    mutating func handleSent() { sentCount &+= 1 }

    mutating func handleLoss(_ count: Int) { lostCount &+= count }

    /// The new rate, at the end of an interval that changed it.
    mutating func handleTime(_ now: Int64) -> Int? {
        guard now >= intervalEnd else { return nil }
        intervalEnd = now + max(1_000_000, options.interval.nanoseconds)
        defer {
            sentCount = 0
            lostCount = 0
        }
        guard sentCount > 0 || lostCount > 0 else { return nil }
        let before = rate
        if Double(lostCount) > options.lossRatioMax * Double(max(1, sentCount)) {
            rate = max(options.minimumByteCountPerSecond, Int(Double(rate) * options.decrease))
        } else {
            let step = options.increase * Double(options.maximumByteCountPerSecond)
            rate = min(options.maximumByteCountPerSecond, rate + max(1, Int(step)))
        }
        return rate == before ? nil : rate
    }
}
