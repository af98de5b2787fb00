import Logging
import NIOCore
import Transports
import Wire

/// Tells an operator whether somebody whom the relay dials is there: a parent, or one of the publishers and subscribers that
/// listen themselves.
///
/// Home loop only.
final class DialWatch: @unchecked Sendable {
    /// Such as `the parent 'oslo' of tree 'main'`.
    private let subject: String
    private let home: any EventLoop
    private let logger: Logger
    private var presence: Presence
    private var isRefusal = false
    private var timer: DeadlineTimer

    init(_ subject: String, partCount: Int = 1, home: any EventLoop, logger: Logger) {
        self.subject = subject
        self.home = home
        self.logger = logger
        presence = Presence(partCount: partCount)
        timer = DeadlineTimer(loop: home)
    }

    var isConnected: Bool { presence.isConnected }

    /// Why it is not there; `nil` when it is, or nothing is known yet.
    var problem: String? { presence.isConnected ? nil : presence.reason }

    func handleConnected(_ part: Int) {
        home.assertInEventLoop()
        presence.handleConnected(part: part, at: .now)
        updateTimer()
    }

    /// A connection has ended; `handleFailure` follows.
    func handleEnd(isRefusal: Bool) {
        self.isRefusal = isRefusal
    }

    func handleFailure(_ reason: String, of part: Int) {
        home.assertInEventLoop()
        say(presence.handleFailure(reason, isRefusal: isRefusal, part: part, at: .now))
        isRefusal = false
        updateTimer()
    }

    private func updateTimer() {
        timer.set(presence.deadline) {
            self.timer.clear()
            self.say(self.presence.handleTimeout(at: .now))
        }
    }

    private func say(_ news: Presence.News?) {
        switch news {
        case .absent(let reason)?:
            logger.notice("\(subject) is not there: \(reason); trying again until it is")
        case .refused(let reason)?: logger.notice("no connection to \(subject): \(reason)")
        case .lost(let reason)?:
            logger.notice("lost \(subject): \(reason); trying again until it is back")
        case .stillAway(let reason, let time)?:
            logger.notice("still without \(subject) after \(Self.text(time)): \(reason)")
        case .back(let time)?: logger.notice("\(subject) is back after \(Self.text(time))")
        case .arrived?: logger.info("connected to \(subject)")
        case nil: break
        }
    }

    private static func text(_ time: Duration) -> String {
        let seconds = time.components.seconds
        return seconds < 120 ? "\(seconds) s" : "\(seconds / 60) min"
    }
}

/// One of the connections of which a watch knows.
struct WatchedDial: Sendable {
    var watch: DialWatch
    var part = 0
}
