/// Counts data in bins of one millisecond: what a switch's buffers see, which an average over a second hides.
///
/// Only one bin is open; what closes goes into a histogram, and the worst few are kept.
struct RateMeter {
    private var millisecond: Int64 = .min
    private var packetCount = 0
    private var byteCount = 0
    private var bins = LogHistogram()
    private var first: Int64?
    private var last: Int64 = 0
    private var report = StreamReport.RateReport()

    private static let burstCountMax = 8

    @inline(__always)
    mutating func handle(byteCount added: Int, at nanoseconds: Int64) {
        let bin = nanoseconds / 1_000_000
        if bin != millisecond {
            closeBin()
            millisecond = bin
            if first == nil { first = nanoseconds }
        }
        packetCount += 1
        byteCount += added
        last = nanoseconds
    }

    private mutating func closeBin() {
        guard packetCount > 0 else { return }
        report.packetCount += packetCount
        report.byteCount += byteCount
        report.busyMillisecondCount += 1
        bins.record(Int64(byteCount))
        let isWorse = report.bursts.last.map { byteCount > $0.byteCount } ?? true
        if isWorse || report.bursts.count < Self.burstCountMax { keepBurst() }
        packetCount = 0
        byteCount = 0
    }

    private mutating func keepBurst() {
        let burst = StreamReport.RateReport.Burst(
            nanoseconds: millisecond &* 1_000_000,
            packetCount: packetCount,
            byteCount: byteCount
        )
        let index = report.bursts.firstIndex { $0.byteCount < byteCount } ?? report.bursts.count
        report.bursts.insert(burst, at: index)
        if report.bursts.count > Self.burstCountMax { report.bursts.removeLast() }
    }

    /// What was counted until now; counting can go on.
    func makeReport() -> StreamReport.RateReport {
        var copy = self
        copy.closeBin()
        copy.report.nanoseconds = first.map { max(0, last &- $0) } ?? 0
        copy.report.medianByteCount = Int(copy.bins.quantile(0.5))
        copy.report.ninetyNinthByteCount = Int(copy.bins.quantile(0.99))
        return copy.report
    }
}
