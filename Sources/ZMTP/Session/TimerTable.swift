import Wire

/// The deadlines of a session, one for each of its timers. A table, so that there is one answer to "when next?" and one
/// place where time passes.
struct TimerTable: Sendable {
    /// In the order in which those that are due together go off.
    enum Timer: Int, CaseIterable, Sendable {
        /// The handshake takes too long.
        case handshake
        /// A close takes too long.
        case closing
        /// The peer holds the connection without using it.
        case stall
        /// A PING is due, or an answer to one.
        case heartbeat
    }

    private static let never = Instant(nanoseconds: .max)
    private var deadlines = InlineArray<4, Instant>(repeating: never)

    /// When this timer goes off; `nil` while it is not set.
    subscript(timer: Timer) -> Instant? {
        get {
            let deadline = deadlines[timer.rawValue]
            return deadline == Self.never ? nil : deadline
        }
        set { deadlines[timer.rawValue] = newValue ?? Self.never }
    }

    /// When the first of them goes off.
    var earliest: Instant? {
        var earliest = Self.never
        for index in deadlines.indices where deadlines[index] < earliest {
            earliest = deadlines[index]
        }
        return earliest == Self.never ? nil : earliest
    }

    /// Unsets and gives the timer that was due first, if one is due.
    mutating func takeDue(at now: Instant) -> Timer? {
        guard let earliest, earliest <= now else { return nil }
        let due = Timer.allCases.first { deadlines[$0.rawValue] == earliest }
        if let due { self[due] = nil }
        return due
    }
}
