import Testing

@testable import PGM

@Suite struct RepairTimesTests {
    @Test func `percentiles are right to an eighth`() {
        var times = RepairTimes()
        #expect(times.percentile(0.5) == nil)
        for microseconds in Int64(1)...1_000 { times.record(nanoseconds: microseconds * 1_000) }
        #expect(times.count == 1_000)
        for (share, exact) in [(0.5, 500_000.0), (0.99, 990_000), (1, 1_000_000), (0, 1_000)] {
            let found = (times.percentile(share) ?? .zero) / .nanoseconds(1)
            #expect(found >= exact && found <= exact * 1.13, "\(share): \(found)")
        }
    }

    @Test func `no time is too short or too long`() {
        for nanoseconds in [Int64.min, -1, 0, 7, 8, 9, 15, 16, .max] {
            var times = RepairTimes()
            times.record(nanoseconds: nanoseconds)
            let found = times.percentile(1) ?? .zero
            #expect(found >= .nanoseconds(max(0, min(nanoseconds, 1 << 40))))
        }
    }
}
