import Dissection

/// How far the clock of each tap is ahead of the first one's.
///
/// A packet that passes A and then B shows B's time minus A's time = offset + delay, so the shortest such difference is not
/// below the offset. A packet the other way shows offset − delay, so the longest is not above it. Between these bounds lies
/// the offset; halfway is the estimate, half their distance the uncertainty. Which way packets went need not be known: only
/// one of the two orders leaves room between the bounds.
///
/// Taps that share no packets are joined over others that do, along the way with the least uncertainty.
struct ClockOffsets {
    /// Differences of the times of one route's packets: those of B minus those of A.
    private struct Differences {
        var lowest = Int64.max
        var highest = Int64.min
        var count = 0
    }

    struct Link {
        var offset: Int64
        var uncertainty: Int64?
        var method: ClockEstimate.Method
        var sampleCount: Int
    }

    private let count: Int
    private var links: [Int: Link] = [:]

    /// `clock` says which clock a tap has; `nil` when it does not matter.
    init(_ table: ClockTable, count: Int, clock: (Tap) -> Int?) {
        self.count = count
        let taps = table.taps.map { ($0, clock($0.tap)) }
        for (index, (left, leftClock)) in taps.enumerated() {
            for (right, rightClock) in taps[(index + 1)...] {
                guard let leftClock, let rightClock, leftClock != rightClock else { continue }
                let isAscending = leftClock < rightClock
                let link =
                    left.tap.capture == right.tap.capture
                    ? Link(
                        offset: 0,
                        uncertainty: 0,
                        method: .sameCapture,
                        sampleCount: min(left.times.count, right.times.count)
                    )
                    : Self.link(
                        isAscending ? left : right,
                        isAscending ? right : left,
                        table
                    )
                guard let link else { continue }
                add(link, min(leftClock, rightClock), max(leftClock, rightClock))
            }
        }
    }

    /// Adds what messages show, for clocks that share no packets: B's time minus A's, the smallest.
    mutating func addOneWay(from left: Int, to right: Int, smallest: Int64, sampleCount: Int) {
        guard links[key(left, right)] == nil else { return }
        let isAscending = left < right
        links[key(left, right)] = Link(
            offset: isAscending ? smallest : 0 &- smallest,
            uncertainty: nil,
            method: .oneWay,
            sampleCount: sampleCount
        )
    }

    private func key(_ left: Int, _ right: Int) -> Int {
        min(left, right) * count + max(left, right)
    }

    private mutating func add(_ link: Link, _ left: Int, _ right: Int) {
        if let known = links[key(left, right)], Self.isBetter(known, link) { return }
        links[key(left, right)] = link
    }

    private static func isBetter(_ left: Link, _ right: Link) -> Bool {
        switch (left.uncertainty, right.uncertainty) {
        case (let left?, let right?): left <= right
        case (nil, .some): false
        default: true
        }
    }

    private static func link(
        _ left: ClockTable.TapSamples,
        _ right: ClockTable.TapSamples,
        _ table: ClockTable
    ) -> Link? {
        var differences: [Int: Differences] = [:]
        var routes: [Int] = []
        // In any order: least, greatest and count are the same, and the routes are sorted.
        for (key, sample) in left.times where sample.route >= 0 {
            guard let other = right.times[key] else { continue }
            let (difference, overflows) =
                other.nanoseconds.subtractingReportingOverflow(sample.nanoseconds)
            guard !overflows, difference.magnitude < 1 << 61 else { continue }
            if differences[sample.route] == nil { routes.append(sample.route) }
            var known = differences[sample.route] ?? Differences()
            known.lowest = min(known.lowest, difference)
            known.highest = max(known.highest, difference)
            known.count += 1
            differences[sample.route] = known
        }
        routes.sort()
        guard !routes.isEmpty else { return nil }
        return bothWays(routes, differences, table) ?? oneWay(routes, differences)
    }

    /// The tightest pair of routes that are each other's way back.
    private static func bothWays(
        _ routes: [Int],
        _ differences: [Int: Differences],
        _ table: ClockTable
    ) -> Link? {
        var best: Link?
        for there in routes {
            for back in routes where back != there {
                let way = table.routes[there]
                let answer = table.routes[back]
                // What goes to a group passes the same taps as what its members answer.
                guard answer.destination == way.source,
                    way.destination == answer.source || way.destination.isMulticast,
                    let out = differences[there], let home = differences[back]
                else { continue }
                let lower: Int64
                let upper: Int64
                if out.lowest >= home.highest {
                    (lower, upper) = (home.highest, out.lowest)
                } else if home.lowest >= out.highest {
                    (lower, upper) = (out.highest, home.lowest)
                } else {
                    continue
                }
                let half = (upper - lower) / 2
                if let known = best?.uncertainty, known <= half { continue }
                best = Link(
                    offset: lower + half,
                    uncertainty: half,
                    method: .bothWays,
                    sampleCount: out.count + home.count
                )
            }
        }
        return best
    }

    private static func oneWay(_ routes: [Int], _ differences: [Int: Differences]) -> Link? {
        let busiest = routes.compactMap { differences[$0] }.max { $0.count < $1.count }
        // Taps are given from the source on, so the packets went from the earlier to the later one.
        return busiest.map {
            Link(
                offset: $0.lowest,
                uncertainty: nil,
                method: .oneWay,
                sampleCount: $0.count
            )
        }
    }

    /// Every clock's estimate against the one of `reference`; `nil` where nothing joins them.
    func estimates(reference: Int) -> [ClockEstimate?] {
        var estimates = [ClockEstimate?](repeating: nil, count: count)
        guard reference < count else { return estimates }
        estimates[reference] = ClockEstimate(
            offsetNanoseconds: 0,
            uncertaintyNanoseconds: 0,
            method: .reference,
            sampleCount: 0
        )
        var isDone = [Bool](repeating: false, count: count)
        while let next = (0..<count).filter({ !isDone[$0] && estimates[$0] != nil })
            .min(by: { Self.cost(estimates[$0]) < Self.cost(estimates[$1]) })
        {
            isDone[next] = true
            for other in 0..<count where !isDone[other] {
                guard let link = links[key(next, other)], let base = estimates[next] else {
                    continue
                }
                let step = next < other ? link.offset : 0 &- link.offset
                let candidate = ClockEstimate(
                    offsetNanoseconds: base.offsetNanoseconds &+ step,
                    uncertaintyNanoseconds: base.uncertaintyNanoseconds.flatMap { base in
                        link.uncertainty.map { base &+ $0 }
                    },
                    method: base.method == .oneWay ? .oneWay : link.method,
                    sampleCount: link.sampleCount
                )
                if Self.cost(candidate) < Self.cost(estimates[other]) {
                    estimates[other] = candidate
                }
            }
        }
        return estimates
    }

    private static func cost(_ estimate: ClockEstimate?) -> Int64 {
        guard let estimate else { return .max }
        return estimate.uncertaintyNanoseconds ?? .max - 1
    }
}
