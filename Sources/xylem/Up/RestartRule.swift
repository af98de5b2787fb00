/// Whether and when a node that has ended is started again.
///
///     started ── lived 5 s or more ──▶ ended: again after 200 ms, the count starts anew
///        └────── died sooner ────────▶ 1st: 200 ms, 2nd: 400 ms, 3rd: 800 ms, 4th: 1.6 s, 5th: given up
///
/// A node that dies at once five times in a row would go on doing so.
struct RestartRule: Equatable, Sendable {
    enum Decision: Equatable, Sendable {
        case restart(after: Duration)
        case giveUp
    }

    private(set) var quickEndCount = 0

    /// The node has ended after that long.
    mutating func handleEnd(after lifetime: Duration) -> Decision {
        if lifetime >= Self.quick { quickEndCount = 0 } else { quickEndCount += 1 }
        guard quickEndCount < Self.quickEndCountMax else { return .giveUp }
        return .restart(after: Self.delayInitial * (1 << max(quickEndCount - 1, 0)))
    }

    static let quick = Duration.seconds(5)
    static let quickEndCountMax = 5
    static let delayInitial = Duration.milliseconds(200)
}
