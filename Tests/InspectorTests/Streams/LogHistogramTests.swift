import Simulation
import Testing
@testable import Inspector

@Suite struct LogHistogramTests {
    @Test func `quantiles are within 4 % of the exact ones`() {
        for seed in UInt64(0)..<50 {
            var generator = SeededGenerator(seed: seed)
            var histogram = LogHistogram()
            var values: [Int64] = []
            for _ in 0..<2_000 {
                let bits = Int64.random(in: 0..<40, using: &generator)
                let value = Int64.random(in: 0...(1 << bits), using: &generator)
                values.append(value)
                histogram.record(value)
            }
            values.sort()
            for share in [0.0, 0.01, 0.25, 0.5, 0.9, 0.99, 1.0] {
                let exact = values[max(0, Int((Double(values.count) * share).rounded(.up)) - 1)]
                let estimate = histogram.quantile(share)
                #expect(
                    abs(Double(estimate - exact)) <= Double(exact) * 0.04 + 1,
                    "seed \(seed), quantile \(share)"
                )
            }
            #expect(histogram.minimum == values.first && histogram.maximum == values.last)
            #expect(histogram.filledBuckets.reduce(0) { $0 + $1.count } == values.count)
        }
    }

    @Test func `every value lies in its bucket, up to the last`() {
        for exponent in 0..<63 {
            for offset in [-1, 0, 1] as [Int64] {
                let value = max(0, (1 << Int64(exponent)) + offset)
                var histogram = LogHistogram()
                histogram.record(value)
                let bucket = histogram.filledBuckets[0]
                #expect(bucket.lower <= value)
                if value < 1 << 42 { #expect(value < bucket.upper) }
            }
        }
    }

    @Test func `the sum of two is the histogram of both`() {
        var generator = SeededGenerator(seed: 7)
        var (left, right, both) = (LogHistogram(), LogHistogram(), LogHistogram())
        for index in 0..<1_000 {
            let value = Int64.random(in: 0..<1_000_000_000, using: &generator)
            if index.isMultiple(of: 3) { left.record(value) } else { right.record(value) }
            both.record(value)
        }
        left.add(right)
        #expect(left.quantile(0.5) == both.quantile(0.5))
        #expect(left.count == both.count && left.maximum == both.maximum)
    }

    @Test func `negative times count as none, and extremes do not trap`() {
        var histogram = LogHistogram()
        histogram.record(.min)
        histogram.record(.max)
        #expect(histogram.minimum == 0 && histogram.count == 2)
        #expect(histogram.quantile(1) == .max)
    }
}
