/// Times as ticks since a base, so that one takes four octets. The ticks are as short as the span of the captures allows.
struct TickScale {
    private var baseNanoseconds: Int64 = 0
    private(set) var tickNanoseconds: Int64 = 1

    init(_ tracks: [MessageTrack]) {
        var first = Int64.max
        var last = Int64.min
        for track in tracks {
            for row in [track.first, track.last].compactMap({ $0 }) {
                first = min(first, row.nanoseconds)
                last = max(last, row.nanoseconds)
            }
        }
        guard first <= last else { return }
        // Clocks may differ and packets may come out of turn, so there is room on both sides.
        let (span, overflows) = last.subtractingReportingOverflow(first)
        let room = overflows ? Int64.max / 4 : min(span, .max / 4) + 2_000_000_000
        baseNanoseconds = first < .min + room ? .min : first - room / 2
        tickNanoseconds = max(1, room * 2 / Int64(UInt32.max) + 1)
    }

    /// A time outside the scale is taken for the nearer end of it.
    func ticks(_ nanoseconds: Int64) -> UInt32 {
        let (distance, overflows) = nanoseconds.subtractingReportingOverflow(baseNanoseconds)
        return overflows ? 0 : UInt32(clamping: distance / tickNanoseconds)
    }

    /// The time of a tick, on the clock it was read from.
    func nanoseconds(_ ticks: UInt32) -> Int64 {
        baseNanoseconds &+ Int64(ticks) &* tickNanoseconds
    }

    /// From one tick to another.
    func distance(from start: UInt32, to end: UInt32) -> Int64 {
        (Int64(end) - Int64(start)) * tickNanoseconds
    }
}
