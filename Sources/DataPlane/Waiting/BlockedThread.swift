import Glibc

/// A thread that sleeps until it is given one answer. Used once.
final class BlockedThread<Answer: Sendable>: @unchecked Sendable {
    // Plain memory: the C library wants both at an address that does not change.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let isAnswered = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    /// Guarded by `mutex`.
    private var answer: Answer?

    init() {
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        // A clock that is set must not shorten or lengthen a wait.
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(isAnswered, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(isAnswered)
        pthread_mutex_destroy(mutex)
        isAnswered.deallocate()
        mutex.deallocate()
    }

    func resume(returning answer: Answer) {
        pthread_mutex_lock(mutex)
        self.answer = answer
        pthread_cond_signal(isAnswered)
        pthread_mutex_unlock(mutex)
    }

    func wait() -> Answer {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let answer { return answer }
            pthread_cond_wait(isAnswered, mutex)
        }
    }

    /// `nil` when the time is up.
    func wait(atMost timeout: Duration) -> Answer? {
        var deadline = Self.deadline(after: timeout)
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while answer == nil {
            guard pthread_cond_timedwait(isAnswered, mutex, &deadline) == 0 else { break }
        }
        return answer
    }

    private static func deadline(after timeout: Duration) -> timespec {
        var deadline = timespec()
        clock_gettime(CLOCK_MONOTONIC, &deadline)
        let (seconds, attoseconds) = max(timeout, .zero).components
        let nanoseconds = deadline.tv_nsec + Int(attoseconds / 1_000_000_000)
        // A century is without end.
        deadline.tv_sec += Int(min(seconds, 3_155_760_000)) + nanoseconds / 1_000_000_000
        deadline.tv_nsec = nanoseconds % 1_000_000_000
        return deadline
    }
}
