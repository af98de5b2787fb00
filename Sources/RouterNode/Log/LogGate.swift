import Wire

/// Bounds what a log is told of each kind of news: so many lines a minute, then how many more there were.
///
///     first line ── a window of a minute opens ──▶ lines up to the limit ──▶ the rest is counted ──▶ window over: the count
///
/// Of a kind that has one line a minute the count is that line, for as long as it goes on.
struct LogGate {
    private struct Window {
        let kind: String
        let lineCountMax: Int
        let end: Instant
        var admittedCount = 1
        var leftOutCount = 0
    }

    /// Open windows, in the order of their ends.
    private var windows: [Window] = []

    /// Whether a line of that kind may be written now. `nil` = there are so many kinds already that this one is not told apart.
    mutating func admit(_ kind: String, upTo lineCountMax: Int, at now: Instant) -> Bool? {
        windows.removeAll { $0.end <= now && $0.leftOutCount == 0 }
        if let place = windows.firstIndex(where: { $0.kind == kind }) {
            guard windows[place].admittedCount < windows[place].lineCountMax else {
                windows[place].leftOutCount += 1
                return false
            }
            windows[place].admittedCount += 1
            return true
        }
        // Kinds with more lines are the program's own, and few.
        guard lineCountMax > 1 || windows.count < Self.windowCountMax else { return nil }
        windows.append(Window(kind: kind, lineCountMax: lineCountMax, end: now + Self.length))
        return true
    }

    /// When a window that has left lines out is over; `nil` when none has.
    var deadline: Instant? { windows.first { $0.leftOutCount > 0 }?.end }

    /// What was left out in the windows that are over.
    mutating func takeLeftOut(at now: Instant) -> [(kind: String, count: Int)] {
        let over = windows.filter { $0.end <= now && $0.leftOutCount > 0 }
        windows.removeAll { $0.end <= now }
        for window in over where window.lineCountMax == 1 {
            windows.append(Window(kind: window.kind, lineCountMax: 1, end: now + Self.length))
        }
        return over.map { ($0.kind, $0.leftOutCount) }
    }

    /// What was left out in all windows.
    mutating func takeAllLeftOut() -> [(kind: String, count: Int)] {
        defer { windows = [] }
        return windows.filter { $0.leftOutCount > 0 }.map { ($0.kind, $0.leftOutCount) }
    }

    static let length = Duration.seconds(60)
    /// Kinds that strangers can make up must not be remembered without end.
    static let windowCountMax = 64
}
