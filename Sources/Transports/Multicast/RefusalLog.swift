/// Counts what is refused, by reason, and says so at most once a second and reason: a flood must not become a flood of
/// reports.
struct RefusalLog {
    private struct Entry {
        var count = 0
        var reported = 0
        var reportedAt = Int64.min / 2
    }

    private var entries: [String: Entry] = [:]
    private(set) var totalCount = 0

    /// Counts refused packets; returns how many to report when a report is due.
    mutating func count(_ reason: String, _ count: Int = 1, at now: Int64) -> Int? {
        totalCount += count
        // There is only a handful of reasons, all fixed texts, so the table stays small.
        var entry = entries[reason] ?? Entry()
        entry.count += count
        defer { entries[reason] = entry }
        guard now - entry.reportedAt >= Self.interval else { return nil }
        defer {
            entry.reported = entry.count
            entry.reportedAt = now
        }
        return entry.count - entry.reported
    }

    private static let interval: Int64 = 1_000_000_000
}
