import Patterns
import Simulation
import Testing

/// RFC 48: groups match exactly.
@Suite struct GroupIndexTests {
    private func handle(
        _ index: inout GroupIndex,
        _ group: [UInt8],
        _ isJoin: Bool,
        _ member: UInt32
    ) -> InterestChange {
        group.withUnsafeBytes { index.handle($0, isJoin: isJoin, by: SubscriberID(member)) }
    }

    private func members(_ index: inout GroupIndex, _ group: [UInt8]) -> [UInt32] {
        group.withUnsafeBytes { index.members(of: $0).map(\.rawValue) }
    }

    /// "SHALL perform a group membership check using exact matching algorithm."
    @Test func `neither the beginning of a group nor what goes on after it is the group`() {
        var index = GroupIndex()
        #expect(handle(&index, [1, 2], true, 3) == .topic)
        #expect(handle(&index, [1, 2], true, 7) == .subscriber)
        #expect(handle(&index, [1, 2], true, 7) == .repeated)
        #expect(handle(&index, [], true, 5) == .topic)
        #expect(members(&index, [1, 2]) == [3, 7])
        #expect(members(&index, [1]) == [])
        #expect(members(&index, [1, 2, 3]) == [])
        #expect(members(&index, []) == [5])
        #expect(handle(&index, [1, 2], false, 3) == .subscriber)
        #expect(handle(&index, [1, 2], false, 3) == .none)
        #expect(members(&index, [1, 2]) == [7])
        index.remove(SubscriberID(7))
        #expect(members(&index, [1, 2]) == [])
        #expect(index.groupCount == 1)
    }

    /// "Length MUST be between 0 to 255 bytes"; `group-char = %d1-255`.
    @Test(arguments: [
        (0, nil, true), (255, nil, true), (256, nil, false), (3, 1, false), (3, 2, false),
    ])
    func `a group has up to 255 octets and no zero`(count: Int, zeroAt: Int?, isGroup: Bool) {
        var octets = [UInt8](repeating: 255, count: count)
        if let zeroAt { octets[zeroAt] = 0 }
        #expect(octets.withUnsafeBytes { GroupIndex.isGroup($0) } == isGroup)
    }

    @Test func `one that is too long is nobody's group`() {
        var index = GroupIndex()
        #expect(members(&index, [UInt8](repeating: 1, count: 4_000)) == [])
        let contains = [UInt8](repeating: 1, count: 4_000).withUnsafeBytes { index.contains($0) }
        #expect(!contains)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `groups come and go as in a dictionary`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var index = GroupIndex()
        var expected: [[UInt8]: Set<UInt32>] = [:]
        for step in 0..<800 {
            let count = Int.random(in: 0...3, using: &generator)
            let group = (0..<count).map { _ in UInt8.random(in: 1...3, using: &generator) }
            let member = UInt32.random(in: 0..<6, using: &generator)
            if Int.random(in: 0..<40, using: &generator) == 0 {
                index.remove(SubscriberID(member))
                for key in expected.keys { expected[key]?.remove(member) }
            } else if Bool.random(using: &generator) {
                _ = handle(&index, group, true, member)
                expected[group, default: []].insert(member)
            } else {
                _ = handle(&index, group, false, member)
                expected[group]?.remove(member)
            }
            #expect(
                members(&index, group) == (expected[group] ?? []).sorted(),
                "seed \(seed), step \(step)"
            )
        }
        var groups: [[UInt8]] = []
        index.forEachGroup { groups.append(Array($0)) }
        let held = expected.filter { !$0.value.isEmpty }.keys
        #expect(Set(groups) == Set(held))
    }
}
