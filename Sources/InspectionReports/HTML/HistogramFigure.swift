import Inspector
import Rendering

/// Times on a logarithmic scale, with the median and what one in a hundred exceeds.
struct HistogramFigure {
    private let histogram: LogHistogram
    private let width = 1040.0
    private let height = 180.0
    private let left = 14.0
    private let right = 1026.0
    private let bottom = 138.0
    private let top = 26.0

    init(_ histogram: LogHistogram) {
        self.histogram = histogram
    }

    /// Quarters of powers of two: a bar for a factor of 1.19.
    private static func column(_ nanoseconds: Int64) -> Int {
        let value = max(1, nanoseconds)
        let exponent = 63 - value.leadingZeroBitCount
        let fraction = Double(value) / Double(Int64(1) << Int64(exponent)) - 1
        // log2(1 + f) is close enough to f here: columns only need to be in order.
        return exponent * 4 + min(3, Int(fraction * 4))
    }

    func write(to markup: inout Markup) {
        let first = Self.column(histogram.minimum) - 1
        let last = Self.column(histogram.maximum) + 1
        var counts = [Int](repeating: 0, count: max(1, last - first + 1))
        for bucket in histogram.filledBuckets {
            let column = min(max(Self.column(bucket.lower) - first, 0), counts.count - 1)
            counts[column] += bucket.count
        }
        let highest = Double(counts.max() ?? 1)
        let step = (right - left) / Double(counts.count)
        markup.raw(
            "<div class=\"figure wide\"><svg viewBox=\"0 0 \(Markup.coordinate(width)) "
                + "\(Markup.coordinate(height))\" role=\"img\" aria-label=\"histogram of times\">"
                + "<line class=\"axis\" x1=\"\(Markup.coordinate(left))\" x2=\""
                + "\(Markup.coordinate(right))\" y1=\"\(Markup.coordinate(bottom))\" y2=\""
                + "\(Markup.coordinate(bottom))\"/>"
        )
        for (index, count) in counts.enumerated() where count > 0 {
            let barHeight = max(2, (bottom - top) * Double(count) / max(highest, 1))
            markup.raw(
                "<rect class=\"bar\" rx=\"1.5\" x=\"\(Markup.coordinate(left + Double(index) * step + 0.8))\" "
                    + "y=\"\(Markup.coordinate(bottom - barHeight))\" width=\""
                    + "\(Markup.coordinate(max(1, step - 1.6)))\" height=\"\(Markup.coordinate(barHeight))\">"
            )
            let lower = Self.lowerEdge(first + index)
            markup.element("title", "\(Figures.count(count)) from \(Figures.duration(lower))")
            markup.raw("</rect>")
        }
        writeAxis(first: first, step: step, count: counts.count, &markup)
        writeMark("median", histogram.quantile(0.5), first, step, y: 14, &markup)
        writeMark("99 %", histogram.quantile(0.99), first, step, y: 14, &markup)
        markup.raw("</svg></div>\n")
    }

    private static func lowerEdge(_ column: Int) -> Int64 {
        guard column > 0 else { return 0 }
        let exponent = Int64(min(column / 4, 61))
        return (Int64(1) << exponent) + (Int64(1) << exponent) / 4 * Int64(column % 4)
    }

    private func writeAxis(first: Int, step: Double, count: Int, _ markup: inout Markup) {
        var lastX = -200.0
        for decade in Self.decades {
            for factor in [1, 2, 5] as [Int64] {
                let value = decade * factor
                let column = Self.column(value) - first
                guard column >= 0, column < count else { continue }
                let x = left + Double(column) * step
                guard x - lastX > 74, x < right - 24 else { continue }
                lastX = x
                markup.raw(
                    "<line class=\"axis\" x1=\"\(Markup.coordinate(x))\" x2=\"\(Markup.coordinate(x))\" "
                        + "y1=\"\(Markup.coordinate(bottom))\" y2=\"\(Markup.coordinate(bottom + 5))\"/>"
                        + "<text class=\"quiet\" x=\"\(Markup.coordinate(x))\" y=\""
                        + "\(Markup.coordinate(bottom + 20))\">"
                )
                markup.escaped(Self.tick(value))
                markup.raw("</text>")
            }
        }
    }

    private func writeMark(
        _ title: String,
        _ value: Int64,
        _ first: Int,
        _ step: Double,
        y: Double,
        _ markup: inout Markup
    ) {
        let x = left + (Double(Self.column(value) - first) + 0.5) * step
        let isRight = title != "median"
        markup.raw(
            "<line class=\"mark\" x1=\"\(Markup.coordinate(x))\" x2=\"\(Markup.coordinate(x))\" y1=\""
                + "\(Markup.coordinate(top - 6))\" y2=\"\(Markup.coordinate(bottom))\"/>"
                + "<text text-anchor=\"\(isRight ? "start" : "end")\" x=\""
                + "\(Markup.coordinate(isRight ? min(x + 5, right - 110) : max(x - 5, left + 110)))\" y=\""
                + "\(Markup.coordinate(y))\">"
        )
        markup.escaped("\(title) \(Figures.duration(value))")
        markup.raw("</text>")
    }

    private static func tick(_ value: Int64) -> String {
        switch value {
        case ..<1_000: "\(value) ns"
        case ..<1_000_000: "\(value / 1_000) µs"
        case ..<1_000_000_000: "\(value / 1_000_000) ms"
        default: "\(value / 1_000_000_000) s"
        }
    }

    private static let decades: [Int64] = [
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000,
        10_000_000_000, 100_000_000_000, 1_000_000_000_000,
    ]
}
