import NIOCore
import Wire

/// The alarms of many connections on one event loop.
///
///     connections ── wake(at: deadline) ──▶ ticks: 5.00 s [a, b, c], 5.05 s [d], … ──▶ one timer of the loop for each tick
///
/// Ten thousand heartbeats are ten thousand deadlines at any time. The loop's own timers keep them in one heap and search all
/// of it to cancel one; here deadlines that lie close together share a timer, and nothing is ever cancelled: a tick that nobody
/// waits for any more goes off for nothing. A deadline is met at its tick's end, never before it.
///
/// Confined to its loop.
final class DeadlineClock: @unchecked Sendable {
    /// Who is woken. It is cut off at the end, so that a tick to come does not keep what has ended.
    final class Alarm {
        /// Called when the time set last, or an earlier one, has come.
        fileprivate var action: (() -> Void)?
        /// What it is set to, and the tick that it waits for; `nil` while it is not set.
        fileprivate var due: (deadline: Instant, tick: Int64)?

        init(_ action: @escaping () -> Void) {
            self.action = action
        }

        /// Whether it goes off at that time anyway, or earlier.
        func isDue(by deadline: Instant) -> Bool {
            if let due { due.deadline <= deadline } else { false }
        }

        /// The end: it never goes off again.
        func cancel() {
            action = nil
            due = nil
        }
    }

    private let loop: any EventLoop
    /// By the nanosecond at which each tick ends. Looked up, never iterated.
    private var waiting: [Int64: [Alarm]] = [:]

    init(loop: any EventLoop) {
        self.loop = loop
    }

    /// Lets the alarm go off at `deadline`, if it does not earlier: an alarm has one tick, and asks again when it has gone off.
    func set(_ alarm: Alarm, at deadline: Instant) {
        loop.assertInEventLoop()
        if alarm.isDue(by: deadline) { return }
        let tick = Self.tick(of: deadline, now: .now)
        alarm.due = (deadline, tick)
        if waiting[tick] != nil {
            waiting[tick]?.append(alarm)
            return
        }
        waiting[tick] = [alarm]
        loop.scheduleTask(deadline: Instant(nanoseconds: tick).nioDeadline) { self.ring(tick) }
    }

    /// Alarms that are set, those that were cancelled or set to an earlier time included.
    var waitingCount: Int { waiting.values.reduce(0) { $0 + $1.count } }

    var tickCount: Int { waiting.count }

    private func ring(_ tick: Int64) {
        for alarm in waiting.removeValue(forKey: tick) ?? [] where alarm.due?.tick == tick {
            alarm.due = nil
            alarm.action?()
        }
    }

    /// Ticks are fine for what is near, and coarse for what is far.
    private static func tick(of deadline: Instant, now: Instant) -> Int64 {
        let isNear = deadline.nanoseconds < now.nanoseconds + nearNanoseconds
        let width = isNear ? fineNanoseconds : coarseNanoseconds
        let (rounded, overflows) = deadline.nanoseconds.addingReportingOverflow(width - 1)
        return overflows ? .max : rounded / width * width
    }

    private static let nearNanoseconds: Int64 = 500_000_000
    private static let fineNanoseconds: Int64 = 1_000_000
    private static let coarseNanoseconds: Int64 = 50_000_000
}
