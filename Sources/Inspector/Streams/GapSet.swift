import DequeModule

/// Places of a stream that are still missing, as ranges in rising order.
///
/// Places count from the stream's first number and never wrap. Bounded: beyond `rangeCountMax` the oldest range is given
/// up and handed back.
struct GapSet {
    struct Gap {
        var first: Int
        var last: Int
        /// When its absence was noticed.
        var nanoseconds: Int64

        var count: Int { last - first + 1 }
    }

    private(set) var gaps: Deque<Gap> = []
    private let rangeCountMax: Int

    init(rangeCountMax: Int) {
        self.rangeCountMax = rangeCountMax
    }

    var isEmpty: Bool { gaps.isEmpty }
    var first: Gap? { gaps.first }

    /// Adds what is beyond all others; gives back what had to give way.
    mutating func append(_ gap: Gap) -> Gap? {
        gaps.append(gap)
        return gaps.count > rangeCountMax ? gaps.removeFirst() : nil
    }

    func contains(_ place: Int) -> Bool { index(of: place) != nil }

    /// Whether the place was missing; it is not any longer. Gives when its absence was noticed.
    mutating func remove(_ place: Int) -> Int64? {
        guard let index = index(of: place) else { return nil }
        let gap = gaps[index]
        switch (place == gap.first, place == gap.last) {
        case (true, true): gaps.remove(at: index)
        case (true, false): gaps[index].first = place + 1
        case (false, true): gaps[index].last = place - 1
        case (false, false):
            gaps[index].last = place - 1
            let rest = Gap(first: place + 1, last: gap.last, nanoseconds: gap.nanoseconds)
            gaps.insert(rest, at: index + 1)
        // One more range than allowed for a moment; the next gap that is appended makes it good.
        }
        return gap.nanoseconds
    }

    /// Takes the oldest range if it is wholly before `place` and was noticed before `nanoseconds`.
    mutating func removeFirst(before place: Int, noticedBefore nanoseconds: Int64) -> Gap? {
        guard let gap = gaps.first, gap.last < place, gap.nanoseconds < nanoseconds else {
            return nil
        }
        return gaps.removeFirst()
    }

    mutating func removeAll() -> Deque<Gap> {
        defer { gaps = [] }
        return gaps
    }

    private func index(of place: Int) -> Int? {
        var low = 0
        var high = gaps.count
        while low < high {
            let middle = (low + high) / 2
            if gaps[middle].last < place { low = middle + 1 } else { high = middle }
        }
        return low < gaps.count && gaps[low].first <= place ? low : nil
    }
}
