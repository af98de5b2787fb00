import DequeModule

/// A set of numbers, kept as ranges: in a stream most of them follow each other.
struct NumberSet: Equatable, Sendable {
    /// Ascending, and never two that touch.
    private var stored: Deque<LinkNumbers> = []

    init() {}

    init(_ ranges: some Sequence<LinkNumbers>) {
        ranges.forEach { insert($0) }
    }

    var ranges: [LinkNumbers] { Array(stored) }
    var isEmpty: Bool { stored.isEmpty }
    var first: UInt64? { stored.first?.lowerBound }
    var last: UInt64? { stored.last?.upperBound }

    func contains(_ number: UInt64) -> Bool {
        let place = self.place(of: number)
        return place < stored.count && stored[place].lowerBound <= number
    }

    func contains(_ numbers: LinkNumbers) -> Bool {
        let place = self.place(of: numbers.lowerBound)
        return place < stored.count && stored[place].lowerBound <= numbers.lowerBound
            && stored[place].upperBound >= numbers.upperBound
    }

    mutating func insert(_ numbers: LinkNumbers) {
        // The common case: the end of a stream grows.
        if let last = stored.last, last.upperBound < numbers.lowerBound {
            if last.upperBound + 1 == numbers.lowerBound {
                stored[stored.count - 1] = last.lowerBound...numbers.upperBound
            } else {
                stored.append(numbers)
            }
            return
        }
        var merged = numbers
        let start = place(of: numbers.lowerBound == 0 ? 0 : numbers.lowerBound - 1)
        var end = start
        while end < stored.count, stored[end].lowerBound <= Self.successor(of: merged.upperBound) {
            merged =
                min(
                    merged.lowerBound,
                    stored[end].lowerBound
                )...max(
                    merged.upperBound,
                    stored[end].upperBound
                )
            end += 1
        }
        stored.replaceSubrange(start..<end, with: CollectionOfOne(merged))
    }

    mutating func insert(_ number: UInt64) {
        insert(number...number)
    }

    mutating func remove(_ numbers: LinkNumbers) {
        let start = place(of: numbers.lowerBound)
        var end = start
        var rest: [LinkNumbers] = []
        while end < stored.count, stored[end].lowerBound <= numbers.upperBound {
            let old = stored[end]
            if old.lowerBound < numbers.lowerBound {
                rest.append(old.lowerBound...numbers.lowerBound - 1)
            }
            if old.upperBound > numbers.upperBound {
                rest.append(numbers.upperBound + 1...old.upperBound)
            }
            end += 1
        }
        stored.replaceSubrange(start..<end, with: rest)
    }

    mutating func remove(after number: UInt64) {
        if number < .max { remove(number + 1 ... .max) }
    }

    mutating func remove(through number: UInt64) {
        remove(0...number)
    }

    /// The parts of `numbers` that are in the set, ascending.
    func parts(of numbers: LinkNumbers) -> [LinkNumbers] {
        var parts: [LinkNumbers] = []
        var place = self.place(of: numbers.lowerBound)
        while place < stored.count, let part = stored[place].intersection(numbers) {
            parts.append(part)
            place += 1
        }
        return parts
    }

    /// The parts of `numbers` that are not in the set, ascending.
    func gaps(in numbers: LinkNumbers) -> [LinkNumbers] {
        var rest = NumberSet([numbers])
        for part in parts(of: numbers) { rest.remove(part) }
        return rest.ranges
    }

    /// Of the first range that ends at or behind the number.
    private func place(of number: UInt64) -> Int {
        var (low, high) = (0, stored.count)
        while low < high {
            let middle = (low + high) / 2
            if stored[middle].upperBound < number { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static func successor(of number: UInt64) -> UInt64 {
        number == .max ? number : number + 1
    }
}
