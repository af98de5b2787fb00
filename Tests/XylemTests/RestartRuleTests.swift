import Testing

@testable import xylem

@Suite struct RestartRuleTests {
    @Test func `five quick ends in a row are enough`() {
        var rule = RestartRule()
        let verdicts = (0..<5).map { _ in rule.handleEnd(after: .milliseconds(50)) }
        #expect(
            verdicts == [
                .restart(after: .milliseconds(200)), .restart(after: .milliseconds(400)),
                .restart(after: .milliseconds(800)), .restart(after: .milliseconds(1_600)),
                .giveUp(retryAfter: .seconds(30)),
            ]
        )
        #expect(rule.isGivenUp)
    }

    @Test func `a node that was given up is tried again, less and less often`() {
        var rule = RestartRule()
        for _ in 0..<5 { _ = rule.handleEnd(after: .zero) }
        let delays = [60, 120, 240, 300, 300]
        for delay in delays {
            #expect(rule.handleEnd(after: .zero) == .giveUp(retryAfter: .seconds(delay)))
        }
        for _ in 0..<100 { _ = rule.handleEnd(after: .zero) }
        #expect(rule.handleEnd(after: .zero) == .giveUp(retryAfter: .seconds(300)))
        #expect(rule.handleEnd(after: .seconds(5)) == .restart(after: .milliseconds(200)))
        #expect(!rule.isGivenUp)
    }

    @Test func `a node that lived for a while starts anew`() {
        var rule = RestartRule()
        for _ in 0..<4 { _ = rule.handleEnd(after: .zero) }
        #expect(rule.handleEnd(after: .seconds(5)) == .restart(after: .milliseconds(200)))
        #expect(rule.handleEnd(after: .zero) == .restart(after: .milliseconds(200)))
        #expect(rule.handleEnd(after: .zero) == .restart(after: .milliseconds(400)))
    }
}
