/// When each message of a steady load is due. A sender that fell behind catches up; the average stays the rate.
struct Pacer: Equatable, Sendable {
    /// Messages per second.
    var rate: Double

    /// Nanoseconds to wait before the message with that number, counted from 0; 0 when it is due.
    func nanosecondsToWait(before number: Int, elapsedNanoseconds: Int64) -> Int64 {
        let due = Double(number) / rate * 1e9
        return max(0, Int64(min(due, 1e18)) - elapsedNanoseconds)
    }
}
