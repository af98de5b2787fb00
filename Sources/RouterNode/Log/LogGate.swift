import Wire

/// Bounds what a log is told of each kind of news: so many lines a minute, then how many more there were.
///
///     first line ── a window of a minute opens ──▶ lines up to the limit ──▶ the rest is counted ──▶ window over: the count
struct LogGate {
    private struct Window {
        let kind: String
        let end: Instant
        var admittedCount = 0
        var leftOutCount = 0
    }

    /// Open windows, in the order of their ends.
    private var windows: [Window] = []

    /// Whether a line of that kind may be written now. `nil` = there are so many kinds already that this one is not told apart.
    mutating func admit(_ kind: String, upTo lineCountMax: Int, at now: Instant) -> Bool? {
        windows.removeAll { $0.end <= now && $0.leftOutCount == 0 }
        if let place = windows.firstIndex(where: { $0.kind == kind }) {
            guard windows[place].admittedCount < lineCountMax else {
                windows[place].leftOutCount += 1
                return false
            }
            windows[place].admittedCount += 1
            return true
        }
        guard windows.count < Self.windowCountMax else { return nil }
        windows.append(Window(kind: kind, end: now + Self.length, admittedCount: 1))
        return true
    }

    /// When a window that has left lines out is over; `nil` when none has.
    var deadline: Instant? { windows.first { $0.leftOutCount > 0 }?.end }

    /// What was left out in the windows that are over, or in all of them; they are closed by it.
    mutating func takeLeftOut(at now: Instant?) -> [(kind: String, count: Int)] {
        let over = windows.filter { window in now.map { window.end <= $0 } ?? true }
        windows.removeAll { window in now.map { window.end <= $0 } ?? true }
        return over.filter { $0.leftOutCount > 0 }.map { ($0.kind, $0.leftOutCount) }
    }

    static let length = Duration.seconds(60)
    /// Kinds that strangers can make up must not be remembered without end.
    static let windowCountMax = 64
}
