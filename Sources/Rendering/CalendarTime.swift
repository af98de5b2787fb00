/// A time since 1970 as date and time of day, UTC, without a calendar library.
package struct CalendarTime {
    private let day: Int64
    /// Of the day.
    private let nanoseconds: Int64

    package init(_ nanoseconds: Int64) {
        day = Self.floor(nanoseconds, by: Self.dayNanoseconds)
        self.nanoseconds = nanoseconds &- day &* Self.dayNanoseconds
    }

    /// `2026-11-23T12:00:01.123456789Z` (RFC 3339).
    package var text: String { "\(dateText)T\(timeText(decimals: 9))Z" }

    /// `2026-11-23`.
    package var dateText: String {
        let (year, month, dayOfMonth) = date
        return "\(Self.padded(Int64(year), 4))-\(Self.padded(Int64(month), 2))"
            + "-\(Self.padded(Int64(dayOfMonth), 2))"
    }

    /// `12:00:01.123`.
    package func timeText(decimals: Int = 3) -> String {
        let seconds = nanoseconds / 1_000_000_000
        let clock = [seconds / 3_600, seconds / 60 % 60, seconds % 60]
            .map { Self.padded($0, 2) }.joined(separator: ":")
        guard decimals > 0 else { return clock }
        return clock + "." + Self.padded(nanoseconds % 1_000_000_000, 9).prefix(decimals)
    }

    /// Days to year, month and day, in the proleptic Gregorian calendar, whose 400 years have 146,097 days. Years begin in
    /// March here, so that the leap day is a year's last.
    private var date: (year: Int, month: Int, day: Int) {
        let shifted = day + 719_468
        let era = Self.floor(shifted, by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let dayOfMonth = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0), Int(month), Int(dayOfMonth))
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private static func floor(_ value: Int64, by divisor: Int64) -> Int64 {
        let quotient = value / divisor
        return value % divisor < 0 ? quotient - 1 : quotient
    }

    private static let dayNanoseconds: Int64 = 86_400_000_000_000
}
