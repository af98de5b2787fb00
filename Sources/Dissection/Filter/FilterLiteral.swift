/// Values as they are written in a filter.
enum FilterLiteral {
    static func item(
        _ text: String,
        for form: FilterField.Form,
        _ allowsNetwork: Bool
    ) -> FilterTest.Item? {
        switch form {
        case .number: Int64(text).map { .numbers($0...$0) }
        case .hexadecimal:
            Int64(text.replacing(":", with: ""), radix: 16).map { .numbers($0...$0) }
        case .word(let words):
            words.firstIndex(of: text.lowercased()).map { .numbers(Int64($0)...Int64($0)) }
        case .time: time(text)
        case .address: address(text, allowsNetwork)
        case .flag: nil
        }
    }

    private static func address(_ text: String, _ allowsNetwork: Bool) -> FilterTest.Item? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(String(first)) else { return nil }
        let bitsMax = address.family == .v4 ? 32 : 128
        if parts.count == 1 { return .network(address, bits: bitsMax) }
        guard allowsNetwork, parts.count == 2, let bits = Int(parts[1]),
            (0...bitsMax).contains(bits)
        else { return nil }
        return .network(address, bits: bits)
    }

    private static func time(_ text: String) -> FilterTest.Item? {
        if let elapsed = nanoseconds(text) { return .elapsed(elapsed...elapsed) }
        return date(text).map { .numbers($0...$0) }
    }

    /// `1.5`, with up to nine decimals.
    private static func nanoseconds(_ text: some StringProtocol) -> Int64? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let seconds = UInt32(parts[0]) else { return nil }
        guard parts.count == 2 else { return Int64(seconds) * 1_000_000_000 }
        guard (1...9).contains(parts[1].count), let fraction = UInt32(parts[1]) else { return nil }
        let scale = (parts[1].count..<9).reduce(Int64(1)) { scale, _ in scale * 10 }
        return Int64(seconds) * 1_000_000_000 + Int64(fraction) * scale
    }

    /// `2026-11-23T10:00:00.5Z`, since 1970.
    private static func date(_ text: String) -> Int64? {
        guard text.hasSuffix("Z") else { return nil }
        let halves = text.dropLast().split(separator: "T", omittingEmptySubsequences: false)
        guard halves.count == 2 else { return nil }
        let day = halves[0].split(separator: "-").compactMap { Int64($0) }
        let clock = halves[1].split(separator: ":")
        guard day.count == 3, clock.count == 3, (1970...2200).contains(day[0]),
            (1...12).contains(day[1]), (1...31).contains(day[2]),
            let hour = Int64(clock[0]), let minute = Int64(clock[1]),
            let second = nanoseconds(clock[2]), (0..<24).contains(hour), (0..<60).contains(minute),
            second < 61_000_000_000
        else { return nil }
        let days = CalendarDay.daysSince1970(year: day[0], month: day[1], day: day[2])
        return ((days * 24 + hour) * 60 + minute) * 60_000_000_000 + second
    }
}

/// Days of the Gregorian calendar, by the usual trick of letting years begin in March.
enum CalendarDay {
    static func daysSince1970(year: Int64, month: Int64, day: Int64) -> Int64 {
        let marchYear = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return marchYear * 365 + marchYear / 4 - marchYear / 100 + marchYear / 400 + dayOfYear
            - 719_468
    }
}
