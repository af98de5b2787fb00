/// How far a source's end has come (RFC 3208 §9.7, §9.8).
///
///     running ── OPT_FIN, OPT_RST ──▶ announced ── everything before is delivered or lost ──▶ reached
struct SessionEnd: Sendable {
    private enum State {
        case running
        /// Nothing comes after this number.
        case announced(last: SequenceNumber)
        case reached
    }

    private var state = State.running
    /// The source has broken off: it does not finish.
    private var isReset = false
    /// It has said that it answers no NAKs (OPT_RST with N).
    private(set) var refusesNAKs = false

    var isRunning: Bool { if case .running = state { true } else { false } }

    /// Whether this is news.
    mutating func announce(last: SequenceNumber) -> Bool {
        guard isRunning else { return false }
        state = .announced(last: last)
        return true
    }

    mutating func refuseNAKs() {
        refusesNAKs = true
    }

    /// Whether this is news.
    mutating func reset() -> Bool {
        defer { isReset = true }
        return !isReset
    }

    /// Whether the end is reached just now, and is to be told.
    mutating func advance(to next: SequenceNumber) -> Bool {
        guard case .announced(let last) = state, next.isAfter(last) else { return false }
        state = .reached
        return !isReset
    }
}
