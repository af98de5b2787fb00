import Glibc
import NIOCore

/// Why a listener accepts nothing for a while: what ran out.
public struct AcceptPause: Equatable, Sendable, CustomStringConvertible {
    public enum Shortage: Equatable, Sendable {
        /// Of the descriptors this process may have (`ulimit -n`) so many are in use.
        case descriptors(usedCount: Int, limit: Int)
        /// The whole machine has no descriptor left.
        case systemDescriptors
        /// The kernel has no memory for another connection.
        case memory
    }

    public var shortage: Shortage
    /// How often this listener has paused so far.
    public var pauseCount: Int

    public var description: String {
        "\(shortage); new connections wait until there is room again"
            + (pauseCount > 1 ? " (pause \(pauseCount))" : "")
    }
}

extension AcceptPause.Shortage: CustomStringConvertible {
    public var description: String {
        switch self {
        case .descriptors(let usedCount, let limit):
            "no room for another connection: \(usedCount) of \(limit) file descriptors are in use, and the rest is kept "
                + "for what is not a connection; raise the limit with ulimit -n"
        case .systemDescriptors:
            "this machine has no file descriptor left; raise fs.file-max or stop another program"
        case .memory: "the kernel has no memory for another connection"
        }
    }

    /// What the failure of an accept tells of; `nil` when it concerns nothing but that one connection.
    init?(_ error: IOError, _ room: DescriptorRoom) {
        switch error.errnoCode {
        case EMFILE: self = .descriptors(usedCount: room.usedCount, limit: room.limit)
        case ENFILE: self = .systemDescriptors
        case ENOMEM, ENOBUFS: self = .memory
        default: return nil
        }
    }
}
