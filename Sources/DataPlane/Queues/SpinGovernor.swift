/// Whether a consumer that finds nothing looks again for a while before it goes to sleep.
///
/// Waking a sleeping task costs about as much as a message takes to come back over loopback, so a request and its reply
/// travel in half the time when the consumer is still awake. Looking costs a core, so it is done only while messages are
/// expected within the time that may be spent: the governor learns from every wait how long it took.
///
///     wait ─ nothing there ─▶ allowance > 0 ─▶ look ─ found ──────▶ handleWait(short)
///                                  │             └─ allowance over ─▶ sleep ─▶ handleWait(long)
///                                  └─ 0 ─▶ sleep ─▶ handleWait(as long as it took)
///
/// Times are nanoseconds.
struct SpinGovernor: Sendable {
    /// How long one wait may be spent looking; 0 = never look.
    let spinTime: Int64
    /// Of the next wait; a running mean, in which the last wait counts a quarter.
    private(set) var expectedWait: Int64

    init(spinTime: Int64) {
        self.spinTime = max(0, spinTime)
        // Hope for the best once: the first waits correct it.
        expectedWait = self.spinTime / 2
    }

    /// How long the next wait may look before it sleeps.
    var allowance: Int64 { expectedWait <= spinTime ? spinTime : 0 }

    /// A wait has ended with a message after this time, whether it looked or slept.
    mutating func handleWait(_ time: Int64) {
        // One long pause must not be remembered for many short ones.
        let time = min(max(0, time), Self.memoryFactor * spinTime)
        expectedWait += (time - expectedWait) / 4
    }

    private static let memoryFactor: Int64 = 4
}
