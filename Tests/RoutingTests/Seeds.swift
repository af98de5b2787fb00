import Foundation

/// How many seeds a simulation runs: few in a common run, `XYLEM_SEEDS` times as many when that is set.
enum Seeds {
    static func range(_ count: UInt64) -> Range<UInt64> {
        let factor = ProcessInfo.processInfo.environment["XYLEM_SEEDS"].flatMap(UInt64.init) ?? 1
        return 0..<(count * max(1, factor))
    }
}
