import NIOCore
import Transports
import Wire

/// One timer for a core that says when it next has work. Its loop only.
struct DeadlineTimer {
    private let loop: any EventLoop
    private(set) var deadline: Instant?
    private var task: Scheduled<Void>?

    init(loop: any EventLoop) {
        self.loop = loop
    }

    /// Sets it to that time, unless it is; `nil` = never. `fire` comes once.
    mutating func set(_ deadline: Instant?, _ fire: @escaping @Sendable () -> Void) {
        guard deadline != self.deadline else { return }
        task?.cancel()
        self.deadline = deadline
        task = deadline.map { loop.scheduleTask(deadline: $0.nioDeadline, fire) }
    }

    /// It has fired, and may be set to the same time again.
    mutating func clear() {
        deadline = nil
        task = nil
    }
}
