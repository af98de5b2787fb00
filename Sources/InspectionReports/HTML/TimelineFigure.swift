import Inspector
import Rendering

/// What a stream did over time: its rate with the worst milliseconds, and below it requests, repairs and losses.
struct TimelineFigure {
    private let stream: StreamReport
    private let bins: [Timeline.Bin]
    private let binNanoseconds: Double
    private let width = 1040.0
    private let left = 78.0
    private let top = 16.0
    private let plotHeight = 170.0

    init(_ stream: StreamReport) {
        self.stream = stream
        bins = stream.timeline.bins
        binNanoseconds = Double(max(1, stream.timeline.binNanoseconds))
    }

    private var right: Double { width - 12 }
    private var bottom: Double { top + plotHeight }

    func write(to markup: inout Markup) {
        let strips = Self.strips.filter { strip in bins.contains { strip.count($0) > 0 } }
        let height = bottom + Double(strips.count) * 26 + 34
        markup.raw(
            "<div class=\"figure wide\"><svg viewBox=\"0 0 \(Markup.coordinate(width)) "
                + "\(Markup.coordinate(height))\" role=\"img\" aria-label=\"rate and repairs over time\">"
        )
        writeRate(&markup)
        for (index, strip) in strips.enumerated() {
            writeStrip(strip, y: bottom + 8 + Double(index) * 26, &markup)
        }
        writeTimes(y: bottom + Double(strips.count) * 26 + 26, &markup)
        markup.raw("</svg>")
        writeLegend(strips, &markup)
        markup.raw("</div>\n")
    }

    private func x(_ bin: Double) -> Double {
        left + (right - left) * bin / Double(max(1, bins.count))
    }

    /// Bits per second in a bin.
    private func rate(_ bin: Timeline.Bin) -> Double {
        Double(bin.byteCount) * 8e9 / binNanoseconds
    }

    private func writeRate(_ markup: inout Markup) {
        let bursts = stream.rate.bursts
        let highestBin = bins.map { rate($0) }.max() ?? 0
        // A bin may be longer than a millisecond, whose peak is higher than the mean that the bin shows.
        let highest = max(highestBin, stream.rate.peakBitsPerSecond, 1)
        let y = { (value: Double) in bottom - plotHeight * value / highest }
        for share in [0, 0.5, 1] {
            let line = Markup.coordinate(y(highest * share))
            markup.raw(
                "<line class=\"axis\" x1=\"\(Markup.coordinate(left))\" x2=\""
                    + "\(Markup.coordinate(right))\" y1=\"\(line)\" y2=\"\(line)\"/>"
                    + "<text class=\"quiet\" text-anchor=\"end\" x=\"\(Markup.coordinate(left - 8))\" y=\""
                    + "\(Markup.coordinate(y(highest * share) + 4))\">"
            )
            markup.escaped(share == 0 ? "0" : Figures.bitRate(highest * share))
            markup.raw("</text>")
        }
        var path = "M\(Markup.coordinate(left)) \(Markup.coordinate(bottom))"
        for (index, bin) in bins.enumerated() {
            let level = Markup.coordinate(y(rate(bin)))
            path += "L\(Markup.coordinate(x(Double(index)))) \(level)"
            path += "L\(Markup.coordinate(x(Double(index + 1)))) \(level)"
        }
        let end = "L\(Markup.coordinate(right)) \(Markup.coordinate(bottom))Z"
        markup.raw("<path class=\"area\" d=\"\(path)\(end)\"/><path class=\"edge\" d=\"\(path)\"/>")
        for burst in bursts.prefix(12) {
            let position =
                Double(burst.nanoseconds &- stream.timeline.begin) / binNanoseconds
            guard position >= 0, position <= Double(bins.count) else { continue }
            let level = y(Double(burst.byteCount) * 8_000)
            markup.raw(
                "<circle class=\"burst\" r=\"3.2\" cx=\"\(Markup.coordinate(x(position)))\" cy=\""
                    + "\(Markup.coordinate(level))\">"
            )
            markup.element(
                "title",
                "\(CalendarTime(burst.nanoseconds).timeText()): "
                    + "\(Figures.count(burst.packetCount, "packet")), "
                    + "\(Figures.byteCount(burst.byteCount)) in one millisecond"
            )
            markup.raw("</circle>")
        }
    }

    private struct Strip {
        var title: String
        var className: String
        var color: String
        var explanation: String
        var count: @Sendable (Timeline.Bin) -> UInt32
    }

    private static let strips = [
        Strip(
            title: "NAK",
            className: "nak",
            color: "--nak",
            explanation: "repair asked for",
            count: { $0.nak }
        ),
        Strip(
            title: "RDATA",
            className: "rdata",
            color: "--repair",
            explanation: "repair sent",
            count: { $0.rdata }
        ),
        Strip(
            title: "missing",
            className: "missing",
            color: "--loss",
            explanation: "missing where the capture was taken",
            count: { $0.missing }
        ),
    ]

    private func writeStrip(_ strip: Strip, y: Double, _ markup: inout Markup) {
        let highest = Double(bins.map { strip.count($0) }.max() ?? 1)
        markup.raw(
            "<text class=\"quiet\" text-anchor=\"end\" x=\"\(Markup.coordinate(left - 8))\" y=\""
                + "\(Markup.coordinate(y + 15))\">\(strip.title)</text>"
                + "<line class=\"axis\" x1=\"\(Markup.coordinate(left))\" x2=\""
                + "\(Markup.coordinate(right))\" y1=\"\(Markup.coordinate(y + 20))\" y2=\""
                + "\(Markup.coordinate(y + 20))\"/>"
        )
        let barWidth = max(1.6, (right - left) / Double(max(1, bins.count)) - 0.4)
        for (index, bin) in bins.enumerated() where strip.count(bin) > 0 {
            let height = 6 + 12 * Double(strip.count(bin)) / highest
            markup.raw(
                "<rect class=\"\(strip.className)\" x=\"\(Markup.coordinate(x(Double(index))))\" y=\""
                    + "\(Markup.coordinate(y + 20 - height))\" width=\"\(Markup.coordinate(barWidth))\" "
                    + "height=\"\(Markup.coordinate(height))\">"
            )
            markup.element(
                "title",
                "\(Figures.count(Int(strip.count(bin)))) \(strip.title) at "
                    + CalendarTime(time(index)).timeText()
            )
            markup.raw("</rect>")
        }
    }

    private func time(_ bin: Int) -> Int64 {
        stream.timeline.begin &+ Int64(Double(bin) * binNanoseconds)
    }

    private func writeTimes(y: Double, _ markup: inout Markup) {
        let total = Double(bins.count) * binNanoseconds
        for step in 0...4 {
            let share = Double(step) / 4
            let anchor = step == 0 ? "start" : step == 4 ? "end" : "middle"
            markup.raw(
                "<text class=\"quiet\" text-anchor=\"\(anchor)\" x=\""
                    + "\(Markup.coordinate(left + (right - left) * share))\" y=\"\(Markup.coordinate(y))\">"
            )
            let offset = Int64(min(total * share, 9e18))
            markup.escaped(
                step == 0
                    ? CalendarTime(stream.timeline.begin).timeText()
                    : "+" + Figures.duration(offset)
            )
            markup.raw("</text>")
        }
    }

    private func writeLegend(_ strips: [Strip], _ markup: inout Markup) {
        let bin = Figures.duration(Int64(min(binNanoseconds, 9e18)))
        markup.raw("<div class=\"legend\">")
        writeKey("--data-soft", "rate with IP headers, mean over \(bin)", &markup)
        if !stream.rate.bursts.isEmpty {
            writeKey("--burst", "the busiest milliseconds", &markup)
        }
        for strip in strips {
            writeKey(strip.color, "\(strip.title): \(strip.explanation)", &markup)
        }
        markup.raw("</div>")
    }

    private func writeKey(_ color: String, _ text: String, _ markup: inout Markup) {
        markup.raw("<span><i style=\"background:var(\(color))\"></i>")
        markup.escaped(text)
        markup.raw("</span>")
    }
}
