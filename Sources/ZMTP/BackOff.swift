/// How long to wait before trying a connection again: exponential, with jitter so that peers that lost the same
/// parent do not return in step.
public struct BackOff: Equatable, Sendable {
    /// The first wait.
    public var initial: Duration
    /// No wait is longer.
    public var maximum: Duration
    private var failureCount = 0

    public init(initial: Duration = .milliseconds(100), maximum: Duration = .seconds(10)) {
        self.initial = initial
        self.maximum = maximum
    }

    public mutating func handleSuccess() {
        failureCount = 0
    }

    /// The next wait: between half and all of `initial` × 2ⁿ, at most `maximum`.
    /// `randomness` is 64 uniformly random bits.
    public mutating func next(randomness: UInt64) -> Duration {
        let doubled = initial * Double(UInt64(1) << UInt64(min(failureCount, 30)))
        failureCount += 1
        let ceiling = min(doubled, maximum)
        let fraction = Double(randomness >> 11) / Double(UInt64(1) << 53)
        return ceiling * (0.5 + 0.5 * fraction)
    }
}
