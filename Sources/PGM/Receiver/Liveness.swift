/// Whether a source still says anything.
///
/// Packets move one number only; the deadline that stands in the table of timers is looked at again when it comes.
struct Liveness: Sendable {
    private(set) var lastHeard: Int64
    /// When to look whether the source has gone silent.
    private(set) var due: Int64

    init(at now: Int64, expiry: Int64) {
        lastHeard = now
        due = now + expiry
    }

    @inline(__always)
    mutating func hear(at now: Int64) {
        lastHeard = now
    }

    /// Look sooner: less silence is allowed from now on.
    mutating func shorten(to expiry: Int64, at now: Int64) {
        due = now + expiry
    }

    /// Whether the source has been silent for too long.
    mutating func isOver(expiry: Int64, at now: Int64) -> Bool {
        guard now >= due else { return false }
        due = lastHeard + expiry
        return now >= due
    }
}
