import NIOCore
import PGM
import Wire

/// One timer, and the last packets of a source.
extension MulticastSource {
    /// Called when nothing is left to be sent.
    func settle() {
        guard case .ending(let promise) = phase else { return }
        core.finish(at: .now)
        handleDirectives()
        lastActivity = .now()
        phase = .lingering(promise, until: lastActivity + farewellTime)
    }

    var farewellTime: TimeAmount {
        .nanoseconds(link.options.farewellTime.nanoseconds)
    }

    /// A receiver has asked for a repair and may ask for more: the farewell starts anew.
    func handleRequest() {
        lastActivity = .now()
    }

    func handleTimer() {
        timer = nil
        guard !isClosed else { return }
        let now = NIODeadline.now()
        if let retryTime, retryTime <= now { self.retryTime = nil }
        if case .lingering = phase, lastActivity + farewellTime <= now, flushBatch() {
            return close()
        }
        core.handleTimeout(at: .now)
        handleDirectives()
        pump(isLast: true)
        schedule()
    }

    /// One timer. Data moves the core's deadline all the time; a timer that comes too early looks again.
    func schedule() {
        guard !isClosed else { return }
        var deadline = NIODeadline(core.deadline)
        if isPacketFull || !framing.isEmpty {
            deadline = min(deadline, NIODeadline(core.admissionTime))
        }
        if let retryTime { deadline = retryTime }
        if case .lingering = phase { deadline = min(deadline, lastActivity + farewellTime) }
        if timer != nil {
            guard deadline < timerDeadline else { return }
            timer?.cancel()
        }
        timerDeadline = deadline
        timer = loop.scheduleTask(deadline: deadline) { self.handleTimer() }
    }

    var isClosed: Bool {
        if case .closed = phase { true } else { false }
    }
}

extension NIODeadline {
    init(_ instant: Instant) {
        self = .uptimeNanoseconds(UInt64(max(0, instant.nanoseconds)))
    }
}
