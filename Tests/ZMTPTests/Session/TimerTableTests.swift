import Testing
import Wire

@testable import ZMTP

struct TimerTableTests {
    private func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

    @Test func `the earliest deadline counts, and timers go off in order`() {
        var timers = TimerTable()
        #expect(timers.earliest == nil)
        timers[.heartbeat] = at(3)
        timers[.handshake] = at(5)
        timers[.stall] = at(4)
        #expect(timers.earliest == at(3))
        #expect(timers.takeDue(at: at(2)) == nil)
        #expect(timers.takeDue(at: at(4)) == .heartbeat)
        #expect(timers.takeDue(at: at(4)) == .stall)
        #expect(timers.takeDue(at: at(4)) == nil)
        #expect(timers.earliest == at(5))
    }

    @Test func `a timer that is unset does not go off`() {
        var timers = TimerTable()
        timers[.closing] = at(1)
        timers[.closing] = nil
        #expect(timers.earliest == nil)
        #expect(timers.takeDue(at: at(9)) == nil)
    }

    @Test func `of timers due together the close goes before the heartbeat`() {
        var timers = TimerTable()
        for timer in TimerTable.Timer.allCases { timers[timer] = at(1) }
        var order: [TimerTable.Timer] = []
        while let timer = timers.takeDue(at: at(1)) { order.append(timer) }
        #expect(order == [.handshake, .closing, .stall, .heartbeat])
    }

    @Test func `a deadline beyond all time is none`() {
        var timers = TimerTable()
        timers[.handshake] = at(1) + .seconds(Int64.max)
        #expect(timers.earliest == nil)
    }
}
