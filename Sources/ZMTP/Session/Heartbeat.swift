public import Wire

/// Keeps a connection proven alive: PING at an interval, close after silence (RFC 37 "Heartbeating").
///
///     quiet ── interval over: send PING ──▶ awaiting answer ── anything arrives ──▶ quiet
///                                               └── time-out: expire
///
/// A peer's PING may carry a time-to-live; silence after it for longer than that also expires the connection. Any
/// octets from the peer count as an answer, so a busy connection is never closed for a late PONG. They also settle
/// an earlier time-to-live: each PING asks once, or a peer that pings more rarely than its own time-to-live would be
/// closed between two PINGs (libzmq settles it the same way).
///
/// While this side does not read (`handlePause`) silence proves nothing: nothing expires. The peer gets no PONG then, so
/// PINGs of our own show it that we live; they go on for one interval after a resume, because the peer's own PING may lie
/// behind much that is still to be read.
public struct Heartbeat: Sendable {
    public enum Directive: Equatable, Sendable {
        /// `number` is its context, by which the answer is known.
        case sendPing(ttl: UInt16, number: UInt32)
        /// The peer was silent for too long: after a PING of ours, or for longer than a PING of its own asked it to be held to.
        case expire(asAsked: Bool)
    }

    private let ttl: UInt16
    private let interval: Duration?
    private let timeout: Duration
    private let pausedInterval: Duration?
    private var nextPing: Instant?
    private var isPaused = false
    /// When to show the peer that we live, while we do not read and shortly after.
    private var nextSign: Instant?
    private var answerDue: Instant?
    /// When the last PING with a time-to-live came, and when the silence after it is too long.
    private var peerTTL: (askedAt: Instant, due: Instant)?
    /// Of the last PING.
    private var pingNumber: UInt32 = 0
    /// When it left; `nil` once it is answered, or when the answer would tell of a pause.
    private var pingSentAt: Instant?
    /// How long the peer takes to answer; `nil` before the first answer.
    public private(set) var roundTrip: RoundTripTime?

    public init(options: HeartbeatOptions, at now: Instant) {
        ttl = options.ttlTenths
        interval = options.interval.flatMap { $0 > .zero ? $0 : nil }
        timeout = options.timeout.flatMap { $0 > .zero ? $0 : nil } ?? interval ?? .zero
        pausedInterval = options.pausedInterval.flatMap { $0 > .zero ? $0 : nil }
        nextPing = interval.map { now + $0 }
    }

    /// When `handleTimeout(at:)` next has work; `nil` = never.
    public var deadline: Instant? {
        var earliest = nextPing
        if let nextSign { earliest = min(earliest ?? nextSign, nextSign) }
        if let answerDue { earliest = min(earliest ?? answerDue, answerDue) }
        if let due = peerTTL?.due { earliest = min(earliest ?? due, due) }
        return earliest
    }

    /// Octets arrived. Told before any PING among them, or with the same `now`: later octets settle its time-to-live.
    public mutating func handleActivity(at now: Instant) {
        answerDue = nil
        if let asked = peerTTL?.askedAt, asked < now { peerTTL = nil }
    }

    /// A PING arrived; `ttl` in tenths of a second, 0 = the peer asks for nothing.
    public mutating func handlePing(ttl: UInt16, at now: Instant) {
        peerTTL = ttl == 0 ? nil : (now, now + .milliseconds(Int(ttl) * 100))
    }

    /// A PONG arrived, with the number of a PING. Only the last one's counts: an answer to an earlier one lay in some queue. An older libzmq
    /// answers without a number.
    public mutating func handlePong(context: UnsafeRawBufferPointer, at now: Instant) {
        guard context.count == 4, BigEndian.loadUInt32(context, at: 0) == pingNumber,
            let sentAt = pingSentAt
        else { return }
        pingSentAt = nil
        if roundTrip == nil {
            roundTrip = RoundTripTime(first: now - sentAt)
        } else {
            roundTrip?.handle(now - sentAt)
        }
    }

    /// This side stops reading.
    public mutating func handlePause(at now: Instant) {
        isPaused = true
        pingSentAt = nil
        answerDue = nil
        peerTTL = nil
        // With PINGs of its own it shows its life anyway.
        guard interval == nil, nextSign == nil, let pausedInterval else { return }
        nextSign = now + pausedInterval
    }

    /// This side reads again.
    public mutating func handleResume() {
        isPaused = false
    }

    /// The peer is given until the answer to the next PING.
    mutating func handleSpared() {
        answerDue = nil
    }

    public mutating func handleTimeout(at now: Instant) -> Directive? {
        if let answerDue, answerDue <= now { return .expire(asAsked: false) }
        if let due = peerTTL?.due, due <= now { return .expire(asAsked: true) }
        if let due = nextSign, due <= now {
            nextSign = isPaused ? pausedInterval.map { now + $0 } : nil
            return ping(ttl: 0, at: now)
        }
        guard let interval, let due = nextPing, due <= now else { return nil }
        nextPing = now + interval
        if answerDue == nil, !isPaused { answerDue = now + timeout }
        return ping(ttl: ttl, at: now)
    }

    private mutating func ping(ttl: UInt16, at now: Instant) -> Directive {
        pingNumber &+= 1
        pingSentAt = isPaused ? nil : now
        return .sendPing(ttl: ttl, number: pingNumber)
    }
}

/// When a peer of ZMTP 3.1 or later is asked whether it lives, and when it counts as gone. Older ones are never asked: they do
/// not know PING.
public struct HeartbeatOptions: Equatable, Sendable {
    /// Time between PINGs; `nil` or zero = none are sent.
    public var interval: Duration?
    /// Silence after a PING that closes the connection; `nil` or zero = the interval.
    public var timeout: Duration?
    /// What the peer is told to hold against us; rounded down to 0.1 s, at most 6,553.5 s; `nil` = nothing.
    public var timeToLive: Duration?

    /// Time between the PINGs that show a peer we are alive while we do not read, and so do not answer, when `interval` is
    /// not set; `nil` or zero = none are sent.
    public var pausedInterval: Duration? = .seconds(2)

    /// Whether a subscriber that answers nothing is kept for as long as its machine acknowledges what it is sent. A libzmq subscriber
    /// whose application reads nothing for a while stops reading, too, and with it answering; it is slow, and not gone. Publishers,
    /// and relays, which show that they live, are not spared.
    public var sparesSlowSubscribers = false

    public init(interval: Duration? = nil, timeout: Duration? = nil, timeToLive: Duration? = nil) {
        self.interval = interval
        self.timeout = timeout
        self.timeToLive = timeToLive
    }

    /// What sockets do that are not told: a PING every 5 seconds, and an end 10 seconds after one that brought nothing, but for
    /// subscribers that are merely slow.
    public static let standard = sparing(interval: .seconds(5))

    /// An end after three intervals of silence at most, but for subscribers that are merely slow.
    public static func sparing(interval: Duration) -> HeartbeatOptions {
        var options = HeartbeatOptions(interval: interval, timeout: interval * 2)
        options.sparesSlowSubscribers = true
        return options
    }

    /// Asks nobody. A peer's PINGs are answered, and while nothing is read, which would leave them unanswered, this side shows
    /// that it lives.
    public static let off = HeartbeatOptions()

    /// No PING, whatever happens.
    package static var silent: HeartbeatOptions {
        var options = HeartbeatOptions()
        options.pausedInterval = nil
        return options
    }

    var ttlTenths: UInt16 {
        guard let timeToLive else { return 0 }
        return UInt16(clamping: timeToLive.nanoseconds / 100_000_000)
    }
}
