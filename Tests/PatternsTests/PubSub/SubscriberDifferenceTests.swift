import Patterns
import Simulation
import Testing

/// Inverted matching: everybody but those who match.
@Suite struct SubscriberDifferenceTests {
    @Test(arguments: 0..<50 as Range<UInt64>)
    func `it is that of sets, in order`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let all = (0..<40 as Range<UInt32>).filter { _ in Bool.random(using: &generator) }
        let excluded = (0..<40 as Range<UInt32>).filter { _ in Bool.random(using: &generator) }
        let rest = excluded.map { SubscriberID($0) }.withUnsafeBufferPointer {
            SubscriberID.difference(of: all.map { SubscriberID($0) }, without: $0)
        }
        #expect(rest.map(\.rawValue) == Set(all).subtracting(excluded).sorted(), "seed \(seed)")
    }
}
