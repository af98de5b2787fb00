@testable import Routing
import Simulation
import Testing
import Wire

/// Numbers, epochs and rings.
@Suite struct LinkValuesTests {
    @Test(arguments: 0..<8)
    func `a set of numbers is a set`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var numbers = NumberSet()
        var expected = Set<UInt64>()
        for _ in 0..<400 {
            let first = UInt64.random(in: 0...60, using: &random)
            let range = first...(first + UInt64.random(in: 0...9, using: &random))
            switch Int.random(in: 0..<5, using: &random) {
            case 0..<3:
                numbers.insert(range)
                expected.formUnion(range)
            case 3:
                numbers.remove(range)
                expected.subtract(range)
            default:
                numbers.remove(through: first / 4)
                expected.subtract(0...(first / 4))
            }
            #expect((0...80).filter { numbers.contains($0) } == expected.sorted())
            let ranges = numbers.ranges
            #expect(
                zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound + 1 < $1.lowerBound }
            )
            #expect(
                numbers.parts(of: range).flatMap { Array($0) } == range.filter(expected.contains)
            )
            #expect(
                numbers.gaps(in: range).flatMap { Array($0) }
                    == range.filter { !expected.contains($0) }
            )
            #expect(numbers.contains(range) == range.allSatisfy(expected.contains))
        }
    }

    @Test func `D7: epochs between two that are known ended where the first of them did`() {
        var book = EpochBook(LinkRoot(node: "r", epoch: 3))
        book.begin(6, after: 120)
        book.begin(7, after: 150)
        #expect(book.end(of: 3) == 120)
        #expect(book.end(of: 5) == 120)
        #expect(book.end(of: 6) == 150)
        #expect(book.end(of: 7) == nil)
        #expect(book.end(of: 2) == nil)
        #expect(book.successor(of: 3)?.epoch == 6)
        #expect(book.successor(of: 5)?.epoch == 6)
        #expect(book.successor(of: 5)?.first == 121)
        #expect(book.successor(of: 6)?.epoch == 7)
        #expect(book.successor(of: 7)?.epoch == nil)
    }

    @Test func `D5: what a child needs begins at the lowest end since its epoch`() {
        var book = EpochBook(LinkRoot(node: "r", epoch: 1))
        book.begin(2, after: 10)
        book.begin(3, after: 15)
        #expect(book.firstAsked(by: LinkPosition(epoch: 1, number: 14)) == 11)
        #expect(book.firstAsked(by: LinkPosition(epoch: 1, number: 4)) == 5)
        #expect(book.firstAsked(by: LinkPosition(epoch: 2, number: 20)) == 16)
        #expect(book.firstAsked(by: LinkPosition(epoch: 3, number: 20)) == 21)
    }

    @Test func `D7: 64 ends of epochs are remembered`() {
        var book = EpochBook(LinkRoot(node: "r", epoch: 1))
        for epoch in UInt64(2)...70 { book.begin(epoch, after: epoch * 10) }
        #expect(book.ends.count == 64)
        #expect(!book.remembers(5))
        #expect(book.remembers(6))
    }

    private static func ring(_ counts: [(origin: Int, count: UInt64)]) -> LinkRing {
        var ring = LinkRing()
        var next: [Int: UInt64] = [:]
        for (index, part) in counts.enumerated() {
            let first = next[part.origin, default: 1]
            next[part.origin] = first + part.count
            ring.append(
                [OriginRange(index: part.origin, first: first, count: part.count)],
                octetCount: Int(part.count) * 100,
                at: Instant(nanoseconds: Int64(index) * 1_000_000_000)
            )
        }
        return ring
    }

    @Test func `a ring knows whose each number was`() {
        let ring = Self.ring([(0, 3), (1, 2), (0, 4)])
        #expect(ring.last == 9)
        #expect(
            ring.origins(of: 3...8) == [
                OriginRange(index: 0, first: 3, count: 1),
                OriginRange(index: 1, first: 1, count: 2),
                OriginRange(index: 0, first: 4, count: 3),
            ]
        )
    }

    @Test func `§9: a ring loses its oldest by octets and by time, and nothing behind the floor`() {
        var ring = Self.ring([(0, 3), (1, 2), (0, 4)])
        let long = Instant(nanoseconds: -1)
        var isLess = ring.trim(octetCountMax: 600, before: long, keepingAfter: 9)
        #expect(isLess)
        #expect(ring.numbers == 4...9)
        #expect(ring.octetCount == 600)
        let second = Instant(nanoseconds: 1_500_000_000)
        isLess = ring.trim(octetCountMax: 600, before: second, keepingAfter: 4)
        #expect(!isLess)
        isLess = ring.trim(octetCountMax: 600, before: second, keepingAfter: 5)
        #expect(isLess)
        #expect(ring.numbers == 6...9)
    }

    @Test func `a ring is cut in the middle of an origin's messages, and goes on`() {
        var ring = Self.ring([(0, 3), (1, 2)])
        ring.hold(1...5)
        ring.truncate(after: 2)
        #expect(ring.last == 2)
        #expect(ring.held.ranges == [1...2])
        ring.append(
            [OriginRange(index: 1, first: 1, count: 2)],
            octetCount: 0,
            at: Instant(nanoseconds: 0)
        )
        #expect(ring.origins(of: 2...4).map(\.index) == [0, 1])
    }

    @Test func `D5: the past comes in front of a ring when it is whole`() {
        var ring = LinkRing()
        ring.restart(after: 10)
        ring.notePast(
            4...7,
            [OriginRange(index: 0, first: 4, count: 4)],
            at: Instant(nanoseconds: 0)
        )
        ring.notePast(
            8...10,
            [OriginRange(index: 0, first: 8, count: 3)],
            at: Instant(nanoseconds: 0)
        )
        ring.joinPast()
        #expect(ring.base == 3)
        #expect(ring.origins(of: 4...10) == [OriginRange(index: 0, first: 4, count: 7)])
    }

    @Test func `D5: a past with a hole in it is no past`() {
        var ring = LinkRing()
        ring.restart(after: 10)
        ring.notePast(
            4...7,
            [OriginRange(index: 0, first: 4, count: 4)],
            at: Instant(nanoseconds: 0)
        )
        ring.hold(4...7)
        ring.joinPast()
        #expect(ring.base == 10)
        #expect(ring.held.isEmpty)
    }
}
