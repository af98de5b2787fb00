import PGM
import Testing

@Suite struct SequenceNumberTests {
    @Test func `numbers wrap`() {
        let last = SequenceNumber(.max)
        #expect(last + 1 == SequenceNumber(0))
        #expect(SequenceNumber(2).distance(from: last) == 3)
        #expect(last.distance(from: SequenceNumber(2)) == -3)
        #expect(SequenceNumber(0).isAfter(last))
        #expect(!last.isAfter(SequenceNumber(0)))
    }
}
