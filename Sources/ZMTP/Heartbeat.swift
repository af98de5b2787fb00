public import Wire

/// Keeps a connection proven alive: PING at an interval, close after silence (RFC 37 "Heartbeating").
///
///     quiet ── interval over: send PING ──▶ awaiting answer ── anything arrives ──▶ quiet
///                                               └── time-out: expire
///
/// A peer's PING may carry a time-to-live; silence longer than that also expires the connection. Any octets from
/// the peer count as an answer, so a busy connection is never closed for a late PONG.
public struct Heartbeat: Sendable {
    public enum Directive: Equatable, Sendable {
        case sendPing(ttl: UInt16)
        case expire
    }

    private let options: HeartbeatOptions
    private var nextPing: Instant?
    private var answerDue: Instant?
    private var peerTTL: Duration?
    private var lastHeard: Instant

    public init(options: HeartbeatOptions, at now: Instant) {
        self.options = options
        lastHeard = now
        nextPing = options.interval.map { now + $0 }
    }

    /// When `handleTimeout(at:)` next has work; `nil` = never.
    public var deadline: Instant? {
        let peerDeadline = peerTTL.map { lastHeard + $0 }
        return [nextPing, answerDue, peerDeadline].compactMap(\.self).min()
    }

    /// Octets arrived.
    public mutating func handleActivity(at now: Instant) {
        lastHeard = now
        answerDue = nil
    }

    /// The peer's PING arrived; `ttl` is in tenths of a second, 0 = the peer asks for nothing.
    public mutating func handlePing(ttl: UInt16, at now: Instant) {
        peerTTL = ttl == 0 ? nil : .milliseconds(Int(ttl) * 100)
    }

    public mutating func handleTimeout(at now: Instant) -> Directive? {
        if let answerDue, answerDue <= now { return .expire }
        if let peerTTL, lastHeard + peerTTL <= now { return .expire }
        guard let interval = options.interval, let due = nextPing, due <= now else { return nil }
        nextPing = now + interval
        if answerDue == nil { answerDue = now + (options.timeout ?? interval) }
        return .sendPing(ttl: options.ttlTenths)
    }
}

public struct HeartbeatOptions: Equatable, Sendable {
    /// Time between PINGs; `nil` = none are sent.
    public var interval: Duration?
    /// Silence after a PING that closes the connection; `nil` = the interval.
    public var timeout: Duration?
    /// What the peer is told to hold against us; rounded down to 0.1 s, at most 6,553.5 s; `nil` = nothing.
    public var timeToLive: Duration?

    public init(interval: Duration? = nil, timeout: Duration? = nil, timeToLive: Duration? = nil) {
        self.interval = interval
        self.timeout = timeout
        self.timeToLive = timeToLive
    }

    var ttlTenths: UInt16 {
        guard let timeToLive else { return 0 }
        return UInt16(clamping: timeToLive.nanoseconds / 100_000_000)
    }
}
