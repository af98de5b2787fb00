/// Whether and when a node that has ended is started again.
///
///     started ── lived 5 s or more ──▶ ended: again after 200 ms, the count starts anew
///        └────── died sooner ────────▶ 1st: 200 ms, 2nd: 400 ms, 3rd: 800 ms, 4th: 1.6 s,
///                                      5th: given up for 30 s, then for 1 min, 2 min, 4 min, 5 min, 5 min, …
///
/// A node that dies at once five times in a row would go on doing so, until somebody mends what is in its way.
struct RestartRule: Equatable, Sendable {
    enum Decision: Equatable, Sendable {
        case restart(after: Duration)
        /// It counts as failed, and is tried again after that long.
        case giveUp(retryAfter: Duration)
    }

    private(set) var quickEndCount = 0

    /// The node has ended after that long.
    mutating func handleEnd(after lifetime: Duration) -> Decision {
        if lifetime >= Self.quick { quickEndCount = 0 } else { quickEndCount += 1 }
        guard isGivenUp else {
            return .restart(after: Self.delayInitial * (1 << max(quickEndCount - 1, 0)))
        }
        let doublings = min(quickEndCount - Self.quickEndCountMax, Self.doublingCountMax)
        return .giveUp(retryAfter: min(Self.retryInitial * (1 << doublings), Self.retryMax))
    }

    /// Whether its last ends were so many and so quick that it counts as failed, until it lives long enough.
    var isGivenUp: Bool { quickEndCount >= Self.quickEndCountMax }

    static let quick = Duration.seconds(5)
    static let quickEndCountMax = 5
    static let delayInitial = Duration.milliseconds(200)
    static let retryInitial = Duration.seconds(30)
    static let retryMax = Duration.seconds(300)
    private static let doublingCountMax = 8
}
