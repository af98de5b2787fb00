import NIOCore
import NIOEmbedded
import Testing
import Wire

@testable import Transports

/// Deadlines of many connections, under the time of an embedded loop.
@Suite struct DeadlineClockTests {
    private let loop = EmbeddedEventLoop()
    private let start = Instant.now

    private func advance(_ loop: EmbeddedEventLoop? = nil, to instant: Instant) {
        (loop ?? self.loop).advanceTime(to: instant.nioDeadline)
    }

    @Test func `an alarm goes off once, after its time and soon after it`() {
        for wait in [Duration.milliseconds(3), .milliseconds(499), .seconds(5), .seconds(60)] {
            let loop = EmbeddedEventLoop()
            let clock = DeadlineClock(loop: loop)
            var count = 0
            let deadline = Instant.now + wait
            clock.set(DeadlineClock.Alarm { count += 1 }, at: deadline)
            advance(loop, to: deadline + .nanoseconds(-1))
            #expect(count == 0, "after \(wait)")
            advance(loop, to: deadline + .milliseconds(50))
            #expect(count == 1, "after \(wait)")
            advance(loop, to: deadline + .seconds(120))
            #expect(count == 1, "after \(wait)")
            #expect(clock.tickCount == 0)
        }
    }

    @Test func `sockets of one loop share a clock, and nobody keeps it`() {
        weak var kept: DeadlineClock?
        do {
            let lease = ClockLease(loop: loop)
            kept = lease.clock
            // The end of one lease is not the clock's.
            for _ in 0..<2 { #expect(ClockLease(loop: loop).clock === lease.clock) }
            #expect(ClockLease(loop: EmbeddedEventLoop()).clock !== lease.clock)
        }
        #expect(kept == nil)
    }

    @Test func `ten thousand alarms of one second are twenty timers`() {
        let clock = DeadlineClock(loop: loop)
        var count = 0
        for number in 0..<10_000 {
            let alarm = DeadlineClock.Alarm { count += 1 }
            clock.set(alarm, at: start + .seconds(5) + .microseconds(number * 100))
        }
        #expect(clock.waitingCount == 10_000)
        #expect(clock.tickCount <= 21)
        advance(to: start + .seconds(7))
        #expect(count == 10_000)
    }

    @Test func `the earliest time counts, and is asked for anew after it`() {
        let clock = DeadlineClock(loop: loop)
        var times: [Int] = []
        var now = 0
        let alarm = DeadlineClock.Alarm { times.append(now) }
        clock.set(alarm, at: start + .seconds(10))
        clock.set(alarm, at: start + .seconds(4))
        clock.set(alarm, at: start + .seconds(20))
        for second in 1...30 {
            now = second
            advance(to: start + .seconds(second) + .milliseconds(100))
            if second == 12 { clock.set(alarm, at: start + .seconds(15)) }
        }
        #expect(times == [4, 15])
    }

    @Test func `what has ended is not kept until its time`() {
        let clock = DeadlineClock(loop: loop)
        final class Ended {}
        weak var ended: Ended?
        var count = 0
        do {
            let object = Ended()
            ended = object
            let alarm = DeadlineClock.Alarm {
                withExtendedLifetime(object) {}
                count += 1
            }
            clock.set(alarm, at: start + .seconds(10))
            alarm.cancel()
        }
        #expect(ended == nil)
        advance(to: start + .seconds(20))
        #expect(count == 0)
    }
}
