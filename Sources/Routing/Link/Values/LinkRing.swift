import DequeModule
import Wire

/// What a relay's ring holds, without the messages: for each number whose it was, and whether its message is there
/// (tree-link.md, D2 and §9).
///
///     base │ base + 1 …                                   last │
///          │ segments: origin and its sequence, for every number │
///          │ held: whose messages the shell has                  │
///          │ void: numbers that never had one                    │
///
/// A number that is neither held nor void was of no interest here; at a root, it waits for its origin.
struct LinkRing: Sendable {
    struct Segment: Sendable {
        var first: UInt64
        var origin: Int
        var sequence: UInt64
        var count: UInt64
        var octetCount: Int
        var time: Instant

        var last: UInt64 { first + (count - 1) }
    }

    /// The number before the first that the ring knows.
    private(set) var base: UInt64 = 0
    private(set) var last: UInt64 = 0
    private(set) var octetCount = 0
    private(set) var held = NumberSet()
    private(set) var void = NumberSet()
    private var segments: Deque<Segment> = []
    /// Of the past, while it comes; in front of the ring when it is whole.
    private var prelude: [Segment] = []

    var numbers: LinkNumbers? { LinkNumbers(from: base + 1, through: last) }

    // MARK: - What a number is

    /// The origins of numbers of the ring, in order.
    func origins(of numbers: LinkNumbers) -> [OriginRange] {
        var found: [OriginRange] = []
        var place = self.place(of: numbers.lowerBound)
        while place < segments.count {
            let segment = segments[place]
            guard let part = (segment.first...segment.last).intersection(numbers) else { break }
            let first = segment.sequence + (part.lowerBound - segment.first)
            let count = part.upperBound - part.lowerBound + 1
            if let last = found.last, last.index == segment.origin, last.first + last.count == first
            {
                found[found.count - 1].count += count
            } else {
                found.append(OriginRange(index: segment.origin, first: first, count: count))
            }
            place += 1
        }
        return found
    }

    /// Calls `body` with each stretch of `numbers` of one origin.
    func forEachStretch(in numbers: LinkNumbers, _ body: (LinkNumbers, OriginRange) -> Void) {
        var first = numbers.lowerBound
        for range in origins(of: numbers) {
            body(first...(first + (range.count - 1)), range)
            first += range.count
        }
    }

    /// The number that was the last one at that time; the ring's first when that is longer ago than it remembers.
    func number(at time: Instant) -> UInt64 {
        segments.last { $0.time <= time }?.last ?? base
    }

    /// When the number came; `nil` = the ring has it not.
    func time(of number: UInt64) -> Instant? {
        guard number > base, number <= last else { return nil }
        return segments[place(of: number)].time
    }

    /// Octets of the messages behind a number, to the stretch that it is in.
    func octetCount(after number: UInt64) -> Int {
        var count = 0
        for segment in segments.reversed() {
            guard segment.last > number else { break }
            count += segment.octetCount
        }
        return count
    }

    // MARK: - Growing

    /// Numbers the ring's next.
    mutating func append(_ ranges: [OriginRange], octetCount: Int, at time: Instant) {
        var octetsLeft = octetCount
        var numbersLeft = ranges.reduce(0) { $0 + $1.count }
        for range in ranges where range.count > 0 {
            let share =
                numbersLeft == range.count
                ? octetsLeft : Int(UInt64(octetsLeft) / numbersLeft * range.count)
            octetsLeft -= share
            numbersLeft -= range.count
            self.octetCount += share
            if let old = segments.last, old.origin == range.index,
                old.sequence + old.count == range.first,
                old.count < Self.segmentCountMax, time - old.time < Self.segmentTimeMax
            {
                segments[segments.count - 1].count += range.count
                segments[segments.count - 1].octetCount += share
            } else {
                segments.append(
                    Segment(
                        first: last + 1,
                        origin: range.index,
                        sequence: range.first,
                        count: range.count,
                        octetCount: share,
                        time: time
                    )
                )
            }
            last += range.count
        }
    }

    mutating func hold(_ numbers: LinkNumbers) {
        held.insert(numbers)
    }

    mutating func makeVoid(_ numbers: LinkNumbers) {
        held.remove(numbers)
        void.insert(numbers)
    }

    /// Of the past: numbers before the ring's first are kept until the whole of it has come.
    mutating func notePast(_ numbers: LinkNumbers, _ ranges: [OriginRange], at time: Instant) {
        var first = numbers.lowerBound
        for range in ranges {
            let count = min(range.count, base >= first ? base - first + 1 : 0)
            if count > 0, prelude.last.map({ $0.last < first }) ?? true {
                prelude.append(
                    Segment(
                        first: first,
                        origin: range.index,
                        sequence: range.first,
                        count: count,
                        octetCount: 0,
                        time: time
                    )
                )
            }
            first += range.count
        }
    }

    /// All of what was asked for of the past has come: the ring begins with it, when nothing is missing in between.
    mutating func joinPast() {
        while let segment = prelude.popLast(), segment.last == base {
            segments.prepend(segment)
            base = segment.first - 1
        }
        prelude = []
        held.remove(through: base)
        void.remove(through: base)
    }

    // MARK: - Shrinking

    /// The history ends there; gives back what is taken away.
    mutating func truncate(after number: UInt64) {
        guard number < last else { return }
        while let segment = segments.last, segment.last > number {
            guard segment.first > number else {
                segments[segments.count - 1].count = number - segment.first + 1
                break
            }
            octetCount -= segment.octetCount
            segments.removeLast()
        }
        last = max(number, base)
        held.remove(after: number)
        void.remove(after: number)
    }

    /// Takes away the oldest while the ring is beyond its bounds, but nothing behind `floor`. Whether that was anything.
    mutating func trim(
        octetCountMax: Int,
        before oldest: Instant,
        keepingAfter floor: UInt64
    ) -> Bool {
        let oldBase = base
        while let segment = segments.first, segment.last <= floor,
            octetCount > octetCountMax || segment.time < oldest
        {
            octetCount -= segment.octetCount
            base = segment.last
            segments.removeFirst()
        }
        guard base > oldBase else { return false }
        held.remove(through: base)
        void.remove(through: base)
        return true
    }

    /// Begins anew behind a number.
    mutating func restart(after number: UInt64) {
        self = LinkRing()
        base = number
        last = number
    }

    /// Of the segment that has the number.
    private func place(of number: UInt64) -> Int {
        var (low, high) = (0, segments.count)
        while low < high {
            let middle = (low + high) / 2
            if segments[middle].last < number { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static let segmentCountMax: UInt64 = 4_096
    private static let segmentTimeMax: Duration = .milliseconds(10)
}
