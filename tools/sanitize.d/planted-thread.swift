// What ThreadSanitizer must see, and what it must not. `planted-thread race` has a race; `planted-thread clean` guards the
// same counter with a contended `Mutex`, whose slow path only the shim can tell of.
import Glibc
import Synchronization

let rounds = 20_000

final class Counter: @unchecked Sendable {
    let lock = Mutex(0)
    var unguarded = 0
    let isRacing: Bool

    init(isRacing: Bool) { self.isRacing = isRacing }

    func count() {
        for _ in 0..<rounds {
            if isRacing {
                unguarded += 1
            } else {
                lock.withLock { guarded in
                    guarded += 1
                    unguarded += 1
                    // Holding the lock for a while makes the others take the slow path.
                    if guarded % 64 == 0 { sched_yield() }
                }
            }
        }
    }
}

let counter = Counter(isRacing: CommandLine.arguments.last == "race")
var threads = [pthread_t](repeating: pthread_t(), count: 4)
for index in threads.indices {
    pthread_create(
        &threads[index],
        nil,
        { raw in
            Unmanaged<Counter>.fromOpaque(raw!).takeUnretainedValue().count()
            return nil
        },
        Unmanaged.passUnretained(counter).toOpaque()
    )
}
for thread in threads { pthread_join(thread, nil) }
print(counter.unguarded)
