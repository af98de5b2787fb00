import Testing

@testable import Inspector

/// What came before and after what, where several taps each had messages that others lack.
@Suite struct MessageOrderTests {
    /// leaf: 0 1 2 3; source: 0 1 (4 5) 2 3 (6); relay: (7) 0 1 (8) 3
    private static let order: MessageOrder = {
        var order = MessageOrder()
        order.append([0, 1, 2, 3], newFrom: 0)
        order.append([0, 1, 4, 5, -1, 2, 3, 6], newFrom: 4)
        order.append([7, 0, 1, 8, 3], newFrom: 7)
        return order
    }()

    private static func isBefore(_ early: Int, _ late: Int) -> Bool {
        let hasEarlier = order.hasEarlier(than: late) { $0 == order.block(of: early) ? early : nil }
        let hasLater = order.hasLater(than: early) { $0 == order.block(of: late) ? late : nil }
        #expect(hasEarlier == hasLater || isApart(early, late), "\(early), \(late)")
        return hasEarlier || hasLater
    }

    /// Of two runs each is known by its own neighbours only.
    private static func isApart(_ left: Int, _ right: Int) -> Bool { left > 3 || right > 3 }

    @Test func `within a track its order counts`() {
        #expect(Self.isBefore(0, 1) && Self.isBefore(4, 5) && !Self.isBefore(5, 4))
        #expect(Self.order.block(of: 3) == 0 && Self.order.block(of: 6) == 1)
        #expect(Self.order.blockCount == 3)
    }

    @Test func `a run is behind and in front of what its track has next to it`() {
        for run in [4, 5] {
            #expect(Self.isBefore(1, run) && Self.isBefore(0, run))
            #expect(Self.isBefore(run, 2) && Self.isBefore(run, 3))
            #expect(!Self.isBefore(run, 1) && !Self.isBefore(2, run))
        }
        #expect(Self.isBefore(3, 6) && Self.isBefore(7, 0))
        #expect(!Self.order.hasLater(than: 6) { _ in nil })
    }

    @Test func `of runs of two tracks between the same messages no order is known`() {
        #expect(!Self.isBefore(4, 8) && !Self.isBefore(8, 5))
        // The relay lacks 2, so 8 may be on either side of it.
        #expect(!Self.isBefore(8, 2) && !Self.isBefore(2, 8))
    }

    @Test func `within a block nothing of others counts`() {
        #expect(!Self.order.hasEarlier(than: 4, isWithinBlock: true) { $0 == 0 ? 0 : nil })
        #expect(Self.order.hasEarlier(than: 5, isWithinBlock: true) { $0 == 1 ? 4 : nil })
    }

    @Test func `what came shortly before is told with the latest first`() {
        #expect(Self.order.recent(before: 5, count: 2) == [4, 1])
        #expect(Self.order.recent(before: 5, count: 9) == [4, 1, 0])
        #expect(Self.order.recent(before: 3, count: 2) == [2, 1])
        #expect(Self.order.recent(before: 7, count: 9).isEmpty)
    }
}
