import Testing
import Wire

struct InstantTests {
    @Test
    func `instants and durations add up`() {
        let start = Instant(nanoseconds: 5_000_000_000)
        #expect(start + .milliseconds(250) == Instant(nanoseconds: 5_250_000_000))
        #expect(start + .milliseconds(-250) < start)
        #expect((start + .seconds(3)) - start == .seconds(3))
        #expect(start - (start + .seconds(3)) == .seconds(-3))
    }

    @Test
    func `what does not fit saturates`() {
        #expect(Duration.seconds(Int64.max).nanoseconds == .max)
        #expect(Duration.seconds(Int64.min).nanoseconds == .min)
        #expect(Duration.nanoseconds(Int64.max).nanoseconds == .max)
        #expect((Duration.nanoseconds(Int64.max) + .nanoseconds(1)).nanoseconds == .max)
        #expect((Duration.nanoseconds(Int64.min) - .nanoseconds(1)).nanoseconds == .min)
        let latest = Instant(nanoseconds: .max)
        let earliest = Instant(nanoseconds: .min)
        #expect(Instant(nanoseconds: 1) + .seconds(Int64.max) == latest)
        #expect(Instant(nanoseconds: -2) + .seconds(Int64.min) == earliest)
        #expect(latest - earliest == .nanoseconds(Int64.max))
        #expect(earliest - latest == .nanoseconds(Int64.min))
    }

    @Test
    func `parts of a nanosecond are cut off`() {
        let duration = Duration(secondsComponent: 1, attosecondsComponent: 2_999_999_999)
        #expect(duration.nanoseconds == 1_000_000_002)
    }
}
