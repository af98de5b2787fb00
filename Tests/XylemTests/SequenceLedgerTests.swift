import Histogram
import Testing

@testable import xylem

@Suite struct SequenceLedgerTests {
    @Test func `in order`() {
        var ledger = SequenceLedger()
        for number in 0..<UInt64(5) { #expect(ledger.handle(number) == .inOrder) }
        #expect(ledger.isComplete)
        #expect(ledger.next == 5)
    }

    @Test func `a gap is missing until its messages come late`() {
        var ledger = SequenceLedger()
        #expect(ledger.handle(0) == .inOrder)
        #expect(ledger.handle(4) == .gap(missing: 3))
        #expect(!ledger.isComplete)
        #expect(ledger.handle(2) == .late)
        #expect(ledger.missingCount == 2)
        #expect(ledger.handle(2) == .duplicate)
        #expect(ledger.handle(1) == .late)
        #expect(ledger.handle(3) == .late)
        #expect(ledger.isComplete)
        #expect(ledger.lateCount == 3)
        #expect(ledger.duplicateCount == 1)
    }

    @Test func `who comes later misses nothing of before, but is not complete`() {
        var ledger = SequenceLedger()
        #expect(ledger.handle(10) == .inOrder)
        #expect(ledger.missingCount == 0)
        #expect(!ledger.isComplete)
        #expect(ledger.handle(8) == .late)
        #expect(ledger.first == 8)
        #expect(ledger.missingCount == 1)
        #expect(ledger.handle(9) == .late)
        #expect(ledger.missingCount == 0)
    }

    @Test func `beyond the bound the oldest gap stays missing`() {
        var ledger = SequenceLedger(holeCountMax: 2)
        for number in [0, 2, 4, 6] as [UInt64] { _ = ledger.handle(number) }
        #expect(ledger.missingCount == 3)
        #expect(ledger.handle(1) == .duplicate)
        #expect(ledger.handle(3) == .late)
        #expect(ledger.missingCount == 2)
    }

    /// Against a set of the numbers that arrived, in an order that one seed gives.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `a shuffled sequence is judged like a set`(seed: UInt64) {
        var generator = SplitMix(state: seed)
        var numbers = Array(0..<UInt64(200)).filter { _ in !generator.next().isMultiple(of: 5) }
        numbers.append(contentsOf: numbers.prefix(20))
        numbers.shuffle(using: &generator)
        var ledger = SequenceLedger()
        var seen = Set<UInt64>()
        var duplicateCount: UInt64 = 0
        for number in numbers {
            let isNew = seen.insert(number).inserted
            if !isNew { duplicateCount += 1 }
            #expect((ledger.handle(number) == .duplicate) == !isNew, "seed \(seed)")
        }
        let (first, last) = (seen.min() ?? 0, seen.max() ?? 0)
        #expect(ledger.first == first)
        #expect(ledger.missingCount == last - first + 1 - UInt64(seen.count), "seed \(seed)")
        #expect(ledger.duplicateCount == duplicateCount, "seed \(seed)")
    }
}

@Suite struct TallyTests {
    @Test func `publishers are told apart`() {
        var tally = Tally()
        for sequence in 0..<UInt64(3) {
            for publisher in [7, 9] as [UInt32] {
                let load = LoadMessage(publisher: publisher, sequence: sequence, sentAt: 100)
                tally.handle(byteCount: 64, load: load, at: 150)
            }
        }
        #expect(tally.loads.map(\.publisher) == [7, 9])
        #expect(tally.isComplete)
        #expect(tally.messageCount == 6)
        #expect(tally.loads[0].delays.max == 50)
    }

    @Test func `a gap of one publisher is a gap`() {
        var tally = Tally()
        tally.handle(byteCount: 1, load: nil, at: 0)
        #expect(!tally.isComplete)
        for sequence in [0, 2] as [UInt64] {
            let load = LoadMessage(publisher: 1, sequence: sequence, sentAt: 9)
            tally.handle(byteCount: 1, load: load, at: 5)
        }
        #expect(tally.missingCount == 1)
        #expect(!tally.isComplete)
        #expect(tally.loads[0].delays.max == 0)
    }
}
