import Testing

@testable import DataPlane

/// When looking for a message pays.
struct SpinGovernorTests {
    private func governor(after waits: [Int64], spinTime: Int64 = 100_000) -> SpinGovernor {
        var governor = SpinGovernor(spinTime: spinTime)
        for wait in waits { governor.handleWait(wait) }
        return governor
    }

    @Test func `a first wait looks`() {
        #expect(governor(after: []).allowance == 100_000)
    }

    @Test func `short waits go on looking`() {
        #expect(governor(after: Array(repeating: 40_000, count: 100)).allowance == 100_000)
    }

    @Test func `a consumer whose messages come slowly soon sleeps at once`() {
        var governor = governor(after: [])
        var looked = 0
        for _ in 0..<1_000 {
            if governor.allowance > 0 { looked += 1 }
            governor.handleWait(1_000_000)
        }
        #expect(looked <= 3)
    }

    @Test func `after a long pause it looks again within a few messages`() {
        var governor = governor(after: [60_000_000_000])
        var slept = 0
        while governor.allowance == 0 {
            slept += 1
            governor.handleWait(50_000)
            #expect(slept < 20)
        }
        #expect(slept > 0)
    }

    @Test func `no time, no looking`() {
        #expect(governor(after: [], spinTime: 0).allowance == 0)
        #expect(governor(after: [0, 0, 0], spinTime: 0).allowance == 0)
    }

    @Test func `odd clocks do no harm`() {
        #expect(governor(after: [-5, .min, .max, .max]).allowance >= 0)
    }
}
