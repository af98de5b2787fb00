/// A point on whatever clock the shell uses: the real one, or a test's.
///
/// Cores never read a clock; `now` is an argument. Nanoseconds since an arbitrary start.
public struct Instant: Comparable, Hashable, Sendable {
    public var nanoseconds: Int64

    @inlinable
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    @inlinable
    public static func < (left: Instant, right: Instant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// Saturates: a time-out of `.seconds(Int64.max)`, which means "never", must not trap.
    @inlinable
    public static func + (instant: Instant, duration: Duration) -> Instant {
        let added = duration.nanoseconds
        let (sum, overflows) = instant.nanoseconds.addingReportingOverflow(added)
        return Instant(nanoseconds: overflows ? (added < 0 ? .min : .max) : sum)
    }

    /// The time from `earlier` to `later`; negative when the order is reversed. Saturates.
    @inlinable
    public static func - (later: Instant, earlier: Instant) -> Duration {
        let (difference, overflows) =
            later.nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
        return .nanoseconds(overflows ? (later < earlier ? .min : .max) : difference)
    }
}

extension Duration {
    /// The whole duration in nanoseconds, saturated at the range of `Int64` (292 years).
    @inlinable
    public var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, sumOverflow) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
        return sumOverflow ? (seconds < 0 ? .min : .max) : sum
    }
}
