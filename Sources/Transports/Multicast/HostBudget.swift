/// Limits how many packets for other sources of this host are passed on, so that sources do not flood each other.
struct HostBudget {
    private var left = Self.countPerInterval
    private var intervalEnd: Int64 = 0

    mutating func take(at now: Int64) -> Bool {
        if now >= intervalEnd {
            intervalEnd = now + Self.interval
            left = Self.countPerInterval
        }
        guard left > 0 else { return false }
        left -= 1
        return true
    }

    private static let countPerInterval = 500
    private static let interval: Int64 = 100_000_000
}
