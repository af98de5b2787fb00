import Wire

/// How long to wait before trying a connection again: exponential, with jitter so that peers that lost the same
/// parent do not return in step.
public struct BackOff: Equatable, Sendable {
    /// The first wait.
    public var initial: Duration
    /// No wait is longer.
    public var maximum: Duration
    private var failureCount = 0

    /// - Precondition: both are positive; a wait of zero would be a busy loop.
    public init(initial: Duration = .milliseconds(100), maximum: Duration = .seconds(10)) {
        precondition(initial > .zero && maximum > .zero, "a back-off needs positive waits")
        self.initial = initial
        self.maximum = maximum
    }

    public mutating func handleSuccess() {
        failureCount = 0
    }

    /// The next wait: between half and all of `initial` × 2ⁿ, at most `maximum`; whole nanoseconds, so that the
    /// bounds are exact. `randomness` is 64 uniformly random bits.
    public mutating func next(randomness: UInt64) -> Duration {
        let limit = maximum.nanoseconds
        let factor = Int64(1) << min(failureCount, 62)
        let (doubled, overflows) = initial.nanoseconds.multipliedReportingOverflow(by: factor)
        failureCount += 1
        let ceiling = overflows ? limit : min(doubled, limit)
        let jitterMax = UInt64(ceiling / 2)
        let jitter = jitterMax.multipliedFullWidth(by: randomness).high
        return .nanoseconds(ceiling - Int64(jitterMax) + Int64(jitter))
    }
}
