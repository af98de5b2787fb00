import PGM
import Simulation
import Testing
@testable import Inspector

@Suite struct SequenceTrackerTests {
    /// Loss, disorder and doubles against a set of numbers that were had.
    @Test func `gaps are what a model says, in any order of arrival`() {
        for seed in UInt64(0)..<300 {
            var generator = SeededGenerator(seed: seed)
            let first = UInt32(truncatingIfNeeded: generator.next())
            var order: [(key: Double, number: Int)] = []
            for number in 0..<400 where Int.random(in: 0..<10, using: &generator) > 0 {
                order.append((Double(number) + Double.random(in: 0..<8, using: &generator), number))
                if Int.random(in: 0..<20, using: &generator) == 0 {
                    order.append((Double(number) + 20, number))
                }
            }
            // The first and the newest are known, so that the span is.
            order.removeAll { $0.number == 0 || $0.number == 400 }
            let numbers = [0] + order.sorted { $0.key < $1.key }.map(\.number) + [400]
            var tracker = SequenceTracker(gapCountMax: 1_000)
            var had: Set<Int> = []
            var againCount = 0
            for (index, number) in numbers.enumerated() {
                let arrival = tracker.handleODATA(
                    SequenceNumber(first) + number,
                    trailSteps: 0,
                    at: Int64(index) * 10_000_000
                )
                if case .again = arrival { againCount += 1 }
                #expect(
                    (arrival == .again(isDoubled: false)) == had.contains(number),
                    "seed \(seed)"
                )
                had.insert(number)
            }
            #expect(tracker.span == 401, "seed \(seed)")
            #expect(againCount == numbers.count - had.count, "seed \(seed)")
            let missing = tracker.removeAllGaps().flatMap { Array($0.first...$0.last) }
            #expect(missing == (0...400).filter { !had.contains($0) }, "seed \(seed)")
        }
    }

    @Test func `one stray packet moves nothing, two that follow each other do`() {
        var tracker = SequenceTracker(gapCountMax: 10)
        func handle(_ number: UInt32) -> SequenceTracker.Arrival {
            tracker.handleODATA(SequenceNumber(number), trailSteps: 0, at: 0)
        }
        #expect(handle(5) == .next)
        #expect(handle(5_000_000) == .stray)
        #expect(handle(6) == .next)
        #expect(handle(5_000_000) == .stray)
        #expect(handle(5_000_001) == .ahead(missing: 4_999_994))
        #expect(handle(5_000_002) == .next)
    }

    @Test func `more gaps than are kept are handed back, the oldest first`() {
        var tracker = SequenceTracker(gapCountMax: 3)
        for number in stride(from: UInt32(0), to: 12, by: 2) {
            _ = tracker.handleODATA(SequenceNumber(number), trailSteps: 0, at: 0)
        }
        #expect(tracker.abandoned.map(\.first) == [1, 3])
        #expect(tracker.removeAllGaps().map(\.first) == [5, 7, 9])
    }

    @Test func `a count that begins anew is told from doubles`() {
        var tracker = SequenceTracker(gapCountMax: 10)
        for number in UInt32(0)..<1_000 {
            _ = tracker.handleODATA(SequenceNumber(number), trailSteps: 0, at: Int64(number))
        }
        var restarts = 0
        for number in UInt32(0)..<1_000 {
            let arrival = tracker.handleODATA(
                SequenceNumber(number),
                trailSteps: number == 0 ? -500 : 0,
                at: 1_000_000_000 + Int64(number)
            )
            if arrival == .restarted { restarts += 1 }
        }
        #expect(restarts == 1)
        #expect(tracker.last == SequenceNumber(999))
    }
}
