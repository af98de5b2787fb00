import Glibc
import Synchronization

/// Counts from any thread.
final class Counter: Sendable {
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .sequentiallyConsistent) }

    func increment() { count.add(1, ordering: .sequentiallyConsistent) }
}

extension Int32 {
    /// Whether `poll` finds this file descriptor readable now.
    var isReadable: Bool {
        var entry = pollfd(fd: self, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) == 1
    }
}
