import Wire

/// Whether somebody whom the relay dials is there, and what an operator is told of it.
///
///     new ── all parts connected ──▶ settling ── a second later ──▶ there
///      │                               │                              │ a part is lost: said at once
///      └── a part fails ──▶ away ◀─────┴──────────────────────────────┘
///
/// Who was never there is given two seconds first, since whole fleets are started at once. Absence is said once, after a minute
/// and then every ten; a refusal, which does not end by itself, every minute.
struct Presence {
    enum News: Equatable {
        /// It has never been there.
        case absent(reason: String)
        /// Somebody is there, and one of us does not want the other.
        case refused(reason: String)
        case lost(reason: String)
        case stillAway(reason: String, for: Duration)
        /// After an absence that was told.
        case back(after: Duration)
        case arrived
    }

    private enum State {
        /// Since when, or `nil` before the first attempt has failed; and how often that was said.
        case away(since: Instant?, saidCount: Int, nextSaid: Instant?)
        case there
    }

    private var state = State.away(since: nil, saidCount: 0, nextSaid: nil)
    /// By part: whether it is connected.
    private var parts: [Bool]
    private var settlesAt: Instant?
    private var wasRefused = false
    /// Why it is not there, as far as is known.
    private(set) var reason: String?

    /// A parent has two parts, feed and uplink; others have one.
    init(partCount: Int) {
        parts = Array(repeating: false, count: partCount)
    }

    var isConnected: Bool { parts.allSatisfy(\.self) }

    mutating func handleConnected(part: Int, at now: Instant) {
        parts[part] = true
        if isConnected, case .away = state { settlesAt = now + Self.settlingTime }
    }

    /// A connection could not be made, or has ended; a refusal when somebody is there who does not want us, or whom we do not.
    mutating func handleFailure(
        _ reason: String,
        isRefusal: Bool,
        part: Int,
        at now: Instant
    ) -> News? {
        parts[part] = false
        settlesAt = nil
        self.reason = reason
        switch state {
        case .there:
            state = .away(since: now, saidCount: 1, nextSaid: now + Self.firstPause)
            return .lost(reason: reason)
        case .away(let since, let saidCount, let nextSaid):
            return handleFailure(
                reason,
                isRefusal: isRefusal,
                since: since ?? now,
                saidCount: saidCount,
                nextSaid: nextSaid,
                at: now
            )
        }
    }

    private mutating func handleFailure(
        _ reason: String,
        isRefusal: Bool,
        since: Instant,
        saidCount: Int,
        nextSaid: Instant?,
        at now: Instant
    ) -> News? {
        let isNews = isRefusal && !wasRefused
        wasRefused = wasRefused || isRefusal
        let isDue = now >= nextSaid ?? since + Self.startingTime
        guard isDue || isNews else {
            state = .away(since: since, saidCount: saidCount, nextSaid: nextSaid)
            return nil
        }
        let pause = saidCount == 0 || wasRefused ? Self.firstPause : Self.laterPause
        state = .away(since: since, saidCount: saidCount + 1, nextSaid: now + pause)
        if isRefusal, isNews || saidCount == 0 { return .refused(reason: reason) }
        if saidCount > 0 { return .stillAway(reason: reason, for: now - since) }
        return .absent(reason: reason)
    }

    /// When `handleTimeout` is to be called; `nil` = nothing is waited for.
    var deadline: Instant? { settlesAt }

    mutating func handleTimeout(at now: Instant) -> News? {
        guard let settlesAt, settlesAt <= now, case .away(let since, let saidCount, _) = state
        else { return nil }
        self.settlesAt = nil
        state = .there
        reason = nil
        wasRefused = false
        guard saidCount > 0, let since else { return .arrived }
        return .back(after: now - since)
    }

    static let startingTime = Duration.seconds(2)
    static let settlingTime = Duration.seconds(1)
    static let firstPause = Duration.seconds(60)
    static let laterPause = Duration.seconds(600)
}
