import Simulation
import Testing
import ZMTP

struct BackOffTests {
    static let ceilings = [100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000, 10_000]

    @Test
    func `waits double up to the maximum`() {
        var longest = BackOff()
        var shortest = BackOff()
        for ceiling in Self.ceilings {
            let most = longest.next(randomness: .max)
            #expect(
                most <= .milliseconds(ceiling) && most > .milliseconds(ceiling) - .nanoseconds(2)
            )
            #expect(shortest.next(randomness: 0) == .milliseconds(ceiling) / 2)
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `a wait is between half and all of its ceiling`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var backOff = BackOff()
        for ceiling in Self.ceilings {
            let wait = backOff.next(randomness: generator.next())
            #expect(wait >= .milliseconds(ceiling) / 2 && wait <= .milliseconds(ceiling))
        }
    }

    @Test
    func `peers do not wait in step`() {
        var generator = SeededGenerator(seed: 1)
        var waits: [Duration] = []
        for _ in 0..<100 {
            var backOff = BackOff()
            waits.append(backOff.next(randomness: generator.next()))
        }
        #expect(Set(waits).count > 90)
        let mean = waits.reduce(.zero, +) / waits.count
        #expect(mean > .milliseconds(70) && mean < .milliseconds(80))
    }

    @Test
    func `success starts again at the first wait`() {
        var backOff = BackOff(initial: .seconds(1), maximum: .seconds(60))
        for _ in 0..<5 { _ = backOff.next(randomness: 0) }
        backOff.handleSuccess()
        #expect(backOff.next(randomness: 0) == .milliseconds(500))
    }

    @Test
    func `a maximum below the first wait is kept`() {
        var backOff = BackOff(initial: .seconds(5), maximum: .seconds(2))
        #expect(backOff.next(randomness: .max) <= .seconds(2))
    }

    @Test
    func `years of failures and endless maxima do not overflow`() {
        var backOff = BackOff(initial: .seconds(3_600), maximum: .seconds(Int64.max))
        var last = Duration.zero
        for _ in 0..<200 {
            let wait = backOff.next(randomness: 0)
            #expect(wait >= last)
            last = wait
        }
        #expect(last == .nanoseconds(Int64.max / 2 + 1))
    }
}
