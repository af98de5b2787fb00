import NIOCore
import Wire
import ZMTP

/// What a listener tells of its accepting.
package enum AcceptNews: Sendable {
    /// `isNews` at most once a minute: who comes and goes at the limit must not fill a log.
    case paused(AcceptPause, isNews: Bool)
    /// One connection could not be accepted, and nothing has run out.
    case failed(reason: String)
    /// `isNews`: the pause was told of.
    case resumed(isNews: Bool)
}

/// Stops accepting when descriptors run out, and goes on when there are some again.
///
///     accepting ── few are left, or an accept fails for want of something ──▶ paused (nothing is read)
///         ▲──────────── enough again ─── looked at after 50 ms, 100 ms, … 1 s ──────┘
///
/// A listener that goes on asking is told "too many open files" a hundred thousand times a second, since who waits is still
/// there. Who waits meanwhile does so in the kernel's backlog.
final class AcceptGate: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = any Channel

    // Confined to the channel's loop.
    private var pauseCount = 0
    private var backOff: BackOff
    private var isPaused = false
    private var toldAt: Instant?
    private var isTold = false
    /// Connections that may come before the room is looked at again: to look costs three system calls.
    private var uncheckedCount = 0
    private let news: @Sendable (AcceptNews) -> Void
    private let room: @Sendable () -> DescriptorRoom

    init(
        backOff: BackOff = BackOff(initial: .milliseconds(50), maximum: .seconds(1)),
        room: @escaping @Sendable () -> DescriptorRoom = { .now },
        news: @escaping @Sendable (AcceptNews) -> Void
    ) {
        self.backOff = backOff
        self.room = room
        self.news = news
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if uncheckedCount > 0 {
            uncheckedCount -= 1
        } else {
            check(context.channel)
        }
        context.fireChannelRead(data)
    }

    private func check(_ channel: any Channel) {
        let room = room()
        guard room.freeCount > 0 else {
            return pause(.descriptors(usedCount: room.usedCount, limit: room.limit), channel)
        }
        backOff.handleSuccess()
        // Others take descriptors, too, and are left the most of them.
        uncheckedCount = min((room.freeCount - Self.scarceCount) / 8, Self.uncheckedCountMax)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? IOError, let shortage = AcceptPause.Shortage(error, room()) {
            pause(shortage, context.channel)
        } else {
            news(.failed(reason: (error as? IOError)?.explanation ?? "\(error)"))
            context.fireErrorCaught(error)
        }
    }

    private func pause(_ shortage: AcceptPause.Shortage, _ channel: any Channel) {
        guard !isPaused else { return }
        isPaused = true
        pauseCount += 1
        setAccepting(false, channel)
        let now = Instant.now
        isTold = toldAt.map { $0 + Self.silence <= now } ?? true
        if isTold { toldAt = now }
        news(.paused(AcceptPause(shortage: shortage, pauseCount: pauseCount), isNews: isTold))
        lookLater(channel)
    }

    private func lookLater(_ channel: any Channel) {
        let wait = TimeAmount.nanoseconds(backOff.next(randomness: .max).nanoseconds)
        channel.eventLoop.scheduleTask(in: wait) {
            guard channel.isActive else { return }
            guard self.room().freeCount > 0 else { return self.lookLater(channel) }
            self.isPaused = false
            self.news(.resumed(isNews: self.isTold))
            self.setAccepting(true, channel)
        }
    }

    private func setAccepting(_ isAccepting: Bool, _ channel: any Channel) {
        try? channel.syncOptions?.setOption(.autoRead, value: isAccepting)
    }

    private static let silence = Duration.seconds(60)
    private static let uncheckedCountMax = 64
    /// Where so few are left, each connection is looked at.
    private static let scarceCount = 128
}
