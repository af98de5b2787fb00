import Testing
import Wire
import ZMTP

/// Virtual time in seconds.
@Suite struct StallWatchTests {
    private func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

    @Test func `a peer that stops inside a message stalls after the time-out`() {
        var watch = StallWatch(timeout: .seconds(10))
        watch.handleRead(isPartial: true, at: at(5))
        #expect(watch.deadline == at(15))
        #expect(watch.stall(at: at(14)) == nil)
        #expect(watch.stall(at: at(15)) == .insideMessage)
    }

    @Test func `more octets start the time anew, a whole message ends it`() {
        var watch = StallWatch(timeout: .seconds(10))
        watch.handleRead(isPartial: true, at: at(0))
        watch.handleRead(isPartial: true, at: at(9))
        #expect(watch.stall(at: at(18)) == nil)
        watch.handleRead(isPartial: false, at: at(18))
        #expect(watch.deadline == nil)
        #expect(watch.stall(at: at(1_000)) == nil)
    }

    @Test func `a peer that takes nothing stalls, counted from when the stream was first full`() {
        var watch = StallWatch(timeout: .seconds(10))
        watch.handleWrite(isFull: true, at: at(1))
        watch.handleWrite(isFull: true, at: at(8))
        #expect(watch.deadline == at(11))
        #expect(watch.stall(at: at(11)) == .notReading)
        watch.handleWrite(isFull: false, at: at(11))
        #expect(watch.stall(at: at(1_000)) == nil)
    }

    @Test func `a pause of our own is not the peer's fault`() {
        var watch = StallWatch(timeout: .seconds(10))
        watch.handleRead(isPartial: true, at: at(0))
        watch.handlePause()
        #expect(watch.stall(at: at(1_000)) == nil)
    }

    @Test func `a peer that may pause stalls inside a message only`() {
        var watch = StallWatch(timeout: .seconds(10))
        watch.handleWrite(isFull: true, at: at(0))
        watch.allowPauses()
        watch.handleWrite(isFull: true, at: at(1))
        #expect(watch.deadline == nil)
        watch.handleRead(isPartial: true, at: at(2))
        #expect(watch.stall(at: at(12)) == .insideMessage)
    }

    @Test func `the earlier suspicion sets the deadline`() {
        var watch = StallWatch(timeout: .seconds(10))
        watch.handleWrite(isFull: true, at: at(3))
        watch.handleRead(isPartial: true, at: at(2))
        #expect(watch.deadline == at(12))
    }

    @Test func `without a time-out nothing ever stalls`() {
        var watch = StallWatch(timeout: nil)
        watch.handleRead(isPartial: true, at: at(0))
        watch.handleWrite(isFull: true, at: at(0))
        #expect(watch.deadline == nil)
        #expect(watch.stall(at: at(1_000_000)) == nil)
    }
}
