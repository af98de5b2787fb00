import Wire

/// The time that counts for a receiver: it stands still while its shell reads nothing.
///
///     real time      0 ──── 5 ═══════ pause ═══════ 9 ──── 12
///     reading time   0 ──── 5                       5 ──── 8
///
/// All of a receiver's deadlines and marks are in reading time, so that a pause needs no other rule: back-offs, waits and
/// expiries go on afterwards with what was left of them.
struct ReadingClock: Sendable {
    /// When the pause began; `Int64.max`: there is none.
    private var pauseStart = Int64.max
    /// The length of all pauses that have ended.
    private var pausedTime: Int64 = 0

    var isPaused: Bool { pauseStart != .max }

    /// Nanoseconds of reading time.
    @inline(__always)
    func time(_ now: Instant) -> Int64 { min(now.nanoseconds, pauseStart) - pausedTime }

    /// When it will be that time, unless a pause comes between.
    func instant(_ time: Int64) -> Instant {
        let (nanoseconds, overflows) = time.addingReportingOverflow(pausedTime)
        return Instant(nanoseconds: overflows ? .max : nanoseconds)
    }

    mutating func pause(at now: Instant) {
        if !isPaused { pauseStart = now.nanoseconds }
    }

    mutating func resume(at now: Instant) {
        guard isPaused else { return }
        pausedTime += max(0, now.nanoseconds - pauseStart)
        pauseStart = .max
    }
}
