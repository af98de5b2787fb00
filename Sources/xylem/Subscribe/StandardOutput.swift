import Glibc
import Synchronization

/// Standard output for several tasks, each of which hands over whole lines.
final class StandardOutput: Sendable {
    private let lock = Mutex(())

    init() {
        // Whoever reads may stop (`… | head`): that is a result of `write`, not a reason to be killed.
        signal(SIGPIPE, SIG_IGN)
    }

    /// Writes everything and empties the buffer. `false` when nobody reads any more.
    func write(_ buffer: inout [UInt8]) -> Bool {
        defer { buffer.removeAll(keepingCapacity: true) }
        return buffer.withUnsafeBytes { bytes in
            lock.withLock { _ in
                var rest = bytes[...]
                while !rest.isEmpty {
                    let count = Glibc.write(
                        STDOUT_FILENO,
                        UnsafeRawBufferPointer(rebasing: rest).baseAddress,
                        rest.count
                    )
                    if count < 0, errno == EINTR { continue }
                    guard count >= 0 else { return false }
                    rest = rest.dropFirst(count)
                }
                return true
            }
        }
    }
}
