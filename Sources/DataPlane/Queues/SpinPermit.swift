import Glibc
import Synchronization
import Transports

/// How many consumers of this process look for messages at once: one less than there are cores, so that whoever brings
/// the message finds one. On a machine of one core nobody looks.
enum SpinPermit {
    private static let spinnerCount = Atomic<Int>(0)
    private static let spinnerCountMax = sysconf(Int32(_SC_NPROCESSORS_ONLN)) - 1

    /// Whether somebody else may bring a message meanwhile: there is another core, and this thread is no event loop.
    static var isWorthwhile: Bool { spinnerCountMax > 0 && !SharedEventLoops.isOnEventLoop }

    /// Calls `isReady` until it is true or the time, in nanoseconds, is over. False, at once, without a permit, and on
    /// an event loop, which may be the one that brings the message.
    static func spin(for nanoseconds: Int64, until isReady: () -> Bool) -> Bool {
        guard nanoseconds > 0, !SharedEventLoops.isOnEventLoop else {
            return false
        }
        let before = spinnerCount.wrappingAdd(1, ordering: .relaxed).oldValue
        defer { spinnerCount.wrappingSubtract(1, ordering: .relaxed) }
        guard before < spinnerCountMax else { return false }
        let end = monotonicNanoseconds() + nanoseconds
        repeat {
            for _ in 0..<looksPerYield where isReady() { return true }
            // Whoever has work for this core comes first.
            sched_yield()
        } while monotonicNanoseconds() < end
        return isReady()
    }

    static func monotonicNanoseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    private static let looksPerYield = 32
}
