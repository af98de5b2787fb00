import Patterns
import Testing

/// RFC 28, "REQ".
@Suite struct RequestLockstepTests {
    private static func lockstep(
        isRelaxed: Bool = false,
        correlates: Bool = false
    ) -> RequestLockstep {
        RequestLockstep(isRelaxed: isRelaxed, correlates: correlates, firstNumber: 10)
    }

    @Test func `a request, its reply, and then the next`() {
        var lockstep = Self.lockstep()
        #expect(lockstep.begin() == 10)
        #expect(lockstep.begin() == nil)
        #expect(lockstep.handleSend(number: 10, to: 1) == true)
        #expect(lockstep.begin() == nil)
        #expect(lockstep.handleReply(from: 1, number: nil) == true)
        #expect(lockstep.begin() == 11)
    }

    /// "SHALL accept an incoming message only from the last peer that it sent a request to."
    @Test func `a reply of somebody else is none, and neither is a second one`() {
        var lockstep = Self.lockstep()
        #expect(lockstep.handleReply(from: 1, number: nil) == false)
        #expect(lockstep.begin() == 10)
        #expect(lockstep.handleReply(from: 1, number: nil) == false)
        #expect(lockstep.handleSend(number: 10, to: 1) == true)
        #expect(lockstep.handleReply(from: 2, number: nil) == false)
        #expect(lockstep.handleReply(from: 1, number: nil) == true)
        #expect(lockstep.handleReply(from: 1, number: nil) == false)
    }

    @Test func `correlated, a reply carries the number of its request`() {
        var lockstep = Self.lockstep(isRelaxed: true, correlates: true)
        #expect(lockstep.begin() == 10)
        #expect(lockstep.handleSend(number: 10, to: 1) == true)
        #expect(lockstep.begin() == 11)
        #expect(lockstep.handleSend(number: 11, to: 1) == true)
        #expect(lockstep.handleReply(from: 1, number: 10) == false)
        #expect(lockstep.handleReply(from: 1, number: nil) == false)
        #expect(lockstep.handleReply(from: 1, number: 11) == true)
    }

    @Test func `what was abandoned while it was queued is not sent`() {
        var lockstep = Self.lockstep()
        #expect(lockstep.begin() == 10)
        #expect(lockstep.abandon() == nil)
        #expect(!lockstep.isBusy)
        #expect(lockstep.begin() == 11)
        #expect(lockstep.handleSend(number: 10, to: 1) == false)
        #expect(lockstep.handleSend(number: 11, to: 1) == true)
        #expect(lockstep.abandon() == 1)
        #expect(lockstep.handleReply(from: 1, number: nil) == false)
    }

    @Test func `the loss of the peer that was asked ends the request`() {
        var lockstep = Self.lockstep()
        #expect(lockstep.begin() == 10)
        #expect(lockstep.handleLoss(of: 1) == false)
        #expect(lockstep.handleSend(number: 10, to: 1) == true)
        #expect(lockstep.handleLoss(of: 2) == false)
        #expect(lockstep.handleLoss(of: 1) == true)
        #expect(lockstep.begin() == 11)
    }
}
