import Glibc

/// How many descriptors this process has left: each connection takes one.
package struct DescriptorRoom: Equatable, Sendable {
    /// The soft limit, `ulimit -n`.
    package var limit: Int
    /// The lowest number that is free, and so about how many are in use; `limit` when none is left.
    package var usedCount: Int

    package init(limit: Int, usedCount: Int) {
        self.limit = limit
        self.usedCount = usedCount
    }

    /// As it is at this moment.
    package static var now: DescriptorRoom {
        let limit = softLimit
        let probe = lowestFree()
        guard probe >= 0 else { return DescriptorRoom(limit: limit, usedCount: limit) }
        close(probe)
        return DescriptorRoom(limit: limit, usedCount: min(limit, Int(probe)))
    }

    /// A new descriptor, which has the lowest number there is; negative when there is none. Of something that is open already if possible:
    /// every accept asks, and a socket of its own would cost it more than all else here.
    private static func lowestFree() -> CInt {
        for descriptor in [STDERR_FILENO, STDOUT_FILENO, STDIN_FILENO] {
            let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
            if copy >= 0 || errno != EBADF { return copy }
        }
        return socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    }

    private static var softLimit: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return .max
        }
        return Int(clamping: limit.rlim_cur)
    }

    /// What accepting leaves to others, who would be helpless without: the connection to a parent, status, files.
    package var reservedCount: Int { min(Self.reservedCountMax, limit / 4) }

    /// How many more connections may be accepted.
    package var freeCount: Int { max(0, limit - reservedCount - usedCount) }

    private static let reservedCountMax = 32
}
