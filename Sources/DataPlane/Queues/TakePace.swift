/// Letting a stream that comes by a link gather before it is taken again.
///
///     append  ▏▏▏▏▏▏▏▏▏▏▏▏▏▏▏▏▏▏▏▏▏▏▏▏▏▏▏▏▏▏▏▏
///     take    ▲ (1)       ▲ (20)      ▲ (20)
///              └ interval ┘
///
/// Whoever takes faster than messages come finds one each time, and for each of them both sides pay the way between two cores, which is many
/// times an append. So a take that has found little is followed by the next one after an interval at the earliest. A message that comes alone is
/// never waited with: between it and the take before is more than that.
struct TakePace {
    /// When little was taken, and nothing is left of it; nanoseconds; 0 = the next take is free.
    private var lastTake: Int64 = 0
    private var arrivals: UInt64 = 0

    /// Something was taken, or nothing.
    mutating func handleTake(_ state: borrowing MailboxState, arrivals: UInt64) {
        handleTake(
            lastSmallRefill: state.queue.messageCount == 0 ? state.queue.lastSmallRefill : 0,
            arrivals: arrivals
        )
    }

    /// `lastSmallRefill` is when little came by a link and was all there was; else 0.
    mutating func handleTake(lastSmallRefill: Int64, arrivals: UInt64) {
        lastTake = lastSmallRefill
        self.arrivals = arrivals
    }

    /// Until when the next take is to wait, once; 0 = it is free, or there is other news.
    mutating func nextTake(arrivals: UInt64) -> Int64 {
        guard lastTake > 0 else { return 0 }
        defer { lastTake = 0 }
        return arrivals == self.arrivals ? lastTake + Self.interval : 0
    }

    /// Waits until the interval is over; not on an event loop, or where the sender has no core of its own.
    mutating func rest(arrivals: UInt64) {
        let end = nextTake(arrivals: arrivals)
        guard end > 0, SpinPermit.isWorthwhile else { return }
        // By the clock and not at the queue: the sender is to have its memory for itself.
        while SpinPermit.monotonicNanoseconds() < end {}
    }

    /// Nanoseconds: some tens of messages of a fast sender, and a tenth of the time in which a sleeping thread is woken.
    static let interval: Int64 = 3_000
    /// Octets that are worth a take.
    static let smallByteCount = 32 << 10
}
